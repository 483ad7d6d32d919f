"""The steps before and around a server's start, and what its last words mean."""

import errno
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cas_server.embedded.places import Account, account_name, make_folder
from cas_server.embedded.problems import (
    DiskFull,
    EmbeddedProblem,
    NotACluster,
    NotWritable,
    OtherMajorVersion,
    StartFailed,
    WrongOwner,
    WrongPermissions,
)
from cas_server.embedded.programs import Programs

_NO_SPACE = "No space left on device"
# With less than this a server cannot even write down why it ended.
_TOO_LITTLE_BYTES = 1_000_000


def require_own_folder(folder: Path) -> None:
    """The folder is ours: as root never follow what another account laid out."""
    if not folder.exists():
        return
    me = account_name(os.geteuid())
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        raise WrongOwner(folder, account_name(owner), me)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise NotWritable(folder, me)


def require_sound_data(data: Path, account: Account, version: int) -> None:
    """One clear sentence now instead of PostgreSQL's refusal later."""
    facts = data.stat()
    mode = stat.S_IMODE(facts.st_mode)
    if facts.st_uid != account.uid:
        raise WrongOwner(data, account_name(facts.st_uid), account.name)
    if mode & 0o027 or mode & 0o700 != 0o700:
        raise WrongPermissions(data, mode, 0o700)
    try:
        made_by = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError as absence:
        raise NotACluster(data) from absence
    if made_by != str(version):
        raise OtherMajorVersion(data, made_by, version)


def initialise(
    data: Path, programs: Programs, account: Account, settings: Mapping[str, str]
) -> None:
    """Make a cluster aside and put it in place when it is whole."""
    aside = data.with_name("data.new")
    shutil.rmtree(aside, ignore_errors=True)
    make_folder(aside, 0o700, account)
    command = [str(programs.bin / "initdb"), "-D", str(aside), "-U", "cas", "--auth=trust"]
    command += ["--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions"]
    if settings.get("fsync") == "off":
        command.append("--no-sync")
    # Through a pipe: on a full disk a log file would stay empty.
    making = spawn(command, programs, account, subprocess.PIPE, cwd=aside)
    words = making.communicate()[0].decode(errors="replace")
    if making.returncode:
        shutil.rmtree(aside, ignore_errors=True)
        raise _meaning(data.parent, words)
    aside.rename(data)
    _sync(data.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def spawn(
    command: list[str], programs: Programs, account: Account, said: IO[bytes] | int, *, cwd: Path
) -> subprocess.Popen[bytes]:
    """A process of the server's account, in a session of its own: Ctrl-C here is not for it."""
    as_root = os.geteuid() == 0
    return subprocess.Popen(  # noqa: S603  # programs of PostgreSQL, found by us
        command,
        cwd=cwd,
        env=dict(programs.environment),
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        umask=0o077,
        user=account.uid if as_root else None,
        group=account.gid if as_root else None,
        extra_groups=[] if as_root else None,
    )


@contextmanager
def clear_disk_full(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        if failure.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(folder, shutil.disk_usage(folder).free) from failure


def explain(folder: Path) -> EmbeddedProblem:
    """What the last words in the logs mean."""
    words = _tail(folder / "start.log")
    newest = max(
        (folder / "log").glob("*.log"), key=lambda each: each.lstat().st_mtime, default=None
    )
    if newest and "redirecting log output" in words:
        words += _tail(newest)
    return _meaning(folder, words)


def _meaning(folder: Path, words: str) -> EmbeddedProblem:
    free_bytes = shutil.disk_usage(folder).free
    if _NO_SPACE in words or free_bytes < _TOO_LITTLE_BYTES:
        return DiskFull(folder, free_bytes)
    return StartFailed(folder, last_line(words))


def _tail(file: Path) -> str:
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return ""
    with os.fdopen(handle, "rb") as opened:
        opened.seek(max(0, file.lstat().st_size - 8_000))
        return opened.read().decode(errors="replace")


def last_line(words: str) -> str:
    """The last complaint, without its time and severity."""
    complaints = re.findall(r".*(?:FATAL|PANIC|ERROR|error): +(.*)", words)
    lines = complaints or [line for line in words.splitlines() if line.strip()]
    return str(lines[-1]).strip() if lines else "it said nothing"
