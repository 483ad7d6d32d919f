"""An officer's report with its pictures over HTTP, who sees it, and what is behind an officer."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
import pytest_asyncio

from cas_server.db.session import Database
from cas_server.kit.ids import new_id
from tests.factories import Person, Regency, make_masyarakat, make_personil, make_staff
from tests.http.photos import photo

SAID = {"disposition": "genuine", "note": "pelaku diamankan"}


@dataclass(frozen=True)
class Scene:
    """An officer on the scene of an alarm, a colleague who was only called, and both desks."""

    client: httpx2.AsyncClient
    warga: Person
    officer: Person
    colleague: Person
    operator: Person
    neighbour: Person
    alarm: UUID
    offer: str

    async def ask(self, who: Person, method: str, path: str, **sent: Any) -> httpx2.Response:
        return await self.client.request(method, f"/v1{path}", headers=who.bearer, **sent)


@pytest_asyncio.fixture
async def scene(client: httpx2.AsyncClient, regency: Regency, database: Database) -> Scene:
    async with database.transaction() as session:
        warga = await make_masyarakat(session)
        officer, colleague = [
            await make_personil(session, regency.kota, regency.at(m)) for m in (5, 900)
        ]
        operator = await make_staff(session, regency.polres)
        neighbour = await make_staff(session, regency.neighbour)
    alarm, at = new_id(), {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 8}
    await client.put(f"/v1/alarms/{alarm}", headers=warga.bearer, json={"position": at})
    [offer] = (await client.get("/v1/offers", headers=officer.bearer)).json()
    scene = Scene(client, warga, officer, colleague, operator, neighbour, alarm, offer["offer_id"])
    await scene.ask(officer, "POST", f"/offers/{scene.offer}/acceptance")
    await scene.ask(officer, "POST", f"/offers/{scene.offer}/steps", json={"step": "on_scene"})
    return scene


async def test_a_report_and_its_picture_reach_the_desk_of_the_alarm_and_nobody_else(
    scene: Scene,
) -> None:
    picture = f"{new_id()}"
    path = f"/offers/{scene.offer}/pictures/{picture}"
    sent = await scene.ask(scene.officer, "PUT", path, content=photo())
    again = await scene.ask(scene.officer, "PUT", path, content=photo())
    filed = await scene.ask(scene.officer, "PUT", f"/offers/{scene.offer}/report", json=SAID)
    others = [
        await scene.ask(who, "PUT", f"/offers/{scene.offer}/pictures/{new_id()}", content=photo())
        for who in (scene.colleague, scene.warga)
    ]
    people = (scene.operator, scene.neighbour, scene.colleague, scene.warga)
    reports = [await scene.ask(p, "GET", f"/alarms/{scene.alarm}/reports") for p in people]
    looks = [await scene.ask(p, "GET", f"/alarms/{scene.alarm}/pictures/{picture}") for p in people]
    story = await scene.ask(scene.operator, "GET", f"/alarms/{scene.alarm}/timeline")
    shown = await scene.ask(scene.operator, "GET", f"/alarms/{scene.alarm}")

    assert [answer.status_code for answer in (sent, again, filed, *others)] == [
        201, 200, 200, 404, 403,
    ]  # fmt: skip
    assert [answer.status_code for answer in reports] == [200, 404, 403, 403]
    assert [answer.status_code for answer in looks] == [200, 404, 404, 404]
    [report] = reports[0].json()
    assert (report["note"], report["pictures"]) == (SAID["note"], [picture])
    assert shown.json()["pictures"] == []
    assert SAID["note"] not in story.text
    kinds = [entry["kind"] for entry in story.json()]
    assert {"report.filed", "report.picture_added"} <= set(kinds)


async def test_one_reads_the_own_report_again_and_what_is_over_is_in_the_history(
    scene: Scene,
) -> None:
    nothing = await scene.ask(scene.officer, "GET", f"/offers/{scene.offer}/report")
    await scene.ask(scene.officer, "PUT", f"/offers/{scene.offer}/report", json=SAID)
    own = await scene.ask(scene.officer, "GET", f"/offers/{scene.offer}/report")
    before = await scene.ask(scene.officer, "GET", "/past-tasks")
    closing = {"disposition": "false_accidental", "note": "x"}
    await scene.ask(scene.operator, "POST", f"/alarms/{scene.alarm}/closing", json=closing)
    after = await scene.ask(scene.officer, "GET", "/past-tasks")
    elses = await scene.ask(scene.colleague, "GET", "/past-tasks")

    assert (nothing.status_code, own.json()["note"]) == (404, SAID["note"])
    assert (before.json(), elses.json()) == ([], [])
    [past] = after.json()
    assert (past["alarm_id"], past["disposition"]) == (str(scene.alarm), "false_accidental")
    assert scene.warga.name not in after.text


async def test_stretches_of_duty_are_remembered_for_whom_they_are(scene: Scene) -> None:
    who = scene.colleague
    await scene.ask(who, "DELETE", "/duty")
    await scene.ask(who, "PUT", "/duty", json={"availability": "available"})

    told = (await scene.ask(who, "GET", "/duty/stretches")).json()

    assert [one["ended_at"] is None for one in told] == [True, False]
    assert len((await scene.ask(scene.officer, "GET", "/duty/stretches")).json()) == 1
