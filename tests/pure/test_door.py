"""The door: few at a time, every line in its turn, and nobody lost who gives up."""

import asyncio

import pytest

from cas_server.kit.door import Door


class Crowd:
    """Everybody who came, in the order of getting in; each stays until told to go."""

    def __init__(self, places: int) -> None:
        self.door = Door(places)
        self.inside: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._go: dict[str, asyncio.Event] = {}

    async def come(self, name: str, line: str) -> None:
        self._go[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._stay(name, line))
        await asyncio.sleep(0)

    async def _stay(self, name: str, line: str) -> None:
        async with self.door.through(line):
            self.inside.append(name)
            await self._go[name].wait()

    async def go(self, name: str) -> None:
        self._go[name].set()
        await self.tasks[name]
        await asyncio.sleep(0)


async def test_lines_take_turns() -> None:
    crowd = Crowd(1)
    for name, line in (("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b")):
        await crowd.come(name, line)

    for name in ("a1", "a2", "b1", "a3"):
        await crowd.go(name)

    assert crowd.inside == ["a1", "a2", "b1", "a3"]


async def test_whoever_gives_up_is_passed_over_and_the_place_is_not_lost() -> None:
    crowd = Crowd(1)
    for name in ("first", "gives up", "stays"):
        await crowd.come(name, name)
    crowd.tasks["gives up"].cancel()
    with pytest.raises(asyncio.CancelledError):
        await crowd.tasks["gives up"]

    await crowd.go("first")
    await crowd.go("stays")
    await crowd.come("last", "x")

    assert crowd.inside == ["first", "stays", "last"]
    await crowd.go("last")


async def test_a_call_to_somebody_who_gives_up_in_that_moment_goes_to_the_next() -> None:
    crowd = Crowd(1)
    for name in ("first", "gives up", "stays"):
        await crowd.come(name, name)

    crowd._go["first"].set()
    await asyncio.sleep(0)
    crowd.tasks["gives up"].cancel()
    await asyncio.gather(crowd.tasks["gives up"], return_exceptions=True)
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert "stays" in crowd.inside
    await crowd.go("stays")
