"""Servers that are pressed against in turns: this one, and that of an older checkout."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cas_server.bench import cpu, past, stage
from cas_server.bench.people import Way
from cas_server.bench.stage import Crowd, ServerFailed
from cas_server.children import python
from cas_server.embedded import Cluster

OLDER_DATABASE = "cas_bench_before"
CAUGHT_UP_WITHIN_S = 120.0
_FILL = """
import asyncio, sys
from cas_server.bench import stage
crowd = stage.Crowd(personil=int(sys.argv[2]), citizens=int(sys.argv[3]))
asyncio.run(stage._fill(sys.argv[1], crowd))
"""
"""Run by the older checkout itself, for its tables are not ours."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running server and the database it serves."""

    dsn: str
    port: int
    pid: int

    @property
    def resident_mb(self) -> float:
        return cpu.resident_mb(self.pid)


@dataclass(frozen=True, slots=True)
class Side:
    """One way to press against one server; `chained`: while the journal is being chained."""

    name: str
    served: Served
    way: Way
    chained: bool = False


@contextmanager
def older(cluster: Cluster, checkout: Path, crowd: Crowd) -> Iterator[Served]:
    """The server of another checkout, with a regency of the same size in the same cluster."""
    # Safe path: else the folder we were started in would come before theirs.
    theirs = {"PYTHONPATH": str(checkout.resolve()), "PYTHONSAFEPATH": "1"}
    cluster.create_database(OLDER_DATABASE)
    dsn = cluster.url(OLDER_DATABASE)
    sizes = (str(crowd.personil), str(crowd.citizens))
    with stage.running(sys.executable, "-c", _FILL, dsn, *sizes, environment=theirs) as filling:
        if filling.popen.wait() != 0:
            raise ServerFailed(f"filling a database for {checkout}", filling.last_words())
    asyncio.run(past.give(dsn, crowd.personil))
    with stage.server(dsn, stage.SERVE, **theirs) as (process, port):
        yield Served(dsn, port, process.pid)


@contextmanager
def chaining(dsn: str) -> Iterator[int]:
    """The chain alone, following the journal; its process, once it has caught up."""
    with TemporaryDirectory(prefix="cas-bench-") as folder:
        ready = Path(folder) / "ready"
        command = python("cas_server.bench.chaining", str(ready))
        with stage.running(*command, environment={"CAS_DATABASE_URL": dsn}) as process:
            until = time.monotonic() + CAUGHT_UP_WITHIN_S
            while not ready.exists():
                if process.popen.poll() is not None or time.monotonic() > until:
                    raise ServerFailed("the chain", process.last_words())
                try:
                    process.popen.wait(0.1)
                except subprocess.TimeoutExpired:
                    continue
            yield process.pid
