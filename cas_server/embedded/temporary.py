"""Clusters for tests and benchmarks, gone afterwards even if their maker was killed."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from cas_server.embedded.cluster import Cluster
from cas_server.embedded.places import Account, Say, open_lock, private_folder, server_account
from cas_server.embedded.programs import Programs, find_programs

_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


@contextmanager
def temporary_cluster(say: Say, *, settings: Mapping[str, str] = _NO_SETTINGS) -> Iterator[Cluster]:
    """A new cluster in a folder of its own; `settings` such as fsync=off are its user's choice."""
    programs = find_programs(say)
    folder, lock = _new_folder(server_account())
    _sweep(folder.parent, programs)
    cluster = Cluster(folder / "cluster", programs)
    try:
        cluster.start(say, settings=settings)
        yield cluster
    finally:
        cluster.destroy()
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _new_folder(account: Account) -> tuple[Path, int]:
    """A folder whose lock is held as long as its maker lives."""
    making = private_folder("cas-making-", account)
    if os.geteuid() == 0:
        os.chown(making, 0, 0)
        making.chmod(0o711)
    lock = open_lock(making / "alive.lock")
    fcntl.flock(lock, fcntl.LOCK_EX)
    # Only now does it carry the name that a sweep looks at: never without a held lock.
    return making.rename(making.with_name(making.name.replace("making", "temporary"))), lock


def _sweep(place: Path, programs: Programs) -> None:
    """Remove what makers left that could not clean up: killed, or the machine went down."""
    for folder in place.glob("cas-temporary-*"):
        try:
            if folder.lstat().st_uid != os.geteuid():
                continue
            lock = open_lock(folder / "alive.lock")
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            Cluster(folder / "cluster", programs).destroy()
            shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(lock)
