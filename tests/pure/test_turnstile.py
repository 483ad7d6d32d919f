"""The turnstile: first come, first through, a few in each pass of the loop."""

import asyncio

from cas_server.kit.turnstile import Turnstile


async def test_a_few_go_through_in_each_pass_and_others_move_in_between() -> None:
    turnstile, through, seen = Turnstile(2), list[int](), list[int]()
    for number in range(5):
        turnstile.enter(lambda number=number: through.append(number))  # type: ignore[misc]  # mypy cannot see through a default
    while len(through) < 5:
        await asyncio.sleep(0)
        seen.append(len(through))

    assert through == [0, 1, 2, 3, 4]
    assert {2, 4} <= set(seen)


async def test_one_that_stumbles_holds_nobody_up() -> None:
    turnstile, through, stumbled = Turnstile(1), list[int](), list[object]()
    asyncio.get_running_loop().set_exception_handler(lambda _, told: stumbled.append(told))
    turnstile.enter(lambda: through.append(1 // 0))
    turnstile.enter(lambda: through.append(2))
    while not through:  # noqa: ASYNC110 - a pass of the loop is what is waited for
        await asyncio.sleep(0)
    turnstile.enter(lambda: through.append(3))
    while len(through) < 2:  # noqa: ASYNC110 - the same
        await asyncio.sleep(0)

    assert (through, len(stumbled)) == ([2, 3], 1)


async def test_who_waits_for_a_turn_and_leaves_holds_nobody_up() -> None:
    turnstile, through = Turnstile(1), list[int]()

    async def go(number: int) -> None:
        await turnstile.through()
        through.append(number)

    first, left, last = [asyncio.create_task(go(number)) for number in range(3)]
    await asyncio.sleep(0)
    left.cancel()
    await asyncio.gather(first, last)

    assert through == [0, 2]
    assert left.cancelled()
