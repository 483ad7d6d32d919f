"""Sockets that count: what arrives is looked at as bytes, so that the load is never the slowest."""

import asyncio
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from cas_server.errors import CasError

MARK = b"~bench~"
"""Stands once in every event, and nowhere else."""

AT_ONCE = 50
OPEN_WITHIN_S = 60.0
_UPGRADE = (
    "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n{more}\r\n"
)
_SHORT, _MEDIUM = 126, 127
TEXT, BINARY = 0x1, 0x2


class TapClosed(CasError):
    code = "bench_tap_closed"

    def __init__(self, said: bytes) -> None:
        super().__init__(f"a server hung up on a socket that counts; it had said {said[-200:]!r}")


@dataclass(frozen=True, slots=True)
class Talk:
    """How one speaks to a server: its path, and what is answered to what it says, in order.

    `steps` are (expected, answer): once the bytes are seen, the answer is sent. After the last
    step the socket gets every event.
    """

    path: str
    steps: Sequence[tuple[bytes, bytes]]
    protocol: str = ""

    def upgrade(self) -> bytes:
        more = f"sec-websocket-protocol: {self.protocol}\r\n" if self.protocol else ""
        return _UPGRADE.format(path=self.path, more=more).encode()


def frame(opcode: int, payload: bytes) -> bytes:
    """One frame of a client. Its mask is zero: the protocol allows it, and it costs nothing."""
    head, size = bytes([0x80 | opcode]), len(payload)
    if size < _SHORT:
        head += bytes([0x80 | size])
    elif size < 1 << 16:
        head += bytes([0x80 | _SHORT]) + struct.pack("!H", size)
    else:
        head += bytes([0x80 | _MEDIUM]) + struct.pack("!Q", size)
    return head + b"\0\0\0\0" + payload


class Tap(asyncio.Protocol):
    """One socket. Calls `on_events` with how many events a piece of the stream has ended."""

    def __init__(self, talk: Talk, on_events: Callable[["Tap", int], None]) -> None:
        self._talk = talk
        self._on_events = on_events
        self._steps = list(talk.steps)
        self._said = b""
        self._transport: asyncio.Transport | None = None
        self.seen = 0
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not say that they are asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._talk.upgrade())

    def send(self, data: bytes) -> None:
        """Bytes that are framed already."""
        assert self._transport is not None
        self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        if self._steps:
            self._shake(data)
            return
        # A mark may lie across two pieces; what is carried over is too short to hold one.
        stream = self._said + data
        events = stream.count(MARK)
        self._said = stream[-len(MARK) + 1 :]
        if events:
            self.seen += events
            self._on_events(self, events)

    def _shake(self, data: bytes) -> None:
        self._said += data
        while self._steps and self._steps[0][0] in self._said:
            expected, answer = self._steps.pop(0)
            self._said = self._said.partition(expected)[2]
            if answer:
                self.send(answer)
        if not self._steps:
            self._said = b""
            self.ready.set_result(None)

    def connection_lost(self, _: Exception | None) -> None:
        self.lost = True
        if not self.ready.done():
            self.ready.set_exception(TapClosed(self._said))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


async def opened(
    port: int, talk: Talk, count: int, on_events: Callable[[Tap, int], None]
) -> list[Tap]:
    """So many sockets that have gone through every step; AT_ONCE of them at a time."""
    loop = asyncio.get_running_loop()
    taps: list[Tap] = []
    async with asyncio.timeout(OPEN_WITHIN_S):
        for start in range(0, count, AT_ONCE):
            batch = [Tap(talk, on_events) for _ in range(start, min(count, start + AT_ONCE))]
            for tap in batch:
                await loop.create_connection(lambda tap=tap: tap, "127.0.0.1", port)  # type: ignore[misc]  # mypy cannot see through a default
            await asyncio.gather(*(tap.ready for tap in batch))
            taps += batch
    return taps
