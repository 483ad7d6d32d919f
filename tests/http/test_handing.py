"""An alarm handed across the border, behind both walls and on the socket."""

import asyncio
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from cas_server.db.bell import Bell
from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from cas_server.live.feed import Feed
from cas_server.live.hub import Hub
from cas_server.live.routes import Lives
from cas_server.presence.intake import Intake
from tests.factories import Person, Regency, make_masyarakat, make_staff
from tests.http.test_authority_live import Wire, socket

Desks = dict[str, Person]


@pytest_asyncio.fixture
async def desks(app: FastAPI, database: Database, regency: Regency) -> Desks:
    app.state.hub = Hub()
    intake: Intake = app.state.intake
    app.state.lives = Lives(database, app.state.hub, intake, utc_now, 64)
    async with database.transaction() as session:
        return {
            "kota": await make_staff(session, regency.kota),
            "dander": await make_staff(session, regency.dander),
            "polres": await make_staff(session, regency.polres),
            "rengel": await make_staff(session, regency.rengel),
            "neighbour": await make_staff(session, regency.neighbour),
        }


@pytest.fixture
def feed(app: FastAPI, desks: Desks, database: Database, bell: Bell) -> Feed:  # noqa: ARG001 - the hub
    return Feed(database, bell, app.state.hub, utc_now)


@pytest_asyncio.fixture
async def alarm(client: httpx2.AsyncClient, database: Database, regency: Regency) -> str:
    async with database.transaction() as session:
        warga = await make_masyarakat(session)
    at = {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 5}
    path = f"/v1/alarms/{new_id()}"
    pressed = await client.put(path, headers=warga.bearer, json={"position": at})
    assert pressed.status_code == 201
    return path


async def _hand(
    client: httpx2.AsyncClient, alarm: str, by: Person, regency: Regency
) -> httpx2.Response:
    body = {"satuan_id": str(regency.rengel.id), "reason": "di seberang batas"}
    return await client.post(f"{alarm}/handing", headers=by.bearer, json=body)


async def _sees(client: httpx2.AsyncClient, alarm: str, desks: Desks) -> dict[str, int]:
    return {
        name: (await client.get(alarm, headers=who.bearer)).status_code
        for name, who in desks.items()
    }


async def test_the_new_desk_acts_the_old_one_looks_and_others_see_what_they_saw(
    client: httpx2.AsyncClient, alarm: str, desks: Desks, regency: Regency
) -> None:
    before = await _sees(client, alarm, desks)
    refused = [
        (await _hand(client, alarm, desks[name], regency)).status_code
        for name in ("dander", "rengel", "neighbour")
    ]

    handed = await _hand(client, alarm, desks["kota"], regency)

    after = await _sees(client, alarm, desks)
    acts: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "acknowledgement", {}),
        ("POST", "closing", {"disposition": "test", "note": "uji"}),
        ("POST", "reveals", {"reason": "menelepon balik"}),
        ("POST", "handing", {"satuan_id": str(regency.dander.id), "reason": "uji"}),
        ("GET", "neighbours", {}),
        ("POST", "assignments", {"personil_id": str(new_id())}),
    ]
    lost = {
        what: (
            await client.request(method, f"{alarm}/{what}", headers=who.bearer, json=body)
        ).status_code
        for who in (desks["kota"], desks["polres"])
        for method, what, body in acts
    }
    taken = await client.post(f"{alarm}/acknowledgement", headers=desks["rengel"].bearer)
    assert before == {"kota": 200, "dander": 404, "polres": 200, "rengel": 404, "neighbour": 404}
    assert refused == [404, 404, 404]
    assert handed.status_code == 200, handed.text
    assert after == {"kota": 200, "dander": 404, "polres": 200, "rengel": 200, "neighbour": 200}
    assert set(lost.values()) == {404}, lost
    assert (taken.status_code, taken.json()["ringing"]) == (200, False)


async def test_every_desk_hears_of_it_live_and_a_fresh_picture_equals_the_one_it_has(
    app: FastAPI,
    client: httpx2.AsyncClient,
    alarm: str,
    desks: Desks,
    regency: Regency,
    feed: Feed,
) -> None:
    await feed.tell_changes()
    heard: dict[str, list[str]] = {}
    ready, over = asyncio.Barrier(len(desks) + 1), asyncio.Event()

    async def watch(name: str) -> None:
        async with socket(app, desks[name]) as wire:
            picture = _by_id((await _snapshot(wire))["alarms"])
            await ready.wait()
            await over.wait()
            fresh = _by_id((await _snapshot(wire, picture))["alarms"])
            assert picture == fresh, name
            heard[name] = [one["satuan_name"] for one in picture.values()]

    async with asyncio.TaskGroup() as tasks:
        for name in desks:
            tasks.create_task(watch(name))
        await ready.wait()
        assert (await _hand(client, alarm, desks["kota"], regency)).status_code == 200
        await feed.tell_changes()
        over.set()

    there = [regency.rengel.name]
    assert heard == {
        "kota": there, "polres": there, "rengel": there, "neighbour": there, "dander": [],
    }  # fmt: skip


async def _snapshot(wire: Wire, picture: dict[str, Any] | None = None) -> dict[str, Any]:
    """A fresh snapshot; changes told before it go into the picture first."""
    await wire.say(type="watch")
    while (message := await wire.hear("desk.snapshot", "alarm.changed"))["type"] != "desk.snapshot":
        assert picture is not None
        picture[message["alarm"]["id"]] = message["alarm"]
    return message


def _by_id(alarms: list[dict[str, Any]]) -> dict[str, Any]:
    return {alarm["id"]: alarm for alarm in alarms}


@pytest.mark.parametrize("reason", ["", "x" * 501])
async def test_a_reason_is_needed_and_is_short(
    client: httpx2.AsyncClient, alarm: str, desks: Desks, regency: Regency, reason: str
) -> None:
    body = {"satuan_id": str(regency.rengel.id), "reason": reason}

    answer = await client.post(f"{alarm}/handing", headers=desks["kota"].bearer, json=body)

    assert answer.status_code == 422
