"""A press over HTTP: what is answered, and what can never make it fail."""

from typing import Any
from uuid import UUID

import httpx2
import pytest

from cas_server.db.session import Database
from cas_server.dispatch.policy import SKILLS_FOR
from cas_server.kit.ids import new_id
from tests.factories import Person, Regency, make_masyarakat, make_personil, make_staff

EXPIRE = "UPDATE credential SET expires_at = now() - interval '1 day' WHERE account_id = $1"
REVOKE = "UPDATE credential SET revoked_at = now() WHERE account_id = $1"


@pytest.fixture
async def warga(database: Database, regency: Regency) -> Person:
    async with database.transaction() as session:
        await make_personil(session, regency.kota, regency.at(300))
        return await make_masyarakat(session)


def here(regency: Regency) -> dict[str, Any]:
    return {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 12, "age_s": 2}


async def press(
    client: httpx2.AsyncClient, who: Person, body: Any, alarm_id: UUID | None = None
) -> httpx2.Response:
    content = body if isinstance(body, bytes) else None
    json = None if isinstance(body, bytes) else body
    return await client.put(
        f"/v1/alarms/{alarm_id or new_id()}", headers=who.bearer, json=json, content=content
    )


async def count(database: Database, table: str) -> int:
    async with database.reading() as session:
        found: int = await session.sql.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608
    return found


async def test_the_first_press_is_201_and_every_repeat_200_with_the_same_body(
    client: httpx2.AsyncClient, warga: Person, regency: Regency, database: Database
) -> None:
    alarm_id, body = new_id(), {"position": here(regency), "kind": "fire", "note": "asap"}

    said = await press(client, warga, body, alarm_id)
    again = [await press(client, warga, body, alarm_id) for _ in range(3)]

    assert said.status_code == 201
    assert [answer.status_code for answer in again] == [200, 200, 200]
    assert {answer.content for answer in again} == {said.content}
    assert said.json()["personil_called"] == 1
    assert said.json()["satuan_name"] == regency.kota.name
    assert (await count(database, "alarm"), await count(database, "offer")) == (1, 1)


async def test_an_empty_body_is_a_press_of_a_kind_that_nobody_has_said(
    client: httpx2.AsyncClient, warga: Person, database: Database
) -> None:
    assert (await press(client, warga, b"")).status_code == 201
    async with database.reading() as session:
        assert await session.sql.fetchval("SELECT kind FROM alarm") == "unknown"
    # Called as for the worst it may be.
    assert SKILLS_FOR["unknown"] == SKILLS_FOR["crime"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "gempa"),
        ("silent", "mungkin"),
        ("battery_percent", 240),
        ("pressed_at", "kemarin"),
        ("pressed_at", "2026-03-01T20:00:00"),
        ("pressed_at", "0001-01-01T00:00:00+14:00"),
        ("pressed_at", "9999-12-31T23:59:59-14:00"),
        ("site_id", "bank"),
        ("note", {"a": 1}),
        ("note", "batal\u0000"),
        ("colour", "red"),
        ("position", {"lat": 95, "lon": 111}),
        ("position", [111, -7]),
    ],
)
async def test_a_field_that_cannot_be_used_is_dropped_and_named(
    client: httpx2.AsyncClient, warga: Person, field: str, value: Any
) -> None:
    answer = await press(client, warga, {field: value})

    assert answer.status_code == 201, answer.text
    assert [dropped["field"].split(".")[0] for dropped in answer.json()["dropped"]] == [field]


async def test_a_bad_part_of_a_position_does_not_cost_the_place(
    client: httpx2.AsyncClient, warga: Person, regency: Regency, database: Database
) -> None:
    position = here(regency) | {"accuracy_m": -4, "speed": 3}

    answer = await press(client, warga, {"position": position})

    named = {dropped["field"] for dropped in answer.json()["dropped"]}
    assert named == {"position.accuracy_m", "position.speed"}
    async with database.reading() as session:
        assert await session.sql.fetchval("SELECT position_source FROM alarm") == "gps"


@pytest.mark.parametrize(
    "body", [b"[]", b"7", b"halo", b'{"kind": ', b"\xff\xfe", b'"x"', b"null", b"[" * 100_000]
)
async def test_a_body_that_is_no_json_object_is_422_and_names_it(
    client: httpx2.AsyncClient, warga: Person, body: bytes
) -> None:
    answer = await press(client, warga, body)

    assert (answer.status_code, answer.json()["field"]) == (422, "body")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        b'{"note": "\xff"}',
        b'{"note": "\\ud800"}',
        b'{"battery_percent": 1e999}',
        b'{"position": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"kind": "fire", "kind": "crime"}',
    ],
)
async def test_a_value_that_is_no_good_json_does_not_cost_the_press(
    client: httpx2.AsyncClient, warga: Person, body: bytes
) -> None:
    answer = await press(client, warga, body)

    assert answer.status_code in (201, 422), answer.text
    if answer.status_code == 422:
        assert answer.json()["field"] == "body"


async def test_an_id_that_is_no_uuid_is_422_and_names_it(
    client: httpx2.AsyncClient, warga: Person
) -> None:
    answer = await client.put("/v1/alarms/satu", headers=warga.bearer, json={})

    assert (answer.status_code, answer.json()["field"]) == (422, "alarm_id")


async def test_an_expired_session_still_presses_but_does_nothing_else(
    client: httpx2.AsyncClient, warga: Person, database: Database
) -> None:
    async with database.transaction() as session:
        await session.sql.execute(EXPIRE, warga.account_id)

    pressed = await press(client, warga, {})
    looked = await client.get("/v1/own-alarms", headers=warga.bearer)

    assert (pressed.status_code, looked.status_code) == (201, 401)


async def test_a_press_credential_can_only_press(
    client: httpx2.AsyncClient, warga: Person, database: Database
) -> None:
    async with database.transaction() as session:
        device = await make_masyarakat(session, scope="press")

    pressed = await press(client, device, {})
    alarm_id = pressed.json()["alarm_id"]
    tried = [
        await client.get("/v1/own-alarms", headers=device.bearer),
        await client.get("/v1/account", headers=device.bearer),
        await client.post(
            f"/v1/own-alarms/{alarm_id}/cancellation", headers=device.bearer, json={}
        ),
    ]

    assert pressed.status_code == 201
    assert [answer.status_code for answer in tried] == [403, 403, 403]
    assert warga.subject.scope == "session"


async def test_a_press_with_no_known_credential_is_taken_as_unverified(
    client: httpx2.AsyncClient, warga: Person, database: Database
) -> None:
    async with database.transaction() as session:
        await session.sql.execute(REVOKE, warga.account_id)

    answers = [
        await press(client, warga, {}),
        await client.put(f"/v1/alarms/{new_id()}", json={}),
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert [answer.json()["verification"] for answer in answers] == ["unverified"] * 2
    assert answers[0].json()["alarm_id"] != answers[1].json()["alarm_id"]


async def test_an_operator_presses_only_for_a_caller(
    client: httpx2.AsyncClient, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        operator = await make_staff(session, regency.polres)
    body = {"channel": "phone", "caller_name": "Ani", "kind": "fire", "position": here(regency)}
    del body["position"]["age_s"]  # type: ignore[attr-defined]
    alarm_id = new_id()

    own = await press(client, operator, {})
    taken = [
        await client.put(f"/v1/desk/alarms/{alarm_id}", headers=operator.bearer, json=body)
        for _ in range(2)
    ]

    assert own.status_code == 403
    assert [answer.status_code for answer in taken] == [201, 200]
    assert taken[0].json() == taken[1].json()


async def test_without_any_satuan_a_press_is_503_and_the_phone_keeps_trying(
    client: httpx2.AsyncClient, database: Database
) -> None:
    async with database.transaction() as session:
        warga = await make_masyarakat(session)

    answer = await press(client, warga, {})

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


async def test_a_personil_who_presses_in_danger_is_answered_like_anybody(
    client: httpx2.AsyncClient, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        officer = await make_personil(session, regency.kota, regency.at(10))

    answer = await press(client, officer, {"position": here(regency)})

    assert answer.status_code == 201
    assert answer.json()["personil_called"] == 0
