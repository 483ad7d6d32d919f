"""When to try again, and when to give up."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from cas_server.outbox.retry import (
    FIRST_WAIT,
    LONGEST_WAIT,
    MOST_ATTEMPTS,
    Again,
    GiveUp,
    decide,
)


def test_the_wait_doubles_up_to_the_longest() -> None:
    waits = [decide(Again("away"), attempt) for attempt in range(1, MOST_ATTEMPTS)]

    assert waits == [timedelta(seconds=s) for s in (1, 2, 4, 8, 16, 32, 60)]


def test_the_other_sides_wish_is_honoured_when_it_is_longer() -> None:
    assert decide(Again("busy", timedelta(minutes=3)), 1) == timedelta(minutes=3)


def test_a_wish_shorter_than_the_backoff_does_not_shorten_it() -> None:
    assert decide(Again("busy", timedelta(seconds=1)), 4) == timedelta(seconds=8)


def test_the_last_attempt_gives_up_and_says_why_and_how_often() -> None:
    assert decide(Again("away"), MOST_ATTEMPTS) == GiveUp("away, 8 times")


@given(st.integers(1, 10_000), st.one_of(st.none(), st.timedeltas(timedelta(), timedelta(days=1))))
def test_every_attempt_is_followed_by_a_bounded_wait_or_the_end(
    attempt: int, after: timedelta | None
) -> None:
    settled = decide(Again("away", after), attempt)

    if isinstance(settled, GiveUp):
        assert attempt >= MOST_ATTEMPTS
    else:
        assert FIRST_WAIT <= settled <= max(LONGEST_WAIT, after or LONGEST_WAIT)
