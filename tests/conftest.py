"""Fixtures only: one migrated template a run, one database a worker, rolled back or truncated."""

import asyncio
import fcntl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from cas_server.db.bell import Bell
from cas_server.db.migrate import upgrade
from cas_server.db.pool import create_pool
from cas_server.db.session import Database, Session
from cas_server.embedded import Cluster, find_programs, temporary_cluster
from cas_server.settings import Settings
from cas_server.vault import key_file
from cas_server.vault.service import attach

# A busy machine is no fault of the code: nothing here is judged by how long it takes.
settings.register_profile(
    "cas", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("cas")

TEMPLATE = "cas_template"

EMPTY_ALL = """
DO $$ BEGIN EXECUTE (
    SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' RESTART IDENTITY CASCADE'
    FROM pg_tables
    WHERE schemaname = 'public'
      AND tablename NOT IN ('spatial_ref_sys', 'alembic_version', 'data_key')
); END $$
"""


LONGEST_FIRST = ("browser-desk", "browser-phone", "crash", "bench", "fuzz", "up")
"""Groups that one worker plays whole: begun last, they would keep the others waiting."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long groups first, longest of all first; the rest in the order it had."""

    def turn(item: pytest.Item) -> int:
        mark = item.get_closest_marker("xdist_group")
        name = mark.args[0] if mark is not None else ""
        return LONGEST_FIRST.index(name) if name in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=turn)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Groups that are not kept would start a browser and a house in every worker, unnoticed."""
    if session.config.getoption("loadgroup", default=False):
        marked = [item for item in session.items if item.get_closest_marker("xdist_group")]
        assert all("@" in item.nodeid for item in marked), "pytest-xdist does not keep groups"


@pytest.fixture(scope="session", autouse=True)
def own_key_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The key of this run, also for the processes that tests start."""
    file = tmp_path_factory.mktemp("key") / "keys"
    key_file.make(file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAS_KEY_FILE", str(file))
        patch.delenv("CAS_KEY", raising=False)
        yield file


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL of this worker's own, with one migrated database to copy from."""
    # Workers share one unpack of the programs; whoever is first makes it.
    lock = tmp_path_factory.getbasetemp().parent / "programs.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        find_programs(print)
    with temporary_cluster(print) as cluster:
        cluster.create_database(TEMPLATE)
        asyncio.run(upgrade(cluster.url(TEMPLATE)))
        yield cluster


@pytest.fixture(scope="session")
def dsn(cluster: Cluster) -> str:
    """The database of this worker, migrated."""
    cluster.create_database("cas", template=TEMPLATE)
    return cluster.url("cas")


@pytest_asyncio.fixture(scope="session")
async def bell(dsn: str) -> AsyncIterator[Bell]:
    bell = Bell(dsn)
    async with asyncio.TaskGroup() as tasks:
        line = tasks.create_task(bell.run())
        yield bell
        line.cancel()


@pytest_asyncio.fixture(scope="session")
async def shared_database(dsn: str, bell: Bell) -> AsyncIterator[Database]:
    database = attach(Database(create_pool(dsn, size=12), bell), Settings())
    yield database
    await database.close()


@pytest_asyncio.fixture
async def database(shared_database: Database, dsn: str) -> AsyncIterator[Database]:
    """A database that tests commit to; it is emptied afterwards."""
    yield shared_database
    connection = await asyncpg.connect(dsn)
    await connection.execute(EMPTY_ALL)
    await connection.close()


@pytest_asyncio.fixture
async def session(shared_database: Database) -> AsyncIterator[Session]:
    """A transaction that is rolled back when the test ends."""
    async with shared_database.transaction() as session:
        yield session
        session.discard()


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds the project."""
    return Path(__file__).parent.parent
