"""A door that lets few through at a time, one waiting line after the other."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Door:
    """At most `places` inside; a long line holds up no other. Nobody waits while there is room."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def through(self, line: str) -> AsyncIterator[None]:
        """Wait in a line for a place, and hold it while the block runs."""
        if self._free:
            self._free -= 1
        else:
            await self._wait(line)
        try:
            yield
        finally:
            self._leave()

    async def _wait(self, line: str) -> None:
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(line, deque()).append(called)
        try:
            await called
        except asyncio.CancelledError:
            if not called.cancelled():
                self._leave()  # called in the same moment: the place goes to the next
            raise

    def _leave(self) -> None:
        while self._lines:
            line, waiting = next(iter(self._lines.items()))
            called = waiting.popleft()
            if waiting:
                self._lines.move_to_end(line)
            else:
                del self._lines[line]
            if not called.done():
                called.set_result(None)
                return
        self._free += 1
