"""Fixtures only."""

import pytest_asyncio

from cas_server.db.session import Database
from tests.presence.intake_stage import Stage
from tests.presence.stage import make_regency


@pytest_asyncio.fixture
async def stage(database: Database) -> Stage:
    """An intake over a regency of its own."""
    async with database.transaction() as session:
        regency = await make_regency(session)
    return Stage(database, regency)
