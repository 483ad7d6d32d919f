"""A PostgreSQL for the harness, migrated, with a regency, so that servers are ready at once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from cas_server.embedded import Cluster, temporary_cluster
from tests.crash.machines import DATABASE

_NO_SETTINGS: Mapping[str, str] = {}


@contextmanager
def ground(settings: Mapping[str, str] = _NO_SETTINGS) -> Iterator[Cluster]:
    """Its own, because it will be killed."""
    with temporary_cluster(lambda _: None, settings=settings) as cluster:
        cluster.create_database(DATABASE)
        yield cluster
