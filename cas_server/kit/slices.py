"""Long lists, made a few at a time, so that whatever else a process does is not kept waiting."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

AT_A_TIME = 250
"""Some 2 ms of officers as a desk sees them."""

Given = TypeVar("Given")
Made = TypeVar("Made")


async def made_in_slices(make: Callable[[Given], Made], of: Sequence[Given]) -> list[Made]:
    """What `make` makes of each, in order."""
    made: list[Made] = []
    for start in range(0, len(of), AT_A_TIME):
        made += map(make, of[start : start + AT_A_TIME])
        await asyncio.sleep(0)
    return made
