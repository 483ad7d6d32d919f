"""One installation for all schedules of a run; each schedule has a Polres of its own in it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from cas_server.db.migrate import upgrade
from cas_server.embedded import Cluster
from tests.crash.ground import ground
from tests.crash.machines import DATABASE, Machines, machines
from tests.crash.people import make_town


@pytest.fixture(scope="session")
def crash_cluster(own_key_file: Path) -> Iterator[Cluster]:
    assert own_key_file.is_file()
    with ground() as cluster:
        yield cluster


@pytest_asyncio.fixture(scope="session")
async def ready_cluster(crash_cluster: Cluster) -> Cluster:
    """With one regency, without which no server is ready."""
    await upgrade(crash_cluster.url(DATABASE))
    await make_town(crash_cluster.url(DATABASE))
    return crash_cluster


@pytest_asyncio.fixture(scope="module")
async def running(
    ready_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Machines]:
    async with machines(ready_cluster, tmp_path_factory.mktemp("crash")) as made:
        yield made
