"""Presses without proof: all are stored, few call anybody, and a flood becomes one entry."""

import asyncio
from collections import Counter
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI

from cas_server.alarm import showing
from cas_server.alarm.admission import Admission
from cas_server.alarm.shaping import CALLS_PER_NETWORK, ENTRIES_PER_NETWORK
from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from cas_server.vault.masks import mask_phone
from tests.factories import Person, Regency, make_masyarakat, make_personil, make_staff
from tests.signing import signing_phone

FLOOD = 60


@pytest.fixture
async def operator(database: Database, regency: Regency) -> Person:
    async with database.transaction() as session:
        await make_personil(session, regency.kota, regency.at(300))
        return await make_staff(session, regency.polres)


@pytest.fixture(autouse=True)
def one_minute(app: FastAPI) -> None:
    """A clock that stands, because the counts are per minute."""
    now = utc_now()
    app.state.admission = Admission(12, lambda: now)


def from_address(app: FastAPI, address: str) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app, client=(address, 4711))
    return httpx2.AsyncClient(transport=transport, base_url="http://cas")


def body(regency: Regency) -> dict[str, Any]:
    at = regency.centre
    return {
        "position": {"lat": at.lat, "lon": at.lon, "accuracy_m": 10},
        "callback_phone": "0812 0000 1111",
    }


async def flood(
    app: FastAPI, regency: Regency, ids: list[UUID], network: str = "203.0.113"
) -> list[httpx2.Response]:
    """All at once, from all over one network."""

    async def press(number: int, alarm_id: UUID) -> httpx2.Response:
        async with from_address(app, f"{network}.{number % 250 + 1}") as client:
            return await client.put(f"/v1/alarms/{alarm_id}", json=body(regency))

    return await asyncio.gather(*(press(number, id_) for number, id_ in enumerate(ids)))


async def queue(client: httpx2.AsyncClient, operator: Person) -> list[dict[str, Any]]:
    answer = await client.get("/v1/alarms", headers=operator.bearer)
    alarms: list[dict[str, Any]] = answer.json()["alarms"]
    return alarms


async def told_to_officers(database: Database, alarm_id: UUID) -> list[str]:
    """How sure it is who pressed, as those who were called see it."""
    async with database.reading() as session:
        ids = await session.sql.fetch("SELECT id FROM offer WHERE alarm_id = $1", alarm_id)
        return [(await showing.offer_view(session, row["id"])).verification for row in ids]


async def test_an_unverified_press_calls_and_says_where_to_call_back(
    client: httpx2.AsyncClient, regency: Regency, operator: Person, database: Database
) -> None:
    said = await client.put(f"/v1/alarms/{new_id()}", json=body(regency))

    assert said.status_code == 201
    assert (said.json()["personil_called"], said.json()["desk_first"]) == (1, False)
    [alarm] = await queue(client, operator)
    assert alarm["verification"] == "unverified"
    assert await told_to_officers(database, UUID(alarm["id"])) == ["unverified"]
    assert alarm["reporter"]["account_id"] is None
    assert alarm["suspicion"] == {"level": 1, "reasons": ["unverified"]}


async def test_without_a_place_it_is_stored_with_the_satuan_that_is_left(
    client: httpx2.AsyncClient, regency: Regency, database: Database
) -> None:
    said = await client.put(f"/v1/alarms/{new_id()}")

    assert said.status_code == 201
    async with database.reading() as session:
        row = await session.sql.fetchrow("SELECT position_source, call_held FROM alarm")
    assert (row["position_source"], row["call_held"]) == ("none", False)
    assert said.json()["satuan_name"] in {regency.polres.name, regency.neighbour.name}


async def test_a_flood_from_one_network_is_stored_whole_and_becomes_a_few_entries(
    app: FastAPI,
    client: httpx2.AsyncClient,
    regency: Regency,
    operator: Person,
) -> None:
    ids = [new_id() for _ in range(FLOOD)]

    said = await flood(app, regency, ids)

    assert Counter(answer.status_code for answer in said) == {201: FLOOD}
    alarms = await queue(client, operator)
    assert len(alarms) == ENTRIES_PER_NETWORK + 1
    assert sum(1 + alarm["folded"] for alarm in alarms) == FLOOD
    assert sum(not alarm["call_held"] for alarm in alarms) == CALLS_PER_NETWORK
    assert sum(bool(alarm["offers"]) for alarm in alarms) == CALLS_PER_NETWORK
    told = Counter(answer.json()["desk_first"] for answer in said)
    assert told == {False: CALLS_PER_NETWORK, True: FLOOD - CALLS_PER_NETWORK}
    assert all(
        answer.json()["next_check_at"] is None for answer in said if answer.json()["desk_first"]
    )


async def test_what_was_folded_is_shown_to_the_desk_and_repeats_change_nothing(
    app: FastAPI,
    client: httpx2.AsyncClient,
    regency: Regency,
    operator: Person,
) -> None:
    ids = [new_id() for _ in range(FLOOD)]
    said = await flood(app, regency, ids)

    again = await flood(app, regency, ids)

    assert Counter(answer.status_code for answer in again) == {200: FLOOD}
    assert [answer.json() for answer in again] == [answer.json() for answer in said]
    [entry] = [alarm for alarm in await queue(client, operator) if alarm["folded"]]
    path = f"/v1/alarms/{entry['id']}/folded-presses"
    folded = (await client.get(path, headers=operator.bearer)).json()
    assert len(folded) == entry["folded"] == FLOOD - ENTRIES_PER_NETWORK - 1
    assert {one["network"] for one in folded} == {"203.0.113.0/24"}
    assert {(one["place"]["lat"], one["phone"]) for one in folded} == {
        (regency.centre.lat, mask_phone("0812 0000 1111"))
    }
    assert entry["network"] == "203.0.113.0/24"


async def test_one_act_of_the_operator_calls_for_an_alarm_that_was_held(
    app: FastAPI,
    client: httpx2.AsyncClient,
    regency: Regency,
    operator: Person,
) -> None:
    await flood(app, regency, [new_id() for _ in range(CALLS_PER_NETWORK + 1)])
    [held] = [alarm for alarm in await queue(client, operator) if alarm["call_held"]]

    called = [
        await client.post(f"/v1/alarms/{held['id']}/calls", headers=operator.bearer)
        for _ in range(2)
    ]

    assert [answer.status_code for answer in called] == [200, 200]
    assert called[0].json()["call_held"] is False
    assert len(called[0].json()["offers"]) == 1
    assert called[0].json()["offers"] == called[1].json()["offers"]


async def test_another_network_and_a_known_account_are_not_touched_by_a_flood(
    app: FastAPI,
    client: httpx2.AsyncClient,
    regency: Regency,
    operator: Person,
    database: Database,
) -> None:
    async with database.transaction() as session:
        warga = await make_masyarakat(session)
    await flood(app, regency, [new_id() for _ in range(FLOOD)])

    [elsewhere] = await flood(app, regency, [new_id()], network="198.51.100")
    async with from_address(app, "203.0.113.9") as inside:
        genuine = await inside.put(
            f"/v1/alarms/{new_id()}", headers=warga.bearer, json=body(regency)
        )

    assert (elsewhere.json()["desk_first"], elsewhere.json()["personil_called"]) == (False, 1)
    assert (genuine.status_code, genuine.json()["desk_first"]) == (201, False)
    [alarm] = [one for one in await queue(client, operator) if one["verification"] == "bearer"]
    assert alarm["suspicion"]["reasons"] == ["busy_network"]


async def test_a_press_that_was_folded_rises_when_its_phone_proves_itself(
    app: FastAPI,
    client: httpx2.AsyncClient,
    regency: Regency,
    operator: Person,
    database: Database,
) -> None:
    async with database.transaction() as session:
        warga = await make_masyarakat(session)
    ids = [new_id() for _ in range(FLOOD)]
    said = await flood(app, regency, ids)
    folded = next(id_ for id_, answer in zip(ids, said, strict=True) if answer.json()["joined"])

    proved = await client.put(f"/v1/alarms/{folded}", headers=warga.bearer, json=body(regency))

    assert (proved.status_code, proved.json()["personil_called"]) == (201, 1)
    assert proved.json()["alarm_id"] == str(folded)
    assert operator.subject.satuan_path == regency.polres.path


async def test_each_id_of_a_batch_is_stored_once_though_sent_many_times_at_once(
    app: FastAPI, regency: Regency, operator: Person, database: Database
) -> None:
    alarm_id = new_id()

    said = await flood(app, regency, [alarm_id] * 12)

    assert {answer.json()["alarm_id"] for answer in said} == {str(alarm_id)}
    async with database.reading() as session:
        assert await session.sql.fetchval("SELECT count(*) FROM alarm") == 1
    assert operator.subject.satuan_path == regency.polres.path


async def test_a_signed_press_amid_the_flood_is_verified(
    app: FastAPI, client: httpx2.AsyncClient, regency: Regency, operator: Person, database: Database
) -> None:
    async with database.transaction() as session:
        warga = await make_masyarakat(session)
    phone = await signing_phone(client, warga)
    alarm_id = new_id()
    path = f"/v1/alarms/{alarm_id}"

    async def genuine() -> httpx2.Response:
        async with from_address(app, "203.0.113.77") as inside:
            return await inside.put(path, headers=phone.headers(path, b"{}"), content=b"{}")

    flooded, said = await asyncio.gather(
        flood(app, regency, [new_id() for _ in range(FLOOD)]), genuine()
    )

    assert (said.status_code, said.json()["verification"]) == (201, "verified")
    assert {answer.status_code for answer in flooded} == {201}
    assert operator.subject.satuan_path == regency.polres.path
