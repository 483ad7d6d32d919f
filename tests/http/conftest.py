"""The whole application without its background loops, on a database that is emptied afterwards."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest_asyncio
from fastapi import FastAPI

from cas_server.app import create_app
from cas_server.db.bell import Bell
from cas_server.db.pool import create_pool
from cas_server.db.session import Database
from cas_server.identity.presser import Proofs
from cas_server.kit.clock import utc_now
from cas_server.presence.intake import Intake
from cas_server.serve import server
from cas_server.settings import Settings
from cas_server.vault.service import attach
from tests.factories import Regency, make_regency


@pytest_asyncio.fixture(scope="session")
async def narrow_database(dsn: str, bell: Bell) -> AsyncIterator[Database]:
    """One connection for requests: whichever wants a second while it holds one hears 503."""
    database = attach(Database(create_pool(dsn, size=2), bell), Settings())
    yield database
    await database.close()


@pytest_asyncio.fixture
async def app(database: Database, narrow_database: Database, tmp_path: Path) -> FastAPI:
    assert database is not narrow_database  # the first is emptied afterwards, and is the tests' own
    app = create_app(Settings(vapid_key_file=tmp_path / "vapid.pem"), "")
    app.state.database = narrow_database
    app.state.proofs = Proofs(narrow_database)
    app.state.intake = Intake(narrow_database, utc_now)
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


@pytest_asyncio.fixture
async def port(dsn: str) -> AsyncIterator[int]:
    """A whole server on a port of its own; a proxy on 127.0.0.9 is trusted, and no other."""
    settings = Settings(port=0, trusted_proxies="127.0.0.9", pool_size=4)
    running = server(settings, dsn)
    running.config.load()
    running.lifespan = running.config.lifespan_class(running.config)
    await running.startup()
    yield running.servers[0].sockets[0].getsockname()[1]
    await running.shutdown()
