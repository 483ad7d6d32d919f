"""Thousands of sockets that watch and, when they are dropped, come back as our clients do."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence

from cas_server.bench.sockets import AT_ONCE, Line, LineLost

# As in clients/shared/live.ts.
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 15.0
CONNECT_WITHIN_S = 10.0
TOO_SLOW = 1013


def retry_delay_s(attempt: int, chance: float) -> float:
    """Between half and all of a delay that doubles, as `retryDelay` there."""
    whole = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** (attempt + 1))
    return max(FIRST_DELAY_S, whole * (0.5 + chance / 2))


class _Watching(Line):
    """A line that says when it has its picture, or that it never will, and when it is gone."""

    def __init__(self, number: int, token: str) -> None:
        super().__init__(number, "/v1/live?frames=lines", token, self._hear)
        loop = asyncio.get_running_loop()
        self.has_picture: asyncio.Future[bool] = loop.create_future()
        self.gone: asyncio.Future[None] = loop.create_future()

    def _hear(self, _: Line, frame: bytes) -> None:
        if not self.has_picture.done() and b'.snapshot"' in frame[:40]:
            self.has_picture.set_result(True)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if not self.has_picture.done():
            self.has_picture.set_result(False)
        if not self.gone.done():
            self.gone.set_result(None)


class Herd:
    """One socket for each token; `open` and `close` are its life."""

    def __init__(self, port: int, tokens: Sequence[str]) -> None:
        self._port = port
        self._tokens = tokens
        self._tasks: list[asyncio.Task[None]] = []
        self._places = asyncio.Semaphore(AT_ONCE)
        self._chance = random.Random(len(tokens))  # noqa: S311 - waits of a benchmark
        self._watching = 0
        self.all_there = asyncio.Event()
        """Set while every socket has its picture."""
        self.all_there_at = 0.0
        """Since when, or when it was so for the last time; on the monotonic clock."""
        self.drops: list[float] = []
        """When sockets that had their picture were dropped, on the monotonic clock."""
        self.codes: Counter[int | None] = Counter()
        """The close codes of these; None where the connection just ended."""
        self.tries = 0
        """Connections begun, the first ones included."""

    @property
    def size(self) -> int:
        return len(self._tokens)

    async def open(self) -> None:
        """Begin, and return when all are watching."""
        self._tasks = [
            asyncio.create_task(self._stay(number, token))
            for number, token in enumerate(self._tokens, start=1)
        ]
        await self.all_there.wait()

    async def close(self) -> None:
        """Hang up for good."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _stay(self, number: int, token: str) -> None:
        # Only the first time in turns: a phone that was dropped knows nothing of the others.
        async with self._places:
            line = await self._try(number, token) or await self._come_back(number, token, None)
        while True:
            self._note(+1)
            try:
                await line.gone
            finally:
                line.close()
            self.drops.append(time.perf_counter())
            self.codes[line.code] += 1
            self._note(-1)
            line = await self._come_back(number, token, line.code)

    def _note(self, change: int) -> None:
        self._watching += change
        if self._watching == len(self._tokens):
            self.all_there.set()
            self.all_there_at = time.perf_counter()
        else:
            self.all_there.clear()

    async def _come_back(self, number: int, token: str, code: int | None) -> _Watching:
        attempt = 0
        while True:
            if code != TOO_SLOW or attempt:
                await asyncio.sleep(retry_delay_s(attempt, self._chance.random()))
            attempt += 1
            if line := await self._try(number, token):
                return line

    async def _try(self, number: int, token: str) -> _Watching | None:
        self.tries += 1
        line = _Watching(number, token)
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                loop = asyncio.get_running_loop()
                await loop.create_connection(lambda: line, "127.0.0.1", self._port)
                await line.ready
                line.send('{"type":"watch"}')
                if await line.has_picture:
                    return line
        except (OSError, TimeoutError, LineLost):
            pass
        line.close()
        return None
