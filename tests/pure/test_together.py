"""Questions at the same time share a call; a single one is not held up, and none is lost."""

import asyncio
from collections.abc import Sequence

import pytest

from cas_server.kit.together import Together

LONG_S = 60.0


class Oracle:
    """Answers with the double, when told to; what is negative has no answer."""

    def __init__(self, at_once: int = 1, most: int = 3, within_s: float = LONG_S) -> None:
        self.calls: list[list[int]] = []
        self.go = asyncio.Event()
        self.fault: Exception | None = None
        self.together: Together[int, int] = Together(
            self._answer, at_once=at_once, most=most, within_s=within_s
        )

    async def _answer(self, questions: Sequence[int]) -> list[int | Exception]:
        self.calls.append(list(questions))
        await self.go.wait()
        if self.fault is not None:
            raise self.fault
        return [2 * n if n >= 0 else ValueError(n) for n in questions]

    def ask(self, number: int) -> "asyncio.Task[int]":
        return asyncio.create_task(self.together.ask(number))


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_first_is_asked_at_once_and_alone_and_the_others_share_the_next_call() -> None:
    oracle = Oracle()
    first = oracle.ask(1)
    await _settle()
    others = [oracle.ask(number) for number in (2, 3, 4, 5)]
    await _settle()
    assert oracle.calls == [[1]]
    oracle.go.set()

    assert await asyncio.gather(first, *others) == [2, 4, 6, 8, 10]
    assert oracle.calls == [[1], [2, 3, 4], [5]]


async def test_no_more_calls_than_allowed_are_under_way() -> None:
    oracle = Oracle(at_once=2, most=1)
    asked = []
    for number in range(4):
        asked.append(oracle.ask(number))
        await _settle()

    assert oracle.calls == [[0], [1]]
    oracle.go.set()
    assert await asyncio.gather(*asked) == [0, 2, 4, 6]


async def test_an_answer_that_is_an_exception_meets_only_who_asked() -> None:
    oracle = Oracle()
    oracle.go.set()
    await oracle.ask(0)
    well, ill = oracle.ask(1), oracle.ask(-1)

    assert await well == 2
    with pytest.raises(ValueError, match="-1"):
        await ill


async def test_a_call_that_fails_meets_all_who_shared_it_and_the_next_one_is_made() -> None:
    oracle = Oracle()
    held = oracle.ask(1)
    await _settle()
    sharing = [oracle.ask(2), oracle.ask(3)]
    await _settle()
    oracle.fault = OSError("gone")
    oracle.go.set()

    for task in (held, *sharing):
        with pytest.raises(OSError, match="gone"):
            await task
    oracle.fault = None
    assert await oracle.ask(4) == 8


async def test_who_gives_up_is_not_asked_for_and_holds_nobody_up() -> None:
    oracle = Oracle()
    first = oracle.ask(1)
    await _settle()
    impatient, patient = oracle.ask(2), oracle.ask(3)
    await _settle()
    impatient.cancel()
    await _settle()
    oracle.go.set()

    assert [await first, await patient] == [2, 6]
    assert oracle.calls == [[1], [3]]


async def test_a_call_that_hangs_is_given_up_and_whoever_asks_later_is_answered() -> None:
    oracle = Oracle(within_s=0.01)
    with pytest.raises(TimeoutError):
        await oracle.ask(1)
    oracle.go.set()

    assert await oracle.ask(2) == 4
    assert oracle.calls == [[1], [2]]
