"""Where the embedded parts live, under which account, and who may reach them."""

import fcntl
import os
import pwd
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cas_server.embedded.problems import CannotReach, NotWritable

Say = Callable[[str], None]

# struct sockaddr_un: 108 bytes with the closing zero.
LONGEST_SOCKET_PATH = 107


@dataclass(frozen=True, slots=True)
class Account:
    """The account a PostgreSQL process runs under."""

    name: str
    uid: int
    gid: int


def state_folder() -> Path:
    """CAS_STATE_DIR, else the usual place for a service (root) or for a person."""
    chosen = os.environ.get("CAS_STATE_DIR")
    if chosen:
        return Path(chosen).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/cas")
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser().absolute() / "cas"


def account_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def server_account() -> Account:
    """PostgreSQL refuses to run as root, so root hands it to `postgres` or else `nobody`."""
    if os.geteuid() != 0:
        return Account(account_name(os.geteuid()), os.geteuid(), os.getegid())
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    return Account("nobody", 65534, 65534)


def make_folder(folder: Path, mode: int, account: Account | None = None) -> Path:
    """The folder, with its parents open to all; a folder that exists keeps its permissions."""
    if folder.is_dir():
        return folder
    try:
        _make_parents(folder.parent)
        folder.mkdir(exist_ok=True)
        folder.chmod(mode)
        if account and os.geteuid() == 0:
            os.chown(folder, account.uid, account.gid)
    except (PermissionError, NotADirectoryError, FileExistsError) as refusal:
        raise NotWritable(folder, account_name(os.geteuid())) from refusal
    return folder


def _make_parents(folder: Path) -> None:
    missing = [folder, *folder.parents]
    for parent in reversed([each for each in missing if not each.exists()]):
        parent.mkdir(exist_ok=True)
        # Not by umask: a service account has to pass through what root made.
        parent.chmod(0o755 if os.geteuid() == 0 else 0o700)


def require_reach(folder: Path, account: Account) -> None:
    """Raise unless the account may enter every folder on the way."""
    if account.uid == os.geteuid():
        return
    for parent in reversed(folder.resolve().parents):
        facts = parent.stat()
        by_owner = facts.st_uid == account.uid and facts.st_mode & 0o100
        by_group = facts.st_gid == account.gid and facts.st_mode & 0o010
        if not (by_owner or by_group or facts.st_mode & 0o001):
            raise CannotReach(folder, parent, account.name)


def private_folder(prefix: str, account: Account) -> Path:
    """A new short folder that nobody else can enter, foresee or replace."""
    for place in (os.environ.get("XDG_RUNTIME_DIR"), tempfile.gettempdir(), "/tmp"):  # noqa: S108  # mkdtemp makes it private
        if not place or len(place) > LONGEST_SOCKET_PATH // 2:
            continue
        try:
            require_reach(Path(place) / prefix, account)
            folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
        except (OSError, CannotReach):
            continue
        if os.geteuid() == 0:
            os.chown(folder, account.uid, account.gid)
        return folder
    raise NotWritable(Path(tempfile.gettempdir()), account.name)


@contextmanager
def locked(file: Path, say: Say, *, what: str) -> Iterator[None]:
    """Hold `file` alone; whoever comes second waits and says so."""
    handle = open_lock(file)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another start is busy with {what}; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def open_lock(file: Path) -> int:
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except PermissionError as refusal:
        raise NotWritable(file.parent, account_name(os.geteuid())) from refusal
