"""Who presses next when more press than there are places: others before those who repeat."""

import asyncio
from uuid import UUID

import pytest

from cas_server.alarm.turns import Turns
from cas_server.kit.ids import new_id


class Counter:
    """Everybody at the counter, in the order of being served; each stays until told to go."""

    def __init__(self, places: int) -> None:
        self.turns = Turns(places)
        self.served: list[str] = []
        self.done: dict[str, asyncio.Event] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def come(self, name: str, account_id: UUID, network: str = "10.0.0.0/24") -> None:
        self.done[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._stay(name, account_id, network))
        await settle()

    async def _stay(self, name: str, account_id: UUID, network: str) -> None:
        async with self.turns.of(account_id, network):
            self.served.append(name)
            await self.done[name].wait()

    async def go(self, name: str) -> None:
        self.done[name].set()
        await self.tasks[name]
        await settle()


async def settle() -> None:
    for _ in range(4):
        await asyncio.sleep(0)


async def test_nobody_waits_while_there_is_a_place() -> None:
    counter = Counter(4)
    for name in "abcd":
        await counter.come(name, new_id())
    assert counter.served == list("abcd")
    for name in "abcd":
        await counter.go(name)


async def test_the_presses_of_one_account_follow_each_other() -> None:
    counter, account = Counter(4), new_id()
    await counter.come("first", account)
    await counter.come("second", account)
    assert counter.served == ["first"]

    await counter.go("first")

    assert counter.served == ["first", "second"]
    await counter.go("second")


async def test_networks_take_turns_so_that_a_full_one_holds_up_no_other() -> None:
    counter = Counter(1)
    await counter.come("now", new_id())
    for number in range(5):
        await counter.come(f"flood {number}", new_id(), "203.0.113.0/24")
    await counter.come("genuine", new_id(), "198.51.100.0/24")

    await counter.go("now")
    await counter.go("flood 0")

    assert counter.served == ["now", "flood 0", "genuine"]
    await counter.go("genuine")
    for number in range(1, 5):
        await counter.go(f"flood {number}")


async def test_whoever_has_not_pressed_lately_goes_before_a_hundred_repeats() -> None:
    counter, flooder = Counter(1), new_id()
    await counter.come("0", flooder)
    for number in range(1, 100):
        await counter.come(str(number), flooder)
    await counter.come("genuine", new_id())

    await counter.go("0")
    first = counter.served[1:3]
    for name in first:
        await counter.go(name)

    assert "genuine" in counter.served[1:3]
    for task in counter.tasks.values():
        task.cancel()
    await asyncio.gather(*counter.tasks.values(), return_exceptions=True)


async def test_whoever_gives_up_waiting_leaves_the_place_to_others() -> None:
    counter = Counter(1)
    await counter.come("now", new_id())
    await counter.come("gives up", new_id())
    await counter.come("stays", new_id())
    counter.tasks["gives up"].cancel()
    with pytest.raises(asyncio.CancelledError):
        await counter.tasks["gives up"]

    await counter.go("now")

    assert counter.served == ["now", "stays"]
    await counter.go("stays")
