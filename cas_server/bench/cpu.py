"""Processor time of processes, to say what a figure is spent on."""

import os
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def used_s(pid: int) -> float:
    """Seconds of processor time of one process, its ended children included; 0 where unknown."""
    fields = _stat(pid)
    return sum(map(int, fields[11:15])) * TICK_S if fields else 0.0


def used_by_cluster_s(data: Path) -> float:
    """The same for a PostgreSQL server and all its running and ended children."""
    postmaster = int((data / "postmaster.pid").read_text().split()[0])
    children = [pid for pid in _pids() if _parent(pid) == postmaster]
    return sum(map(used_s, [postmaster, *children]))


def resident_mb(pid: int) -> float:
    """Memory in use by one process, in MB; 0 where unknown."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def children_of(pid: int) -> dict[int, str]:
    """Running children of a process, and what they call themselves ("cas-server")."""
    return {child: _name(child) for child in _pids() if _parent(child) == pid}


def _pids() -> list[int]:
    return [int(each.name) for each in Path("/proc").glob("[0-9]*")]


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def _stat(pid: int) -> list[str]:
    """The fields after the command's name, which may itself hold spaces."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
