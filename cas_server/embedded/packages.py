"""Unpacks the distribution's packages into the state folder, whole or not at all."""

import platform
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cas_server.embedded.apt import Apt, AptFailed
from cas_server.embedded.places import Say, locked, make_folder, state_folder
from cas_server.embedded.problems import DiskFull, UnpackFailed

Fill = Callable[[Apt, Say], None]


def distribution() -> str:
    """Such as debian-12: what is unpacked for one release does not fit the next."""
    try:
        facts = platform.freedesktop_os_release()
    except OSError:
        return platform.system().lower()
    return f"{facts.get('ID', 'linux')}-{facts.get('VERSION_ID', 'rolling')}"


def home_of(what: str) -> Path:
    return state_folder() / "unpacked" / f"{what}-{distribution()}-{platform.machine()}"


def ensure_unpacked(
    what: str, say: Say, *, works: Callable[[Path], bool], fill: Fill, command: str
) -> Path:
    """The folder where `what` lies unpacked and works; unpacked now if it does not."""
    home = home_of(what)
    if works(home):
        return home
    make_folder(home.parent, 0o755)
    with locked(home.parent / f"{what}.lock", say, what=f"unpacking {what}"):
        if works(home):
            return home
        _unpack(what, home, say, fill, command)
    return home


def _unpack(what: str, home: Path, say: Say, fill: Fill, command: str) -> None:
    # Only the holder of the lock is here, so what an interrupted start left is nobody's.
    for left in home.parent.glob(f"{what}.part-*"):
        shutil.rmtree(left, ignore_errors=True)
    began = time.monotonic()
    work = Path(tempfile.mkdtemp(prefix=f"{what}.part-", dir=home.parent))
    try:
        apt = Apt(work)
        fill(apt, say)
        _replace(apt.tree, home)
    except (AptFailed, OSError) as failure:
        _raise_clear(failure, what, home, command)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    size = sum(each.lstat().st_size for each in home.rglob("*"))
    say(f"{what}: unpacked, {size / 1e6:.0f} MB in {time.monotonic() - began:.0f} s")


def _replace(tree: Path, home: Path) -> None:
    tree.chmod(0o755)
    if home.exists():
        old = tree.with_name("old")
        home.rename(old)
    tree.rename(home)


def _raise_clear(failure: Exception, what: str, home: Path, command: str) -> None:
    free_bytes = shutil.disk_usage(home.parent).free
    if "No space left on device" in str(failure) or free_bytes < 1_000_000:
        raise DiskFull(home.parent, free_bytes) from failure
    raise UnpackFailed(what, str(failure), command) from failure
