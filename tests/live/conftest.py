"""One running house a worker; every test has a regency of its own in it, far from the others.

Browser and demo tests take the same house: `from tests.live.conftest import *` in their conftest.
"""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from cas_server.db.bell import Bell
from cas_server.db.pool import create_pool
from cas_server.db.session import Database
from cas_server.embedded import Cluster
from cas_server.kit.geo import Position
from cas_server.settings import Settings
from cas_server.vault.service import attach
from tests.conftest import TEMPLATE
from tests.factories import Regency, make_regency
from tests.live.house import House, house_on

__all__ = ["house", "live_database", "live_dsn", "make_live_regency", "regency", "running_house"]

_database = itertools.count()
_place = itertools.count()


@pytest.fixture(scope="session")
def live_dsn(cluster: Cluster) -> str:
    """A database that a real server works on; nothing is ever rolled back or emptied in it.

    A new one for each conftest that takes this fixture: two houses on one database would do each
    other's work.
    """
    name = f"live_{next(_database)}"
    cluster.create_database(name, template=TEMPLATE)
    return cluster.url(name)


@pytest.fixture(scope="session")
def running_house(live_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("house")
    with house_on(
        live_dsn, folder, {"CAS_WATCHER_BACKLOG": "64", "CAS_LOG_LEVEL": "debug"}
    ) as house:
        yield house
        assert "loop_died" not in house.log, "a server or worker ended by itself"


@pytest.fixture
def house(running_house: House) -> Iterator[House]:
    """The house, whole; whatever a test killed is started again for the next one."""
    yield running_house
    running_house.mend()


@pytest_asyncio.fixture(scope="session")
async def live_database(live_dsn: str) -> AsyncIterator[Database]:
    """The database of the house, to put rows in and to look at what was stored."""
    database = attach(Database(create_pool(live_dsn, size=4), Bell(live_dsn)), Settings())
    yield database
    await database.close()


MakeRegency = Callable[..., Awaitable[Regency]]


@pytest.fixture
def make_live_regency(live_database: Database) -> MakeRegency:
    """Makes a regency that touches no other: `settings` are those of its Satuan."""

    async def make(settings: dict[str, Any] | None = None) -> Regency:
        number = next(_place)
        centre = Position(-7.15 + 2 * (number // 100), 80.0 + 0.9 * (number % 100))
        async with live_database.transaction() as session:
            return await make_regency(session, f"r{number}", centre=centre, settings=settings)

    return make


@pytest_asyncio.fixture
async def regency(make_live_regency: MakeRegency) -> Regency:
    """A regency with the default settings."""
    return await make_live_regency()
