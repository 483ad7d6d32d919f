"""The desk and the officers over HTTP, and what stays hidden from other Polres."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from cas_server.db.session import Database
from cas_server.kit.ids import new_id
from tests.factories import Person, Regency, make_masyarakat, make_personil, make_staff


@dataclass
class Scene:
    """A press near three officers, with a desk of its own and one of the neighbours."""

    client: httpx2.AsyncClient
    warga: Person
    officers: list[Person]
    operator: Person
    colleague: Person
    stranger: Person
    alarm: str = field(default_factory=lambda: str(new_id()))

    async def get(self, who: Person, path: str) -> httpx2.Response:
        return await self.client.get(f"/v1{path}", headers=who.bearer)

    async def post(self, who: Person, path: str, **body: Any) -> httpx2.Response:
        return await self.client.post(f"/v1{path}", headers=who.bearer, json=body)

    async def offer(self, who: Person) -> dict[str, Any]:
        offers: list[dict[str, Any]] = (await self.get(who, "/offers")).json()
        return next(offer for offer in offers if offer["alarm_id"] == self.alarm)

    async def accept(self, who: Person) -> httpx2.Response:
        offer_id = (await self.offer(who))["offer_id"]
        return await self.post(who, f"/offers/{offer_id}/acceptance")


@pytest_asyncio.fixture
async def scene(
    client: httpx2.AsyncClient, regency: Regency, database: Database
) -> AsyncIterator[Scene]:
    async with database.transaction() as session:
        officers = [
            await make_personil(session, regency.kota, regency.at(metres)) for metres in (1, 2, 3)
        ]
        scene = Scene(
            client,
            await make_masyarakat(session),
            officers,
            await make_staff(session, regency.polres),
            await make_staff(session, regency.kota),
            await make_staff(session, regency.neighbour),
        )
    centre = regency.centre
    body = {"position": {"lat": centre.lat, "lon": centre.lon, "accuracy_m": 10}}
    answer = await client.put(f"/v1/alarms/{scene.alarm}", headers=scene.warga.bearer, json=body)
    assert answer.status_code == 201
    yield scene


async def test_a_whole_story_from_press_to_closing(scene: Scene) -> None:
    lead, second, _ = scene.officers
    offer_id = (await scene.offer(lead))["offer_id"]

    said = [
        await scene.post(lead, f"/offers/{offer_id}/receipt"),
        await scene.accept(lead),
        await scene.accept(second),
        await scene.post(scene.operator, f"/alarms/{scene.alarm}/acknowledgement"),
        await scene.post(lead, f"/offers/{offer_id}/steps", step="en_route"),
        await scene.post(lead, f"/offers/{offer_id}/steps", step="on_scene"),
    ]
    own = (await scene.get(scene.warga, f"/own-alarms/{scene.alarm}")).json()
    closed = await scene.post(
        scene.operator, f"/alarms/{scene.alarm}/closing", disposition="genuine", note="selesai"
    )

    assert [answer.status_code for answer in said] == [204, 200, 200, 200, 200, 200]
    assert (own["status"], own["personil_coming"]) == ("on_scene", 2)
    assert own["on_scene_at"] is not None
    assert closed.json()["status"] == "resolved"
    kinds = [e["kind"] for e in (await scene.get(
        scene.operator, f"/alarms/{scene.alarm}/timeline")).json()]  # fmt: skip
    assert kinds[0] == "alarm.raised"
    assert kinds[-1] == "alarm.closed"
    assert "responder.on_scene" in kinds
    why = (await scene.get(scene.operator, f"/alarms/{scene.alarm}/decisions")).json()
    assert [c["chosen"] for c in why[0]["candidates"]] == [True, True, True]
    past = (await scene.get(scene.operator, "/alarms?open=false")).json()["alarms"]
    assert [alarm["id"] for alarm in past] == [scene.alarm]


async def test_the_third_officer_hears_409_and_who_was_first(scene: Scene) -> None:
    first, second, third = scene.officers
    late = (await scene.offer(third))["offer_id"]
    await scene.accept(first)
    await scene.accept(second)

    answer = await scene.post(third, f"/offers/{late}/acceptance")

    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["code"], problem["winner"]) == ("already_taken", first.name)


async def test_the_second_operator_hears_409_and_who_was_first(scene: Scene) -> None:
    await scene.post(scene.operator, f"/alarms/{scene.alarm}/acknowledgement")

    answer = await scene.post(scene.colleague, f"/alarms/{scene.alarm}/acknowledgement")

    assert answer.status_code == 409
    assert answer.json()["winner"] == scene.operator.name


async def test_an_acknowledgement_that_comes_late_does_not_silence_a_later_bell(
    scene: Scene,
) -> None:
    path = f"/alarms/{scene.alarm}/acknowledgement"
    await scene.post(scene.operator, f"{path}?bell=new")
    officer = scene.officers[0]
    await scene.accept(officer)
    offer = (await scene.offer(officer))["offer_id"]
    await scene.post(officer, f"/offers/{offer}/backup")

    late = await scene.post(scene.operator, f"{path}?bell=new")
    late_colleague = await scene.post(scene.colleague, f"{path}?bell=new")
    other = await scene.post(scene.operator, f"{path}?bell=unanswered")
    heard = await scene.post(scene.colleague, f"{path}?bell=backup")
    unknown = await scene.post(scene.operator, f"{path}?bell=door")

    assert [one.status_code for one in (late, late_colleague, other, heard)] == [200, 409, 200, 200]
    assert [one.json()["ringing"] for one in (late, other, heard)] == [True, True, False]
    assert unknown.status_code == 422


@pytest.mark.parametrize(("heard", "rings_on"), [("new", True), ("backup", False), (None, False)])
async def test_a_first_acknowledgement_silences_no_bell_but_the_one_that_was_heard(
    scene: Scene, heard: str | None, *, rings_on: bool
) -> None:
    path = f"/alarms/{scene.alarm}/acknowledgement"
    officer = scene.officers[0]
    await scene.accept(officer)
    offer = (await scene.offer(officer))["offer_id"]
    await scene.post(officer, f"/offers/{offer}/backup")

    first = await scene.post(scene.operator, path if heard is None else f"{path}?bell={heard}")
    again = await scene.post(scene.operator, f"{path}?bell=backup")

    assert first.json()["acknowledged"]["name"] == scene.operator.name
    assert first.json()["ringing"] is rings_on
    assert again.json()["ringing"] is False


async def test_an_operator_of_another_polres_sees_nothing(scene: Scene) -> None:
    path = f"/alarms/{scene.alarm}"
    officer = scene.officers[0].holder_id

    listed = (await scene.get(scene.stranger, "/alarms")).json()
    answers = [
        await scene.get(scene.stranger, path),
        await scene.get(scene.stranger, f"{path}/timeline"),
        await scene.get(scene.stranger, f"{path}/decisions"),
        await scene.post(scene.stranger, f"{path}/acknowledgement"),
        await scene.post(scene.stranger, f"{path}/assignments", personil_id=str(officer)),
        await scene.post(scene.stranger, f"{path}/closing", disposition="test", note="x"),
    ]

    assert listed == {"alarms": []}
    assert [answer.status_code for answer in answers] == [404] * 6
    assert (await scene.get(scene.stranger, "/personil")).json() == []


async def test_an_officer_sees_and_answers_only_their_own_offers(scene: Scene) -> None:
    mine, other = scene.officers[0], scene.officers[1]
    foreign = (await scene.offer(other))["offer_id"]

    answers = [
        await scene.post(mine, f"/offers/{foreign}/acceptance"),
        await scene.post(mine, f"/offers/{foreign}/refusal", reason=""),
        await scene.post(mine, f"/offers/{foreign}/receipt"),
        await scene.post(mine, f"/offers/{foreign}/steps", step="on_scene"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert len((await scene.get(mine, "/offers")).json()) == 1


async def test_a_citizen_sees_only_their_own_alarms(scene: Scene, database: Database) -> None:
    async with database.transaction() as session:
        other = await make_masyarakat(session)

    answers = [
        await scene.get(other, f"/own-alarms/{scene.alarm}"),
        await scene.post(other, f"/own-alarms/{scene.alarm}/cancellation", reason=""),
        await scene.post(other, f"/own-alarms/{scene.alarm}/fixes", fixes=[
            {"lat": 0, "lon": 0, "accuracy_m": 1, "fixed_at": "2026-03-01T00:00:00Z"},
        ]),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert (await scene.get(other, "/own-alarms")).json() == []
    assert len((await scene.get(scene.warga, "/own-alarms")).json()) == 1


@pytest.mark.parametrize("officer", range(3))
async def test_a_citizen_never_learns_an_officers_name(scene: Scene, officer: int) -> None:
    await scene.accept(scene.officers[officer])

    own = await scene.get(scene.warga, f"/own-alarms/{scene.alarm}")

    assert scene.officers[officer].name not in own.text


async def test_closing_needs_a_known_disposition_and_a_note(scene: Scene) -> None:
    path = f"/alarms/{scene.alarm}/closing"

    answers = [
        await scene.post(scene.operator, path, disposition="genuine"),
        await scene.post(scene.operator, path, disposition="genuine", note=""),
        await scene.post(scene.operator, path, disposition="bored", note="x"),
    ]

    assert [(a.status_code, a.json()["field"]) for a in answers] == [
        (422, "note"),
        (422, "note"),
        (422, "disposition"),
    ]


async def test_a_text_that_cannot_be_stored_is_refused_in_plain_words(scene: Scene) -> None:
    path = f"/alarms/{scene.alarm}/closing"

    answer = await scene.post(scene.operator, path, disposition="test", note="nol\u0000")

    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_input"


async def test_an_officer_who_goes_off_duty_is_asked_no_longer(scene: Scene) -> None:
    lead = scene.officers[0]
    offer_id = (await scene.offer(lead))["offer_id"]

    ended = await scene.client.delete("/v1/duty", headers=lead.bearer)
    late = await scene.post(lead, f"/offers/{offer_id}/acceptance")

    assert (ended.status_code, ended.json()["on_duty"]) == (200, False)
    assert (late.status_code, late.json()["code"]) == (409, "offer_over")
