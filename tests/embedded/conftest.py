"""Real clusters in folders of their own, and other processes that start them."""

# ruff: noqa: S603  # other real processes are what these tests are about

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cas_server.embedded import Cluster, Programs, find_programs
from cas_server.embedded.postmaster import read_pid_file

FAST = {"fsync": "off"}

_STARTER = """
import sys
from pathlib import Path
from cas_server.embedded import Cluster, find_programs

cluster = Cluster(Path(sys.argv[1]), find_programs(print))
cluster.start(lambda line: print(line, flush=True), settings={"fsync": "off"})
print("ready", flush=True)
sys.stdin.readline()
cluster.stop()
print("stopped", flush=True)
"""


@pytest.fixture(scope="session")
def programs() -> Programs:
    return find_programs(tell)


@pytest.fixture
def home(programs: Programs) -> Iterator[Path]:
    """A short folder that the server's account can reach; pytest's own is closed to it."""
    folder = Path(tempfile.mkdtemp(prefix="cas-test-"))
    folder.chmod(0o711)
    yield folder
    Cluster(folder / "pg", programs).destroy()
    shutil.rmtree(folder)


@pytest.fixture
def new_cluster(home: Path, programs: Programs) -> Iterator[Callable[[], Cluster]]:
    """Each call is another user of the same folder."""
    made: list[Cluster] = []

    def make() -> Cluster:
        made.append(Cluster(home / "pg", programs))
        return made[-1]

    yield make
    for each in made:
        each.destroy()


@pytest.fixture
def cluster(new_cluster: Callable[[], Cluster]) -> Cluster:
    started = new_cluster()
    started.start(quiet, settings=FAST)
    return started


class Starter:
    """Another process that starts the cluster, as a second `make run` would."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _STARTER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def until(self, word: str) -> list[str]:
        """The lines it says up to and with `word`."""
        assert self.process.stdout
        said: list[str] = []
        for line in self.process.stdout:
            said.append(line.strip())
            if said[-1] == word:
                return said
        raise AssertionError(f"it ended without saying {word!r}: {said}")

    def let_go(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.until("stopped")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        self.kill()
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def start_elsewhere(home: Path) -> Iterator[Callable[[], Starter]]:
    starters: list[Starter] = []

    def start() -> Starter:
        starters.append(Starter(home / "pg"))
        return starters[-1]

    yield start
    for each in starters:
        each.close()


def tell(line: str) -> None:
    """The first run ever may unpack packages; the person waiting should know."""
    sys.stderr.write(f"{line}\n")


def quiet(_: str) -> None:
    """Nobody is listening."""


def server_pid(cluster: Cluster) -> int:
    known = read_pid_file(cluster.data)
    assert known
    return known.pid


def children_of(pid: int) -> list[int]:
    status = [each / "status" for each in Path("/proc").iterdir() if each.name.isdigit()]
    return [int(each.parent.name) for each in status if f"\nPPid:\t{pid}\n" in text_of(each)]


def text_of(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def kill_whole_server(cluster: Cluster) -> None:
    """kill -9 of the postmaster and of every process it made."""
    postmaster = server_pid(cluster)
    children = children_of(postmaster)
    for each in (postmaster, *children):
        # A child may have seen its postmaster end, or its own work done.
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def keep_a_row(cluster: Cluster) -> None:
    cluster.run_sql("postgres", "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('still')")


def kept_row(cluster: Cluster) -> str:
    return cluster.run_sql("postgres", "SELECT word FROM kept")
