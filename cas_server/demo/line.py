"""One phone's socket: connects, says hello, watches, and comes back when it is lost."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from cas_server.demo.pace import Pace
from cas_server.demo.shapes import Frame

BAD_CREDENTIAL = 4401
TRY_AGAIN = 1013

FIRST_WITHIN_S = 4.0
LONGEST_WAIT_S = 8.0
SILENCE_S = 30.0
"""A healthy server ticks every 2 s."""

_decoder = msgspec.json.Decoder(Frame)
_WATCH = msgspec.json.encode({"type": "watch"}).decode()


class Dismissed(Exception):
    """The server does not know this credential (any more); asking again would not help."""


class Line:
    """A socket that is there most of the time."""

    def __init__(self, server: str, token: str, pace: Pace, chance: Random) -> None:
        self._url = f"ws{server.removeprefix('http').rstrip('/')}/v1/live"
        self._hello = msgspec.json.encode({"type": "hello", "token": token}).decode()
        self._pace = pace
        self._chance = chance
        self._socket: ClientConnection | None = None

    async def run(self, hear: Callable[[Frame], None]) -> None:
        """Hand over every frame, for ever; Dismissed when the credential is refused."""
        failures = 0
        # A hundred phones do not ring the bell in the same instant.
        await self._pace.wait(self._chance.uniform(0, FIRST_WITHIN_S))
        while True:
            code = await self._live(hear)
            if code == BAD_CREDENTIAL:
                raise Dismissed
            failures = 0 if code is not None else failures + 1
            await self._pace.wait(self._backoff_s(failures))

    async def send(self, message: dict[str, Any]) -> None:
        """Send if there is a connection; a fix that cannot go now is not worth keeping."""
        socket = self._socket
        if socket is None:
            return
        try:
            await socket.send(msgspec.json.encode(message).decode())
        except ConnectionClosed:
            self._socket = None

    async def _live(self, hear: Callable[[Frame], None]) -> int | None:
        """One connection from start to end: its close code, None when there was none."""
        try:
            async with connect(
                self._url, compression=None, proxy=None, close_timeout=0.3, ping_timeout=SILENCE_S
            ) as socket:
                return await self._listen(socket, hear)
        except (OSError, TimeoutError, WebSocketException):
            return None

    async def _listen(self, socket: ClientConnection, hear: Callable[[Frame], None]) -> int | None:
        try:
            await socket.send(self._hello)
            async for raw in socket:
                frame = _decoder.decode(raw)
                if frame.type == "welcome":
                    await socket.send(_WATCH)
                    self._socket = socket
                hear(frame)
        except ConnectionClosed:
            pass
        except asyncio.CancelledError:
            # A hundred polite goodbyes would take longer than anybody waits for a Ctrl-C.
            socket.transport.abort()
            raise
        finally:
            self._socket = None
        return socket.close_code

    def _backoff_s(self, failures: int) -> float:
        return self._chance.uniform(0.2, min(LONGEST_WAIT_S, 1.0 * 2**failures))
