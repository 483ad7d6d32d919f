"""The one `cas up` of a state folder: its lock, its signals, and how `cas restart` reaches it."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar, TextIO

from cas_server.errors import CasError

LOCK = "up.lock"
LOOK_EVERY_S = 0.1
SETTLED_WITHIN_S = 120.0
RESTART = signal.SIGUSR2
"""Not SIGHUP, which a closing terminal sends: that one still ends everything."""


class AlreadyRunning(CasError):
    code: ClassVar[str] = "already_running"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"CAS is running already from {folder}; stop that one with Ctrl-C, "
            "or give this one its own CAS_STATE_DIR and CAS_PORT"
        )


class NotRunning(CasError):
    code: ClassVar[str] = "not_running"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"no 'cas up' is running from {folder}")


class NotReplaced(CasError):
    code: ClassVar[str] = "not_replaced"

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; what ran before goes on running")


@dataclass(frozen=True, slots=True)
class Note:
    """What a running `cas up` writes into its lock: who it is, and what became of restarts."""

    pid: int
    settled: int = 0
    """Restarts that have been tried, well or not."""
    failure: str | None = None
    """Why the last one came to nothing."""


class Lock:
    """Held as long as `cas up` runs; also where it writes."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._note = Note(os.getpid())
        self._write()

    def settled(self, failure: str | None) -> None:
        """Whoever asked for a restart may read what became of it; None means that all is well."""
        self._note = Note(self._note.pid, self._note.settled + 1, failure)
        self._write()

    def _write(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(asdict(self._note)))
        self._file.flush()


@contextmanager
def only_one(folder: Path) -> Iterator[Lock]:
    """Hold the folder while the block runs; AlreadyRunning when another `cas up` does.

    Signs must be looked out for by now: from here on others send them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a+") as held:  # what the holder has written stays
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(folder) from None
        yield Lock(held)


def ask_to_restart(folder: Path) -> None:
    """Ask the `cas up` of a folder to replace server and worker; return when it has.

    NotRunning when there is none, NotReplaced when what is new did not get ready.
    """
    before = _running(folder)
    os.kill(before.pid, RESTART)
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while (now := _running(folder)).settled == before.settled:
        if time.monotonic() > deadline:
            raise NotReplaced(f"nothing was heard for {SETTLED_WITHIN_S:.0f} s")
        time.sleep(LOOK_EVERY_S)
    if now.failure is not None:
        raise NotReplaced(now.failure)


def _running(folder: Path) -> Note:
    try:
        with (folder / LOCK).open() as lock:
            while not _is_free(lock):
                lock.seek(0)
                if told := lock.read():
                    return Note(**json.loads(told))
    except FileNotFoundError:
        pass
    raise NotRunning(folder)


def _is_free(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Signs:
    """What the outside wishes of `cas up`."""

    def __init__(self) -> None:
        self.stop = False
        """True once Ctrl-C, SIGTERM or a closing terminal has said so."""
        self._restart = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._see_stop)
        signal.signal(RESTART, self._see_restart)

    def _see_stop(self, *_: object) -> None:
        self.stop = True

    def _see_restart(self, *_: object) -> None:
        self._restart = True

    def take_restart(self) -> bool:
        """True when a restart was asked for since the last call."""
        asked, self._restart = self._restart, False
        return asked
