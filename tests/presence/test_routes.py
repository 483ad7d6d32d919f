"""Duty and fixes over HTTP, as a Personil's phone and a desk use them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest_asyncio
from fastapi import FastAPI

from cas_server.db.session import Database
from cas_server.dispatch import offers
from cas_server.kit.clock import utc_now
from cas_server.presence import routes, service
from cas_server.presence.intake import Intake
from cas_server.web import problems
from tests.factories import (
    Person,
    Regency,
    make_masyarakat,
    make_personil,
    make_regency,
    make_staff,
)
from tests.presence.stage import Report


@pytest_asyncio.fixture
async def caller(database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI()
    app.state.lapse_offers = offers.lapse
    app.state.database = database
    app.state.intake = Intake(database, utc_now)
    problems.install(app)
    app.include_router(routes.router)
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cas/v1") as caller:
        yield caller


@pytest_asyncio.fixture
async def regency(database: Database) -> Regency:
    async with database.transaction() as session:
        return await make_regency(session)


@pytest_asyncio.fixture
async def budi(database: Database, regency: Regency) -> Person:
    async with database.transaction() as session:
        return await make_personil(session, regency.kota, on_duty=False)


async def test_a_shift_from_beginning_to_end(caller: httpx2.AsyncClient, budi: Person) -> None:
    caller.headers.update(budi.bearer)

    assert (await caller.get("/duty")).json()["on_duty"] is False
    began = (await caller.put("/duty", json={"availability": "available"})).json()
    resting = (await caller.put("/duty", json={"availability": "break"})).json()
    ended = await caller.delete("/duty")

    assert began["on_duty"] is True
    assert resting == began | {"availability": "break"}
    assert ended.json() == {
        "on_duty": False,
        "since": None,
        "availability": None,
        "alarm_id": None,
    }


async def test_a_phone_that_was_offline_hears_which_fixes_moved_it(
    caller: httpx2.AsyncClient, budi: Person, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        desk = await make_staff(session, regency.polres)
    await caller.put("/duty", json={}, headers=budi.bearer)
    newest = Report(fixed_at=utc_now())
    fixes = [newest.moved(seconds).as_json() for seconds in (0, -3_600, 300, -5)]

    answer = await caller.post("/fixes", json={"fixes": fixes}, headers=budi.bearer)
    [seen] = (await caller.get("/personil", headers=desk.bearer)).json()

    assert answer.json() == {
        "accepted": 2,
        "dropped": [{"index": 1, "reason": "old"}, {"index": 2, "reason": "future"}],
    }
    assert seen["personil_id"] == str(budi.holder_id)
    assert seen["position"] == {"lat": newest.lat, "lon": newest.lon, "accuracy_m": 10.0}


async def test_a_thousand_fixes_are_taken_at_once_and_not_one_more(
    caller: httpx2.AsyncClient, budi: Person
) -> None:
    caller.headers.update(budi.bearer)
    await caller.put("/duty", json={})
    newest = Report(fixed_at=utc_now() - timedelta(seconds=1))
    fixes = [newest.moved(number / 10 - 100).as_json() for number in range(1_001)]

    taken = await caller.post("/fixes", json={"fixes": fixes[:1_000]})
    refused = await caller.post("/fixes", json={"fixes": fixes})

    assert taken.json() == {"accepted": 1_000, "dropped": []}
    assert refused.status_code == 422
    assert refused.json()["field"] == "fixes"


async def test_off_duty_no_fix_is_taken(caller: httpx2.AsyncClient, budi: Person) -> None:
    fixes = [Report(fixed_at=utc_now()).as_json()]

    answer = await caller.post("/fixes", json={"fixes": fixes}, headers=budi.bearer)

    assert answer.status_code == 409
    assert answer.json()["code"] == "not_on_duty"


async def test_going_off_duty_on_an_alarm_is_refused_and_names_the_alarm(
    caller: httpx2.AsyncClient, budi: Person, database: Database
) -> None:
    alarm_id = uuid4()
    await caller.put("/duty", json={}, headers=budi.bearer)
    async with database.transaction() as session:
        await service.occupy(session, budi.holder_id, alarm_id, utc_now())

    answer = await caller.delete("/duty", headers=budi.bearer)

    assert answer.status_code == 409
    assert answer.json()["alarm_id"] == str(alarm_id)


async def test_a_desk_sees_its_own_personil_and_masyarakat_sees_none(
    caller: httpx2.AsyncClient, budi: Person, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        own = await make_staff(session, regency.kota)
        other = await make_staff(session, regency.dander)
        citizen = await make_masyarakat(session)
    await caller.put("/duty", json={}, headers=budi.bearer)

    lists = [(await caller.get("/personil", headers=who.bearer)) for who in (own, other, citizen)]

    assert [len(answer.json()) for answer in lists[:2]] == [1, 0]
    assert lists[2].status_code == 403
    assert (await caller.get("/duty", headers=citizen.bearer)).status_code == 403
