"""The processes of a data folder, told apart by the process list and the pid file."""

import hashlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cas_server.embedded.problems import StartFailed

# How long a leaderless process may finish by itself, and how long after being told to.
_ORPHAN_PATIENCE_S = 3.0
_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class PidFile:
    """What a postmaster writes about itself."""

    pid: int
    socket_folder: str
    status: str


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    uid: int
    command: str


def cluster_name(data: Path) -> str:
    """Stands in the title of every process of this cluster, so that its orphans can be found."""
    return f"cas-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"


def read_pid_file(data: Path) -> PidFile | None:
    try:
        lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    lines += [""] * 8
    return PidFile(pid, lines[4].strip(), lines[7].strip())


def running(data: Path) -> PidFile | None:
    """The pid file, if its process really is a postmaster of this folder.

    A number alone proves nothing: after a crash or a reboot it may be anybody's.
    """
    known = read_pid_file(data)
    if known and any(each.pid == known.pid for each in _postmasters(data)):
        return known
    return None


def _postmasters(data: Path) -> list[Process]:
    wanted = re.compile(rf".*postgres -D {re.escape(str(data))}( |$)")
    uid = data.stat().st_uid
    return [each for each in _processes() if each.uid == uid and wanted.match(each.command)]


def end(data: Path, told: signal.Signals, child: subprocess.Popen[bytes] | None) -> None:
    """End the server: as told, and more and more firmly."""

    def gone() -> bool:
        # Our own child has to be collected, or it stays behind as a zombie.
        return (child is None or child.poll() is not None) and running(data) is None

    for signalled, patience_s in ((told, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
        known = running(data)
        if known:
            _send(known.pid, signalled)
        if _until(gone, patience_s):
            break
    end_orphans(data)


def end_orphans(data: Path) -> None:
    """See the processes of a dead postmaster out: their memory must be free for the next one."""
    for told in (None, signal.SIGQUIT, signal.SIGKILL):
        for each in _orphans(data) if told else ():
            _send(each, told or signal.SIGQUIT)
        if _until(lambda: not _orphans(data), _ORPHAN_PATIENCE_S):
            return
    raise StartFailed(data.parent, f"old processes do not end: {_orphans(data)}")


def _orphans(data: Path) -> list[int]:
    title = f"postgres: {cluster_name(data)}: "
    uid = data.stat().st_uid
    titled = [p.pid for p in _processes() if p.uid == uid and p.command.startswith(title)]
    # One that was just forked still carries the postmaster's command.
    return titled + [each.pid for each in _postmasters(data)]


def _until(happened: Callable[[], bool], patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def _send(pid: int, told: signal.Signals) -> None:
    try:
        os.kill(pid, told)
    except ProcessLookupError:
        return


def clear_stale_files(data: Path, socket_folder: Path) -> None:
    """Remove what a dead postmaster left; its number may by now be an unrelated process.

    PostgreSQL would take that process for a server and refuse. Only called when no process of
    this cluster is left, so the memory check these files serve has nothing to find.
    """
    (data / "postmaster.pid").unlink(missing_ok=True)
    for left in socket_folder.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def _processes() -> list[Process]:
    if Path("/proc/self/cmdline").exists():
        found = (_from_proc(each) for each in Path("/proc").iterdir() if each.name.isdigit())
        return [each for each in found if each]
    return _from_ps()


def _from_proc(folder: Path) -> Process | None:
    try:
        words = (folder / "cmdline").read_bytes()
        uid = folder.stat().st_uid
    except OSError:
        return None
    return Process(int(folder.name), uid, os.fsdecode(words).replace("\0", " "))


def _from_ps() -> list[Process]:
    listed = subprocess.run(
        ["ps", "-axww", "-o", "pid=,uid=,command="],  # noqa: S607  # wherever the system keeps it
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = re.findall(r"^ *(\d+) +(\d+) (.*)$", listed, re.MULTILINE)
    return [Process(int(pid), int(uid), command) for pid, uid, command in found]
