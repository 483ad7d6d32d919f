"""A PostgreSQL for the harness, of its own, because it will be killed."""

from collections.abc import Iterator
from contextlib import contextmanager

from cas_server.embedded import Cluster, temporary_cluster
from tests.crash.machines import DATABASE
from tests.crash.power import can_lose, fragile_cluster


@contextmanager
def ground() -> Iterator[Cluster]:
    """Where there is a compiler, a power cut really loses what was not synced."""
    making = fragile_cluster() if can_lose() else temporary_cluster(lambda _: None)
    with making as cluster:
        cluster.create_database(DATABASE)
        yield cluster
