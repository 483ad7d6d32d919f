"""When a ring is over, what comes next, and whom an unheard alarm climbs to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cas_server.dispatch import escalation
from cas_server.dispatch.escalation import Reach
from cas_server.dispatch.policy import LAST_RING, Rules

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(st.lists(st.sampled_from(Reach)))
def test_a_ring_is_over_when_nobody_took_it_and_nobody_is_waited_for(offers: list[Reach]) -> None:
    waited_for = Reach.WAITING in offers or Reach.TAKEN in offers

    assert escalation.ring_is_over(offers) is not waited_for


def test_rings_follow_each_other_and_end() -> None:
    assert [escalation.next_ring(ring) for ring in range(LAST_RING + 1)] == [1, 2, 3, None]


@pytest.mark.parametrize(
    ("ring", "told"),
    [
        (1, []),
        (2, [("polsek", "operator")]),
        (3, [("polsek", "pimpinan"), ("polres", "pimpinan")]),
    ],
)
def test_each_ring_tells_its_staff(ring: int, told: list[tuple[str, str]]) -> None:
    summons = escalation.summons_of_ring(ring)

    assert [(one.level, one.role) for one in summons] == told
    assert {one.reason for one in summons} <= {f"ring_{ring}"}


def test_an_unheard_alarm_climbs_twice_and_no_further() -> None:
    rules = Rules(climb_first_s=30, climb_second_s=90)
    due = NOON + timedelta(seconds=30)

    first, second = (escalation.climb(due, climbed, rules) for climbed in (0, 1))

    assert (first.summons.level, first.next_at) == ("polsek", NOON + timedelta(seconds=90))
    assert (second.summons.level, second.next_at) == ("polres", None)
    assert {first.summons.role, second.summons.role} == {"pimpinan"}
    assert {first.summons.reason, second.summons.reason} == {"unacknowledged"}
