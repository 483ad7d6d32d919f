"""The routes of identity on a real database, and a phone that keeps the messages it is sent."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from cas_server.db.session import Database
from cas_server.identity import codes, device_routes, routes, staff_routes
from cas_server.identity.code_queries import HOUR
from cas_server.identity.sms import TextMessage
from cas_server.identity.verification import People
from cas_server.kit.clock import utc_now
from cas_server.outbox import queries as outbox
from cas_server.outbox.retry import Done, GiveUp, Outcome
from cas_server.registry import service as registry
from cas_server.settings import Settings
from cas_server.web import problems


class FakeSms:
    """Keeps what it was asked to send; `outcome` is what it says became of it."""

    tells_fate: bool = False

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.ids: list[UUID] = []
        self.outcome: Outcome = Done()

    async def send(self, message: TextMessage) -> Outcome:
        self.sent.append((message.phone, message.text))
        self.ids.append(message.id)
        return self.outcome

    async def fate(self, message_id: UUID) -> Outcome:
        return Done() if message_id in self.ids else GiveUp("never heard of")

    async def close(self) -> None:
        return None


class Front:
    """The server's front door, and what the worker does behind it."""

    def __init__(self, database: Database, app: FastAPI) -> None:
        self.database = database
        self.app = app
        self.sms = FakeSms()
        self.handlers = codes.handlers(database, self.sms, utc_now)

    def caller(self, address: str = "192.0.2.1") -> httpx2.AsyncClient:
        """Somebody who calls from an address."""
        transport = httpx2.ASGITransport(self.app, client=(address, 4_000))
        return httpx2.AsyncClient(transport=transport, base_url="http://cas/v1")

    async def deliver(self) -> list[Outcome]:
        """Do once what the outbox has to do."""
        now = utc_now()
        async with self.database.transaction() as session:
            claimed = await outbox.claim(session.sql, now, 30 * HOUR, 1_000)
        jobs = [job for job in claimed if job.kind in self.handlers]
        outcomes = [await self.handlers[job.kind](job) for job in jobs]
        for job, outcome in zip(jobs, outcomes, strict=True):
            async with self.database.transaction() as session:
                if isinstance(outcome, Done):
                    await outbox.finish(session.sql, job)
                else:
                    await outbox.postpone(session.sql, job, now)
        return outcomes

    @property
    def code(self) -> str:
        """The code of the newest message."""
        return self.sms.sent[-1][1].partition(": ")[2][:6]


@pytest_asyncio.fixture
async def front(database: Database) -> AsyncIterator[Front]:
    app = FastAPI()
    app.state.database = database
    settings = Settings(demo=True)
    app.state.settings = settings
    app.state.code_requests = codes.Requests(registry.personil_of_phone, settings)
    app.state.people = People(registry.register_masyarakat, registry.personil_of_phone)
    problems.install(app)
    app.include_router(routes.router)
    app.include_router(device_routes.router)
    app.include_router(staff_routes.router)
    yield Front(database, app)


@pytest_asyncio.fixture
async def caller(front: Front) -> AsyncIterator[httpx2.AsyncClient]:
    async with front.caller() as caller:
        yield caller


@pytest.fixture
def password() -> str:
    return "rahasia-yang-panjang"
