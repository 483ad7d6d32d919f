"""A bank with a manager, a teller and a site on the ground of a Polsek, and the desk above it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
import pytest_asyncio

from cas_server.app import create_app
from cas_server.db.session import Database
from cas_server.identity import codes
from cas_server.identity.presser import Proofs
from cas_server.instansi import drill_calls, telling
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from cas_server.outbox import queries as outbox
from cas_server.presence.intake import Intake
from cas_server.settings import Settings
from tests.factories import (
    Person,
    Regency,
    make_instansi,
    make_masyarakat,
    make_personil,
    make_petugas,
    make_regency,
    make_staff,
)
from tests.identity.conftest import FakeSms

MANAGER_PHONE, TELLER_PHONE = "+6281211110001", "+6281211110002"


@dataclass(frozen=True)
class Bank:
    """Everybody the tests speak of, and what they can ask."""

    client: httpx2.AsyncClient
    database: Database
    sms: FakeSms
    manager: Person
    teller: Person
    site: UUID
    other: Person
    """The manager of another bank, next door."""
    other_site: UUID
    desk: Person
    foreign_desk: Person
    citizen: Person
    officer: Person
    """On duty 100 m from the centre."""
    regency: Regency

    async def ask(self, who: Person, method: str, path: str, body: Any = None) -> httpx2.Response:
        return await self.client.request(method, f"/v1{path}", headers=who.bearer, json=body)

    async def press(self, who: Person, **wishes: Any) -> UUID:
        alarm_id = new_id()
        body = {"site_id": str(self.site), **wishes}
        answer = await self.ask(who, "PUT", f"/alarms/{alarm_id}", body)
        assert answer.status_code == 201, answer.text
        return alarm_id

    async def sign_in(self, phone: str, **more: Any) -> httpx2.Response:
        """By code, as the app does."""
        asked = {"phone": phone, "device": f"HP {new_id()}"}
        code_id = (await self.client.post("/v1/codes", json=asked)).json()["code_id"]
        await self.work()
        code = self.sms.sent[-1][1].partition(": ")[2][:6]
        body = {"code": code, "device": asked["device"], **more}
        return await self.client.post(f"/v1/codes/{code_id}/verification", json=body)

    async def work(self) -> None:
        """Do once what the outbox has to do."""
        handlers = {
            **codes.handlers(self.database, self.sms, utc_now),
            **telling.handlers(self.database, self.sms),
            **drill_calls.handlers(self.database, utc_now),
        }
        async with self.database.transaction() as session:
            jobs = await outbox.claim(session.sql, utc_now() + telling.SLIP, telling.DAY, 1_000)
        for job in jobs:
            if job.kind in handlers:
                await handlers[job.kind](job)

    async def kinds(self) -> list[str]:
        """What the journal tells, in order."""
        async with self.database.glance() as session:
            rows = await session.sql.fetch("SELECT kind FROM journal ORDER BY id")
        return [row["kind"] for row in rows]


@pytest_asyncio.fixture
async def bank(database: Database) -> AsyncIterator[Bank]:
    app = create_app(Settings(), "")
    app.state.database = database
    app.state.proofs = Proofs(database)
    app.state.intake = Intake(database, utc_now)
    async with database.transaction() as session:
        regency = await make_regency(session)
        house, site = await make_instansi(session, regency.at(200))
        other_house, other_site = await make_instansi(session, regency.at(400))
        people = {
            "officer": await make_personil(session, regency.kota, regency.at(100)),
            "manager": await make_petugas(session, house, phone=MANAGER_PHONE, manager=True),
            "teller": await make_petugas(session, house, phone=TELLER_PHONE),
            "other": await make_petugas(session, other_house, manager=True),
            "desk": await make_staff(session, regency.polres),
            "foreign_desk": await make_staff(session, regency.neighbour),
            "citizen": await make_masyarakat(session, phone="+6281211110003"),
        }
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cas") as client:
        yield Bank(
            client, database, FakeSms(), site=site, other_site=other_site, regency=regency, **people
        )
