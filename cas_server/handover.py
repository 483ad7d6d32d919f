"""Both ends of a start: listening sockets that outlive a process, and its word that it is ready.

While a process ends and another is started, connections wait in the kernel and nobody is refused.
"""

import errno
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from cas_server.errors import CasError

SOCKETS = "CAS_LISTEN_FDS"
READY = "CAS_READY_FD"
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


def environment(sockets: Sequence[socket.socket], word: Word | None) -> dict[str, str]:
    """What a child must be told to find what it inherits."""
    told = {READY: str(word.told_on)} if word is not None else {}
    if sockets:
        told[SOCKETS] = ",".join(str(each.fileno()) for each in sockets)
    return told


def descriptors(sockets: Sequence[socket.socket], word: Word | None) -> list[int]:
    """What a child must inherit."""
    return [each.fileno() for each in sockets] + ([word.told_on] if word is not None else [])
