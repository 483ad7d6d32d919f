"""uvicorn's WebSocket, which also sends and hears without a task's waking: what is told to, or by,
thousands at once.

Everything else about a socket, handshake, limits, pings and closing, stays uvicorn's.
"""

from functools import lru_cache

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

from cas_server.kit.prompt_line import LINE, PROMPT, Hear, Shared

_WHOLE_TEXT = 0x81
_SHORT, _MEDIUM = 126, 127
_LONGEST_MEDIUM = 0xFFFF


def text_frame(text: str) -> bytes:
    """One message as a server sends it (RFC 6455, 5.2); the same for everybody it is sent to."""
    if not isinstance(text, Shared):
        return _frame(text)
    if text.framed is None:
        text.framed = _frame(text)
    return text.framed


@lru_cache(maxsize=4)
def _frame(text: str) -> bytes:
    payload = text.encode()
    size = len(payload)
    if size < _SHORT:
        head = bytes((_WHOLE_TEXT, size))
    elif size <= _LONGEST_MEDIUM:
        head = bytes((_WHOLE_TEXT, _SHORT)) + size.to_bytes(2)
    else:
        head = bytes((_WHOLE_TEXT, _MEDIUM)) + size.to_bytes(8)
    return head + payload


class PromptWebSocket(WebSocketsSansIOProtocol):
    """A PromptLine: found by its application as an extension of the connection.

    Whatever holds each other in a circle is taken apart when the socket ends: a circle stays until
    a search for garbage, of which a server with thousands of sockets makes few.
    """

    hear: Hear | None = None

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:  # else it was refused and has no application
            self.scope["extensions"][PROMPT] = {LINE: self}

    def handle_text(self, event: Frame) -> None:
        hears = None if self.close_sent or not event.fin else self.hear
        if hears is None or not hears(event.data):
            super().handle_text(event)

    async def run_asgi(self) -> None:
        try:
            await super().run_asgi()
        finally:
            self.scope["extensions"].pop(PROMPT, None)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.conn.parser.close()

    @property
    def is_free(self) -> bool:
        return (
            self.handshake_complete
            and not self.close_sent
            and not self.disconnected
            and self.writable.is_set()
        )

    def send_now(self, text: str) -> None:
        self.transport.write(text_frame(text))

    async def free(self) -> None:
        await self.writable.wait()
        if not self.is_free:
            raise ConnectionError("the socket is closing or gone")
