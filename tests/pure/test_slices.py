"""A long list is made in order, and whoever waits for the loop gets its turn in between."""

import asyncio

import pytest

from cas_server.kit.slices import AT_A_TIME, made_in_slices


@pytest.mark.parametrize("length", [0, 1, AT_A_TIME, AT_A_TIME + 1, 3 * AT_A_TIME])
async def test_every_one_is_made_in_order(length: int) -> None:
    assert await made_in_slices(str, range(length)) == [str(each) for each in range(length)]


async def test_others_move_after_each_slice() -> None:
    made = list[int]()
    seen = list[int]()

    async def look() -> None:
        while len(made) < 3 * AT_A_TIME:
            seen.append(len(made))
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    await asyncio.sleep(0)
    await made_in_slices(made.append, range(3 * AT_A_TIME))
    await looking

    assert seen == [0, AT_A_TIME, 2 * AT_A_TIME]
