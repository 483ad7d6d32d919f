"""One ground for all schedules of a worker."""

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from cas_server.db.bell import Bell
from cas_server.db.session import Database
from tests.conftest import EMPTY_ALL
from tests.simulation.ground import settle
from tests.simulation.play import Stage


@pytest_asyncio.fixture(scope="module")
async def stage(shared_database: Database, bell: Bell, dsn: str) -> AsyncIterator[Stage]:
    yield Stage(shared_database, bell, await settle(shared_database))
    connection = await asyncpg.connect(dsn)
    await connection.execute(EMPTY_ALL)
    await connection.close()
