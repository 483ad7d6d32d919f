"""The whole application on a database that is emptied afterwards, and a regency."""

from collections.abc import AsyncIterator

import httpx2
import pytest_asyncio

from cas_server.app import create_app
from cas_server.db.session import Database
from cas_server.settings import Settings
from tests.evidence.conftest import chain, heads_file, settings
from tests.factories import Regency, make_regency

__all__ = ["chain", "client", "heads_file", "regency", "settings"]


@pytest_asyncio.fixture
async def client(database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    app = create_app(Settings(), "")
    app.state.database = database
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cas") as client:
        yield client


@pytest_asyncio.fixture
async def regency(database: Database) -> Regency:
    async with database.transaction() as session:
        return await make_regency(session)
