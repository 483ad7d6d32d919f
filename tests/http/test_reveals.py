"""Who a reporter is: masked for everybody, told for a reason to whoever handles the alarm."""

from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI

from cas_server.db.session import Database
from cas_server.kit.ids import new_id
from cas_server.settings import Settings
from tests.factories import (
    Person,
    Regency,
    make_masyarakat,
    make_personil,
    make_regency,
    make_staff,
)

WHY = "menelepon balik: posisi kurang jelas"


class Scene:
    """A citizen who has pressed, an officer who was called, and two desks."""

    def __init__(self, client: httpx2.AsyncClient, database: Database) -> None:
        self.client = client
        self.database = database
        self.alarm_id: UUID = new_id()

    async def begin(self, regency: Regency) -> None:
        self.regency = regency
        async with self.database.transaction() as session:
            self.warga = await make_masyarakat(session)
            self.officer = await make_personil(session, regency.kota, regency.at(300))
            self.desk = await make_staff(session, regency.polres)
            self.neighbour = await make_staff(session, regency.neighbour)
        at = {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 8}
        await self.call("PUT", f"/alarms/{self.alarm_id}", self.warga, position=at)

    async def call(self, method: str, path: str, by: Person, **body: Any) -> httpx2.Response:
        return await self.client.request(method, f"/v1{path}", headers=by.bearer, json=body or None)

    async def reveal(self, by: Person, reason: str = WHY) -> httpx2.Response:
        return await self.call("POST", f"/alarms/{self.alarm_id}/reveals", by, reason=reason)

    async def accept(self) -> None:
        [offer] = (await self.call("GET", "/offers", self.officer)).json()
        await self.call("POST", f"/offers/{offer['offer_id']}/acceptance", self.officer)

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        async with self.database.reading() as session:
            return [tuple(row) for row in await session.sql.fetch(statement)]


@pytest.fixture
async def scene(client: httpx2.AsyncClient, database: Database, regency: Regency) -> Scene:
    scene = Scene(client, database)
    await scene.begin(regency)
    return scene


async def test_the_desk_sees_a_mask_until_it_says_why_it_must_know(scene: Scene) -> None:
    shown = (await scene.call("GET", f"/alarms/{scene.alarm_id}", scene.desk)).json()["reporter"]

    answer = await scene.reveal(scene.desk)

    assert shown["name"].startswith("W•••")
    assert shown["phone"].startswith("+62 ••• •••")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert told["name"].startswith("Warga ")
    assert told["phone"].startswith("+62812")
    assert told["phone"].endswith(shown["phone"][-3:])


async def test_a_reveal_is_written_down_without_what_it_told(scene: Scene) -> None:
    told = (await scene.reveal(scene.desk)).json()

    [row] = await scene.rows("SELECT account_id, role, reason, told FROM reveal")
    assert row == (scene.desk.account_id, "operator", WHY, True)
    [(actor, payload)] = await scene.rows(
        "SELECT actor_id, payload::text FROM journal WHERE kind = 'reporter.revealed'"
    )
    assert actor == scene.desk.account_id
    assert WHY in payload
    assert told["phone"] not in payload
    timeline = await scene.call("GET", f"/alarms/{scene.alarm_id}/timeline", scene.desk)
    assert timeline.json()[-1]["actor"] == scene.desk.name


async def test_the_reporter_sees_when_and_by_which_role(scene: Scene) -> None:
    await scene.reveal(scene.desk)

    own = (await scene.call("GET", f"/own-alarms/{scene.alarm_id}", scene.warga)).json()

    assert [line["role"] for line in own["reveals"]] == ["operator"]
    assert scene.desk.name not in str(own)


async def test_a_reporter_under_threat_does_not_show_that_the_police_are_looking(
    scene: Scene,
) -> None:
    path = f"/own-alarms/{scene.alarm_id}"
    await scene.call("POST", f"{path}/cancellation", scene.warga, reason="", duress=True)
    await scene.reveal(scene.desk)

    assert (await scene.call("GET", path, scene.warga)).json()["reveals"] == []


async def test_the_setting_can_keep_it_from_the_reporter(scene: Scene, app: FastAPI) -> None:
    app.state.settings = Settings(tell_reveals=False)
    await scene.reveal(scene.desk)

    own = (await scene.call("GET", f"/own-alarms/{scene.alarm_id}", scene.warga)).json()

    assert own["reveals"] == []


async def test_an_officer_may_know_once_they_have_taken_the_alarm_and_not_after(
    scene: Scene,
) -> None:
    before = await scene.reveal(scene.officer)
    await scene.accept()
    during = await scene.reveal(scene.officer)
    path = f"/alarms/{scene.alarm_id}/closing"
    await scene.call("POST", path, scene.desk, disposition="genuine", note="selesai")
    after = await scene.reveal(scene.officer)

    assert [before.status_code, during.status_code, after.status_code] == [404, 200, 404]


async def test_another_polres_and_the_reporter_themselves_may_not(scene: Scene) -> None:
    answers = [await scene.reveal(scene.neighbour), await scene.reveal(scene.warga)]

    assert [answer.status_code for answer in answers] == [404, 403]
    assert await scene.rows("SELECT id FROM reveal") == []


@pytest.mark.parametrize("reason", ["", "x", "   kosong   ", "x" * 501])
async def test_a_reason_is_between_ten_and_five_hundred_letters(scene: Scene, reason: str) -> None:
    answer = await scene.reveal(scene.desk, reason)

    assert answer.status_code == 422
    assert "reason" in answer.text


async def test_one_account_looks_up_only_so_many_an_hour(scene: Scene, app: FastAPI) -> None:
    app.state.settings = Settings(reveals_per_hour=2)

    answers = [await scene.reveal(scene.desk) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "too_many_reveals"
    assert int(answers[2].json()["retry_after_s"]) > 3_000
    assert len(await scene.rows("SELECT id FROM reveal")) == 2


async def test_a_caller_typed_by_the_operator_is_sealed_and_called_back(scene: Scene) -> None:
    scene.alarm_id = new_id()
    body = {"caller_name": "Ibu Ani Sukmawati", "caller_phone": "0812 9988 7766"}
    view = await scene.call("PUT", f"/desk/alarms/{scene.alarm_id}", scene.desk, **body)

    told = (await scene.reveal(scene.desk)).json()

    assert view.json()["reporter"]["name"] == "I••• A••• S•••"
    assert view.json()["reporter"]["phone"] == "••• ••• 766"
    assert (told["name"], told["phone"]) == ("Ibu Ani Sukmawati", "0812 9988 7766")


async def test_a_neighbouring_regency_changes_nothing(scene: Scene) -> None:
    async with scene.database.transaction() as session:
        other = await make_regency(session, "lmg")
        desk = await make_staff(session, other.polres)

    assert (await scene.reveal(desk)).status_code == 404


OLD_PROOF = "UPDATE credential SET verified_at = now() - interval '11 minutes'"


async def test_a_desk_proves_itself_again_before_a_reveal_and_an_officer_on_the_way_need_not(
    scene: Scene,
) -> None:
    await scene.accept()
    async with scene.database.transaction() as session:
        await session.sql.execute(OLD_PROOF)

    by_desk = await scene.reveal(scene.desk)
    by_officer = await scene.reveal(scene.officer)

    assert (by_desk.status_code, by_desk.json()["code"]) == (403, "step_up_needed")
    assert by_officer.status_code == 200
    assert len(await scene.rows("SELECT FROM reveal")) == 1
