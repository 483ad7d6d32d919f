"""A WebSocket client that costs next to nothing: thousands of phones fit beside a server."""

import asyncio
import resource
import socket
import struct
from collections.abc import Callable, Sequence
from typing import cast

from cas_server.errors import CasError

_UPGRADE = (
    "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n"
)
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_SHORT, _MEDIUM = 126, 127
AT_ONCE = 50
FILES_BESIDE = 500
"""Files that a process of a benchmark has open beside its sockets."""
SMALL_BUFFER_BYTES = 4_096

OnFrame = Callable[["Line", bytes], None]


class LineLost(CasError):
    code = "bench_line_lost"

    def __init__(self, why: str) -> None:
        super().__init__(f"a socket ended before the benchmark did: {why}")


class Line(asyncio.Protocol):
    """One socket. The mask is zero, which the protocol allows and which costs nothing."""

    def __init__(self, number: int, path: str, token: str | None, on_frame: OnFrame) -> None:
        self.number = number
        self._path = path
        self._token = token
        self._on_frame = on_frame
        self._waiting = b""
        self._upgraded = False
        self._transport: asyncio.Transport | None = None
        self.lost = False
        self.code: int | None = None
        """The close code, once the server has sent one."""
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not say that they are asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(_UPGRADE.format(path=self._path).encode())

    def send(self, text: str) -> None:
        """Send one text frame."""
        self._write(_TEXT, text.encode())

    def stop_reading(self) -> None:
        """From now on whatever comes stays in the kernel's buffers, and then in the server's."""
        assert self._transport is not None
        self._transport.pause_reading()

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def _write(self, opcode: int, payload: bytes) -> None:
        assert self._transport is not None
        size = len(payload)
        head = bytes([0x80 | opcode])
        if size < _SHORT:
            head += bytes([0x80 | size])
        else:
            head += bytes([0x80 | _SHORT]) + struct.pack("!H", size)
        self._transport.write(head + b"\0\0\0\0" + payload)

    def data_received(self, data: bytes) -> None:
        self._waiting = self._waiting + data if self._waiting else data
        if not self._upgraded:
            head, end, rest = self._waiting.partition(b"\r\n\r\n")
            if not end:
                return
            if b" 101 " not in head[:20]:
                self._fail(head[:80].decode(errors="replace"))
                return
            self._upgraded, self._waiting = True, rest
            self._greet()
        while self._take_frame():
            pass

    def _greet(self) -> None:
        if self._token is None:
            self.ready.set_result(None)
        else:
            self.send('{"type":"hello","token":"' + self._token + '"}')

    def _take_frame(self) -> bool:
        data = self._waiting
        if len(data) < 2:
            return False
        size, start = data[1] & 0x7F, 2
        if size == _SHORT:
            size, start = int.from_bytes(data[2:4]), 4
        elif size == _MEDIUM:
            size, start = int.from_bytes(data[2:10]), 10
        if len(data) < start + size:
            return False
        self._waiting = data[start + size :]
        self._obey(data[0] & 0x0F, data[start : start + size])
        return True

    def _obey(self, opcode: int, payload: bytes) -> None:
        if opcode == _TEXT:
            if self.ready.done():
                self._on_frame(self, payload)
            elif payload.startswith(b'{"type":"welcome"'):
                self.ready.set_result(None)
            else:
                self._fail(payload[:120].decode(errors="replace"))
        elif opcode == _PING:
            self._write(_PONG, payload)
        elif opcode == _CLOSE:
            self.code = int.from_bytes(payload[:2])
            self._fail(f"closed with {self.code}")

    def _fail(self, why: str) -> None:
        self.lost = True
        if not self.ready.done():
            self.ready.set_exception(LineLost(why))

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(str(exc or "hung up"))


async def open_lines(
    port: int, path: str, tokens: Sequence[str | None], on_frame: OnFrame
) -> list[Line]:
    """One signed-in line for each token, numbered from 1; AT_ONCE of them at a time."""
    loop = asyncio.get_running_loop()
    lines: list[Line] = []
    for start in range(0, len(tokens), AT_ONCE):
        batch = []
        for number, token in enumerate(tokens[start : start + AT_ONCE], start + 1):
            line = Line(number, path, token, on_frame)
            await loop.create_connection(lambda line=line: line, "127.0.0.1", port)  # type: ignore[misc]  # mypy cannot see through a default
            batch.append(line)
        await asyncio.gather(*(line.ready for line in batch))
        lines += batch
    return lines


async def open_silent(port: int, token: str, watches: Sequence[str]) -> list[Line]:
    """One line for each thing to watch, which it asks for and never reads; AT_ONCE at a time."""
    lines: list[Line] = []
    for start in range(0, len(watches), AT_ONCE):
        batch = enumerate(watches[start : start + AT_ONCE], start + 1)
        lines += await asyncio.gather(
            *(_open_silent(port, token, number, watch) for number, watch in batch)
        )
    return lines


async def _open_silent(port: int, token: str, number: int, watch: str) -> Line:
    loop = asyncio.get_running_loop()
    # A small buffer, set before the handshake: the rest is the server's to keep.
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER_BYTES)
    small.settimeout(0)
    await loop.sock_connect(small, ("127.0.0.1", port))
    line = Line(number, "/v1/live?frames=lines", token, _unread)
    await loop.create_connection(lambda: line, sock=small)
    await line.ready
    line.stop_reading()
    line.send(watch)
    return line


def _unread(_: Line, __: bytes) -> None:
    """Never called: nobody reads."""


def require_alive(lines: Sequence[Line]) -> None:
    """LineLost when any socket has ended: a figure without it would flatter."""
    lost = sum(line.lost for line in lines)
    if lost:
        raise LineLost(f"{lost} of {len(lines)}")


def allow_sockets(wanted: int) -> int:
    """How many sockets this process, and each it starts from now on, may hold: `wanted` at most.

    The limit is raised where that is allowed; above the hard limit, by root alone.
    """
    needed = wanted + FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for most in (max(hard, needed), hard):
        if soft >= needed:
            break
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, most), most))
        except (ValueError, OSError):
            continue
        soft = min(needed, most)
    return min(wanted, soft - FILES_BESIDE)
