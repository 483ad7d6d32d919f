"""What the server offers a socket's application beside ASGI: to send and to hear at once."""

from collections.abc import Callable
from typing import Protocol

PROMPT = "cas.prompt_line"
LINE = "line"
"""The ASGI extension and the name in it under which a PromptLine is found, where there is one."""


class Shared(str):
    """A message for many that is sent to each at another time; what is made of it is kept with it.

    `framed` is None until it is first sent.
    """

    __slots__ = ("framed",)
    framed: bytes | None

    def __new__(cls, text: str) -> "Shared":
        made = super().__new__(cls, text)
        made.framed = None
        return made


Hear = Callable[[bytes | bytearray | memoryview], bool]
"""Takes one whole text message and never waits; False leaves it to whoever receives."""


class PromptLine(Protocol):
    """A WebSocket to which whole text messages are written at once."""

    hear: Hear | None
    """Whoever sets it hears each message first, without a task's waking; None again at the end."""

    @property
    def is_free(self) -> bool:
        """False while the client has not read what was sent before, and when it is gone."""

    def send_now(self, text: str) -> None:
        """Write one message; only while the line is free."""

    async def free(self) -> None:
        """Return when the line is free; ConnectionError when it never will be again."""
