"""The whole application without its background loops, on a database that is emptied afterwards."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest_asyncio
from fastapi import FastAPI

from cas_server.app import create_app
from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from cas_server.presence.intake import Intake
from cas_server.settings import Settings
from tests.factories import Regency, make_regency


@pytest_asyncio.fixture
async def app(database: Database, tmp_path: Path) -> FastAPI:
    app = create_app(Settings(vapid_key_file=tmp_path / "vapid.pem"), "")
    app.state.database = database
    app.state.intake = Intake(database, utc_now)
    return app


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cas") as client:
        yield client


@pytest_asyncio.fixture
async def regency(database: Database) -> Regency:
    async with database.transaction() as session:
        return await make_regency(session)
