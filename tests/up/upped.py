"""A running `cas up` with a database and a folder of its own, and what is asked of it."""

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

READY_WITHIN_S = 120.0


@dataclass(frozen=True, slots=True)
class Up:
    """A running `cas up` with a database and a folder of its own."""

    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    folder: Path
    port: int

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def is_ready(self) -> bool:
        try:
            address = self.url("/v1/health/ready")
            with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - loopback
                return bool(answer.status == HTTPStatus.OK)
        except (urllib.error.URLError, OSError):
            return False

    def await_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not self.is_ready():
            assert self.process.poll() is None, (self.folder / "out").read_text()
            assert time.monotonic() < deadline, (self.folder / "out").read_text()
            time.sleep(0.1)

    def children(self) -> list[int]:
        task = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in task.read_text().split()]

    @property
    def out(self) -> str:
        """What it has told a person so far."""
        return (self.folder / "out").read_text()

    def await_word(self, word: str) -> None:
        """Until a person has been told this."""
        deadline = time.monotonic() + READY_WITHIN_S
        while word not in self.out:
            assert time.monotonic() < deadline, self.out
            time.sleep(0.02)

    def server(self) -> int:
        """The process of the server, once there is one."""
        return self._first(lambda pid: name(pid) == "cas-server")

    def child(self, word: str) -> int:
        """The process of the child that was started with this word, once there is one."""
        return self._first(lambda pid: word in arguments(pid))

    def _first(self, is_it: Callable[[int], bool]) -> int:
        deadline = time.monotonic() + READY_WITHIN_S
        # One that has ended and was not waited for still has its name.
        while not (pids := [pid for pid in self.children() if not gone(pid) and is_it(pid)]):
            assert time.monotonic() < deadline, self.out
            time.sleep(0.02)
        return pids[0]


def arguments(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


def name(pid: int) -> str:
    """What it calls itself."""
    return Path(f"/proc/{pid}/comm").read_text().strip()


def start(environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "out").open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "cas_server", "up", "--no-simulate"],
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def gone(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return True


def await_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 20
    while not all(gone(pid) for pid in pids):
        assert time.monotonic() < deadline, f"still there: {[p for p in pids if not gone(p)]}"
        time.sleep(0.05)
