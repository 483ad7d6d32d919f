"""A power cut that really loses what was not synced: every write is remembered until its fsync."""

import os
import random
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from cas_server.embedded import Cluster, find_programs, postmaster
from cas_server.embedded.places import make_folder, server_account

SOURCE = Path(__file__).with_name("unsynced.c")
RECORD = struct.Struct("=qqq")
"""Where the old bytes stood, how many there are, and how long the file was."""
SECTOR = 512
"""What a disk writes whole or not at all; a page of PostgreSQL is sixteen of them."""


def can_lose() -> bool:
    """The layer is C, built where there is a compiler."""
    return shutil.which("cc") is not None and os.uname().sysname == "Linux"


class FragileCluster(Cluster):
    """A cluster whose files can be taken back to their last fsync."""

    @property
    def undo(self) -> Path:
        return self.folder.parent / "unsynced"

    def fill_disk(self, *, full: bool) -> None:
        """From now on every write fails for want of space, or succeeds again."""
        flag = self.undo.with_name(f"{self.undo.name}.full")
        flag.touch() if full else flag.unlink(missing_ok=True)

    def lose_unsynced(self, chance: random.Random, share: float = 0.7, torn: float = 0.5) -> int:
        """Call while no process of it lives; how many files lost something.

        A file loses what was not synced with the likelihood `share`. Of those, `torn` are torn: of
        what stood in them before, half the sectors come back, the others are as written last.
        """
        postmaster.end_orphans(self.data)
        inodes = {path.stat().st_ino: path for path in self.data.rglob("*") if path.is_file()}
        lost = 0
        for undo in sorted(self.undo.iterdir(), key=lambda each: int(each.name)):
            path, remembered = inodes.get(int(undo.name)), undo.read_bytes()
            if path is not None and remembered and chance.random() < share:
                tears = chance if chance.random() < torn else None
                _take_back(path, remembered, tears)
                lost += 1
            undo.write_bytes(b"")
        return lost


def _take_back(path: Path, remembered: bytes, tears: random.Random | None) -> None:
    records, at = [], 0
    while at + RECORD.size <= len(remembered):
        where, length, size = RECORD.unpack_from(remembered, at)
        old = remembered[at + RECORD.size : at + RECORD.size + length]
        at += RECORD.size + length
        if len(old) == length:  # else whoever wrote it died before the write itself
            records.append((where, old, size))
    written = path.read_bytes()
    with path.open("r+b") as file:
        for where, old, size in reversed(records):
            file.seek(where)
            file.write(old)
            file.truncate(size)
    if tears is not None:
        _tear(path, written, tears)


def _tear(path: Path, written: bytes, chance: random.Random) -> None:
    """Half of the sectors that were taken back are as written last; the file grows no more."""
    before = path.read_bytes()
    with path.open("r+b") as file:
        for at in range(0, min(len(before), len(written)), SECTOR):
            kept = written[at : min(at + SECTOR, len(before))]
            if kept != before[at : at + len(kept)] and chance.random() < 1 / 2:
                file.seek(at)
                file.write(kept)


@contextmanager
def fragile_cluster() -> Iterator[FragileCluster]:
    """A new one in a short folder that the server's account can reach."""
    programs, account = find_programs(lambda _: None), server_account()
    folder = Path(tempfile.mkdtemp(prefix="cas-power-"))
    folder.chmod(0o711)
    layer = folder / "unsynced.so"
    build = ["cc", "-O2", "-shared", "-fPIC", "-o", str(layer), str(SOURCE), "-ldl"]
    subprocess.run(build, check=True)  # noqa: S603 - our own file
    layer.chmod(0o755)
    make_folder(folder / "unsynced", 0o700, account)
    preloaded = {
        **programs.environment,
        "LD_PRELOAD": str(layer),
        "UNSYNCED_DATA": str(folder / "cluster" / "data"),
        "UNSYNCED_UNDO": str(folder / "unsynced"),
    }
    cluster = FragileCluster(folder / "cluster", replace(programs, environment=preloaded))
    try:
        cluster.start(lambda _: None)
        yield cluster
    finally:
        cluster.destroy()
        shutil.rmtree(folder, ignore_errors=True)
