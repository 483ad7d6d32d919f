"""Both ends of a start: listening sockets that outlive a process, its turn, and its word.

While a process ends and another is started, connections wait in the kernel and nobody is refused.
"""

import errno
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from cas_server.errors import CasError

SOCKETS = "CAS_LISTEN_FDS"
READY = "CAS_READY_FD"
TURN = "CAS_TURN_FD"
_FIRST_OF_SYSTEMD = 3
_ANYTHING = b"ready"


class PortTaken(CasError):
    code: ClassVar[str] = "port_taken"

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"another program listens at {host}:{port}; choose another with CAS_PORT={port + 1}"
        )


def bound(host: str, port: int) -> list[socket.socket]:
    """A socket bound to each address of `host`; it listens when its first server does.

    PortTaken when somebody else listens there.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets = []
    for family, _, _, _, address in found:
        try:
            sockets.append(_bound(family, address))
        except OSError as error:
            # "localhost" has an address of IPv6 also where the machine has none.
            if error.errno != errno.EADDRNOTAVAIL or len(found) == 1:
                raise PortTaken(host, port) from error
    return sockets


def _bound(family: socket.AddressFamily, address: Any) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


def inherited() -> list[socket.socket] | None:
    """The sockets that `cas up` or systemd's socket activation left us; None when there are none.

    The first call takes them: our own children get neither the sockets nor the variables.
    """
    numbers = _from_up() or _from_systemd()
    if not numbers:
        return None
    for number in numbers:
        os.set_inheritable(number, False)  # noqa: FBT003 - its only argument beside the number
    return [socket.socket(fileno=number) for number in numbers]


def _from_up() -> list[int]:
    return [int(number) for number in os.environ.pop(SOCKETS, "").split(",") if number]


def _from_systemd() -> list[int]:
    count, pid = os.environ.pop("LISTEN_FDS", ""), os.environ.pop("LISTEN_PID", "")
    # Variables that were meant for a process above us name descriptors that are not there.
    if not (count.isdecimal() and pid == str(os.getpid())):
        return []
    return list(range(_FIRST_OF_SYSTEMD, _FIRST_OF_SYSTEMD + int(count)))


def await_turn() -> bool:
    """Wait, loaded and ready to go, until there is need of this process; False when there never is.

    True at once where nobody asked for waiting.
    """
    number = os.environ.pop(TURN, None)
    if number is None:
        return True
    show_as("cas-spare")
    with os.fdopen(int(number), "rb") as turn:
        return turn.read(len(_ANYTHING)) == _ANYTHING


def show_as(name: str) -> None:
    """What `ps` and `top` call this process, where that can be said; at most 15 characters."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text(name)


def tell_ready() -> None:
    """Tell whoever started this process that it has taken up its work; told once, if asked for."""
    number = os.environ.pop(READY, None)
    if number is None:
        return
    try:
        os.write(int(number), _ANYTHING)
        os.close(int(number))
    except OSError:
        return  # nobody waits for it any longer


@dataclass(slots=True)
class Word:
    """The other end of `tell_ready`: made before a child is started, whose end is closed then."""

    heard_on: int
    told_on: int

    @classmethod
    def awaited(cls) -> "Word":
        heard_on, told_on = os.pipe()
        os.set_blocking(heard_on, False)
        return cls(heard_on, told_on)

    def is_given(self) -> bool:
        """True once the child has said that it is ready."""
        try:
            return os.read(self.heard_on, len(_ANYTHING)) == _ANYTHING
        except BlockingIOError:
            return False

    def close(self) -> None:
        """No longer waited for."""
        os.close(self.heard_on)


@dataclass(slots=True)
class Turn:
    """The other end of `await_turn`: made before a child is started, whose end is closed then."""

    waited_on: int
    given_on: int

    @classmethod
    def kept_back(cls) -> "Turn":
        return cls(*os.pipe())

    def give(self) -> None:
        """Let the child go on; said once."""
        with suppress(BrokenPipeError):  # it has just ended, and will be missed
            os.write(self.given_on, _ANYTHING)
        os.close(self.given_on)


@dataclass(frozen=True, slots=True)
class Left:
    """What a child inherits from whoever starts it."""

    sockets: Sequence[socket.socket] = ()
    word: Word | None = None
    turn: Turn | None = None

    def environment(self) -> dict[str, str]:
        """What it must be told to find that."""
        told = {}
        if self.word is not None:
            told[READY] = str(self.word.told_on)
        if self.turn is not None:
            told[TURN] = str(self.turn.waited_on)
        if self.sockets:
            told[SOCKETS] = ",".join(str(each.fileno()) for each in self.sockets)
        return told

    def descriptors(self) -> list[int]:
        """What must stay open in it."""
        found = [each.fileno() for each in self.sockets]
        if self.word is not None:
            found.append(self.word.told_on)
        if self.turn is not None:
            found.append(self.turn.waited_on)
        return found
