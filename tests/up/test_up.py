"""`cas up` as a person uses it: started, started twice, hurt, and stopped."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest

from cas_server.embedded import Cluster
from cas_server.settings import DEMO_PASSWORD
from tests.live.house import free_port

READY_WITHIN_S = 120.0

pytestmark = pytest.mark.xdist_group("up")


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

    def child(self, word: str) -> int:
        return next(pid for pid in self.children() if word in arguments(pid))


def arguments(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


def is_server(pid: int) -> bool:
    """The child has become the server: before that it still is a copy of `cas up`."""
    return "cas_server.serve" in arguments(pid)


def start(environment: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "out").open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "cas_server", "up", "--no-simulate"],
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@pytest.fixture
def starting(cluster: Cluster, tmp_path: Path) -> Iterator[Up]:
    name = f"up_{os.getpid()}_{time.monotonic_ns()}"
    cluster.create_database(name)
    port = free_port()
    environment = {
        **os.environ,
        "CAS_DATABASE_URL": cluster.url(name),
        "CAS_STATE_DIR": str(tmp_path),
        "CAS_PORT": str(port),
    }
    running = Up(start(environment, tmp_path), environment, tmp_path, port)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGINT)
            running.process.wait(30)


@pytest.fixture
def up(starting: Up) -> Up:
    starting.await_ready()
    return starting


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


def test_a_newcomer_signs_in_with_what_was_printed_and_ctrl_c_ends_it_all(up: Up) -> None:
    body = json.dumps({"username": "operator", "password": DEMO_PASSWORD}).encode()
    request = urllib.request.Request(  # noqa: S310 - loopback
        up.url("/v1/sessions"), body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
        assert json.load(answer)["account"]["role"] == "operator"
    assert DEMO_PASSWORD in (up.folder / "out").read_text()
    children = up.children()
    assert len(children) == 3

    up.process.send_signal(signal.SIGINT)

    assert up.process.wait(30) == 0
    await_gone(children)


def test_a_second_start_says_that_the_first_is_running_and_disturbs_nothing(up: Up) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "cas_server", "up"],
        env=up.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert second.returncode == 1
    assert "CAS is running already" in second.stderr
    assert up.is_ready()


def test_a_killed_server_comes_back_by_itself(up: Up) -> None:
    os.kill(up.child("cas_server.serve"), signal.SIGKILL)
    deadline = time.monotonic() + 20
    while up.is_ready():
        assert time.monotonic() < deadline
    up.await_ready()

    assert "the server ended (code -9)" in (up.folder / "out").read_text()


def test_a_server_killed_while_it_starts_comes_back_too(starting: Up) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not (pids := [pid for pid in starting.children() if is_server(pid)]):
        assert time.monotonic() < deadline
        time.sleep(0.02)

    os.kill(pids[0], signal.SIGKILL)

    starting.await_ready()
    assert "the server ended (code -9)" in (starting.folder / "out").read_text()


def test_what_it_started_does_not_outlive_a_kill(up: Up) -> None:
    children = up.children()

    up.process.kill()
    up.process.wait(10)

    await_gone(children)
