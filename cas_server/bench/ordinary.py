"""Ordinary implementations to compare with; they lie in the tests of a checkout."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cas_server.bench import stage
from cas_server.bench.sides import Served
from cas_server.children import python

CHECKOUT = Path(__file__).parents[2]
FOLDER = "tests/bench/baselines"


def is_there(name: str) -> bool:
    """True in a checkout of the project."""
    return (CHECKOUT / FOLDER / f"{name}.py").is_file()


@contextmanager
def served(name: str, dsn: str) -> Iterator[Served]:
    """One of them in a process of its own, ready to be asked."""
    command = python(f"{FOLDER.replace('/', '.')}.{name}")
    with stage.server(dsn, command=command, PYTHONPATH=str(CHECKOUT)) as (process, port):
        yield Served(dsn, port, process.pid)
