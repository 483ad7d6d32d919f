"""Lets few of many in with each pass of the event loop, so that others move in between."""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial


class Turnstile:
    """Whoever comes first goes first, at most `each_pass` in one pass of the running loop."""

    def __init__(self, each_pass: int) -> None:
        self._each_pass = each_pass
        self._waiting: deque[Callable[[], None]] = deque()
        self._turning = False

    def enter(self, go: Callable[[], None]) -> None:
        """Call `go` when its turn has come: soon, where nobody else waits."""
        self._waiting.append(go)
        if not self._turning:
            self._turning = True
            asyncio.get_running_loop().call_soon(self._turn)

    async def through(self) -> None:
        """Return when the caller's turn has come."""
        come: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.enter(partial(_let, come))
        await come

    def _turn(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(min(self._each_pass, len(self._waiting))):
            loop.call_soon(self._waiting.popleft())
        self._turning = bool(self._waiting)
        if self._turning:
            loop.call_soon(self._turn)


def _let(come: "asyncio.Future[None]") -> None:
    if not come.done():  # whoever waited may have left
        come.set_result(None)
