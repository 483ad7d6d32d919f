"""The one place where the crash harness lets time pass: faults last, and clients try again."""

import asyncio
import time
from collections.abc import Callable


async def pause(seconds: float) -> None:
    """As a phone does between two tries, or a fault between its beginning and its end."""
    await asyncio.sleep(seconds)


async def until(condition: Callable[[], object], within_s: float, every_s: float = 0.05) -> bool:
    """Look again and again, for other processes cannot wake us; False when it never came true."""
    ends = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > ends:
            return False
        await pause(every_s)
    return True
