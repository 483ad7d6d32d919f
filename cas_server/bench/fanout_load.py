"""Everybody who listens, and one who tells: a closed loop for the rate, then a steady pace.

python -m cas_server.bench.fanout_load < ORDER.json > OUTCOME.json
"""

import asyncio
import sys
import time
from typing import Self

import msgspec
import uvloop

from cas_server.bench.result import Latency
from cas_server.bench.taps import MARK, Talk, Tap, TapClosed, opened

EVENT_BYTES = 256
WINDOW = 64
"""Events on their way to everybody at most; a quarter of the backlog that loses a watcher."""
PACE_PER_S = 20
ENDS_WITHIN_S = 30.0


class Order(msgspec.Struct, frozen=True):
    """Whom to listen to and how to tell; (before, after) are the bytes around an event."""

    port: int
    sockets: int
    seconds: float
    listener: Talk
    teller: Talk
    before: bytes
    after: bytes


class Outcome(msgspec.Struct, frozen=True):
    """Events delivered a second at full speed, and how long each took at a steady pace."""

    rate: float
    delivered: int
    p50_ms: float
    p99_ms: float
    everybody_got_every_event: bool


def event(number: int) -> bytes:
    """EVENT_BYTES of text; its shape is nobody's business here."""
    head = b'{"type":"bench","n":%d,"x":"%s' % (number, MARK)
    return head + b"x" * (EVENT_BYTES - len(head) - 2) + b'"}'


class Loop:
    """What has been told, and what of it has arrived."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._told_at: list[float] = []
        self._arrived = 0
        self._full_until = 0.0
        self._teller: Tap
        self._taps: list[Tap] = []
        self._all_there = asyncio.Event()
        self.latencies_ms: list[float] | None = None

    async def open(self) -> Self:
        order = self._order
        self._taps = await opened(order.port, order.listener, order.sockets, self._seen)
        [self._teller] = await opened(order.port, order.teller, 1, lambda _, __: None)
        return self

    def close(self) -> None:
        for tap in (*self._taps, self._teller):
            tap.close()

    def _tell(self) -> None:
        self._all_there.clear()
        self._told_at.append(time.perf_counter())
        self._teller.send(self._order.before + event(len(self._told_at)) + self._order.after)

    def _seen(self, tap: Tap, events: int) -> None:
        now = time.perf_counter()
        self._arrived += events
        if self.latencies_ms is not None:
            told_at = self._told_at[tap.seen - events : tap.seen]
            self.latencies_ms += [(now - at) * 1e3 for at in told_at]
        if now < self._full_until:
            self._fill()
        if self._arrived >= len(self._told_at) * self._order.sockets:
            self._all_there.set()

    def _fill(self) -> None:
        room = WINDOW * self._order.sockets
        while len(self._told_at) * self._order.sockets - self._arrived < room:
            self._tell()

    async def rate(self, seconds: float) -> tuple[float, int]:
        """Deliveries a second, and how many, with WINDOW events always on their way."""
        began, before = time.perf_counter(), self._arrived
        self._full_until = began + seconds
        self._fill()
        await asyncio.sleep(seconds)
        delivered, took_s = self._arrived - before, time.perf_counter() - began
        self._full_until = 0.0
        await self._end()
        return delivered / took_s, delivered

    async def pace(self, seconds: float) -> list[float]:
        """How long each delivery took, in ms, with PACE_PER_S events a second."""
        self.latencies_ms = []
        began = time.perf_counter()
        for number in range(max(4, round(seconds * PACE_PER_S))):
            await asyncio.sleep(max(0.0, began + number / PACE_PER_S - time.perf_counter()))
            self._tell()
        await self._end()
        return self.latencies_ms

    async def _end(self) -> None:
        async with asyncio.timeout(ENDS_WITHIN_S):
            while not self._all_there.is_set():
                if any(tap.lost for tap in self._taps):
                    raise TapClosed(b"")
                try:
                    async with asyncio.timeout(1):
                        await self._all_there.wait()
                except TimeoutError:
                    continue

    @property
    def complete(self) -> bool:
        """Everybody got every event once."""
        return all(tap.seen == len(self._told_at) and not tap.lost for tap in self._taps)


async def load(order: Order) -> Outcome:
    """One round."""
    loop = await Loop(order).open()
    try:
        rate, delivered = await loop.rate(order.seconds)
        latency = Latency.of(await loop.pace(order.seconds))
        return Outcome(rate, delivered, latency.p50, latency.p99, loop.complete)
    finally:
        loop.close()


def main() -> None:
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(load(order))))


if __name__ == "__main__":
    main()
