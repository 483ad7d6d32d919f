"""Places in the darkroom: one for each sender, and none for a crowd."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from cas_server.pictures.darkroom import MOST_OF_ONE, Darkroom, PicturesBusy


async def test_whoever_sends_slowly_holds_one_place_and_the_next_sender_goes_in() -> None:
    darkroom = Darkroom()
    inside: list[str] = []
    told_to_end = asyncio.Event()

    async def send(sender: str) -> None:
        async with darkroom.place(sender):
            inside.append(sender)
            await told_to_end.wait()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(MOST_OF_ONE):
            tasks.create_task(send("slow"))
        tasks.create_task(send("other"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert inside == ["slow", "other"]
        told_to_end.set()

    assert inside.count("slow") == MOST_OF_ONE


async def test_one_sender_with_a_crowd_of_pictures_is_asked_to_come_again() -> None:
    darkroom = Darkroom()
    async with AsyncExitStack() as held:
        await held.enter_async_context(darkroom.place("crowd"))
        waiting = [asyncio.ensure_future(_through(darkroom)) for _ in range(MOST_OF_ONE - 1)]
        await asyncio.sleep(0)

        with pytest.raises(PicturesBusy):
            await _through(darkroom)

    await asyncio.gather(*waiting)
    await _through(darkroom)


async def _through(darkroom: Darkroom) -> None:
    async with darkroom.place("crowd"):
        pass
