"""What one connection may take of everybody's time: to say what it wants, to hear, to come in."""

import asyncio
import socket
import sys
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cas_server.kit.turnstile import Turnstile

HEADERS_WITHIN_S = 10.0
UNHEARD_WITHIN_S = 40.0
"""As long as two pings of a socket."""
UNSENT_BYTES = 65_536
"""What the kernel may hold of one connection, which else grows to 4 MB; it counts this twice, for
what it needs beside. Enough for 0.6 MB/s at a round trip of 100 ms."""


def bound_waiting(listening: socket.socket, unheard_within_s: float = UNHEARD_WITHIN_S) -> None:
    """Bound what a client that never reads can make this machine hold, and for how long.

    Connections accepted here inherit it. Closing alone would not do: what was sent before would
    wait to be read for as long as the other end keeps the connection open.
    """
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNSENT_BYTES)
    if sys.platform == "linux":
        within_ms = round(unheard_within_s * 1_000)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, within_ms)


UPGRADES_EACH_PASS = 4
"""Sockets that are let in with each pass of the event loop, 3 to 5 ms of it: when thousands come
back in one moment, a press still gets its turns."""


class PatientHttp(HttpToolsProtocol):
    """uvicorn's own protocol, with a deadline for the head of each request and turns for sockets.

    Each server has a class of its own, with its own `turnstile`.
    """

    turnstile: Turnstile
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        self._wait_no_more()
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        # It has nothing to say before it is answered.
        self.transport.pause_reading()
        self.turnstile.enter(self._upgrade)

    def _upgrade(self) -> None:
        if not self.transport.is_closing():
            super().handle_websocket_upgrade()
            # The socket has taken over; this and its parser would hold each other as long.
            self.parser = None  # type: ignore[assignment]
            self.transport.resume_reading()

    def _wait(self) -> None:
        self._wait_no_more()
        self._deadline = self.loop.call_later(HEADERS_WITHIN_S, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def patient_http() -> type[PatientHttp]:
    """The protocol of one server."""

    class Http(PatientHttp):
        turnstile = Turnstile(UPGRADES_EACH_PASS)

    return Http
