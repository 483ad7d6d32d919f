"""Devices come and go over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from cas_server.db.session import Database
from cas_server.identity import service as identity
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from cas_server.push import queries
from cas_server.push.port import SubscriptionKeys
from cas_server.push.queries import MOST_DEVICES
from cas_server.push.routes import router
from cas_server.settings import Settings
from cas_server.web import problems

from .conftest import SignIn
from .push_service import Subscription, raw

KEYS = Subscription("", "").keys
BROWSER = {
    "platform": "web",
    "address_type": "web_push",
    "address": "https://fcm.googleapis.com/fcm/send/abc",
    "keys": KEYS,
}
POINT_BYTES = 65
PHONE = {"platform": "android", "address_type": "fcm_token", "address": "an-address-of-a-phone"}


@pytest_asyncio.fixture
async def http(database: Database, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI()
    app.state.database = database
    app.state.settings = Settings(vapid_key_file=tmp_path / "vapid.pem")
    app.include_router(router)
    problems.install(app)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cas") as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def stored(database: Database) -> list[Any]:
    async with database.statement() as sql:
        rows = await sql.fetch("SELECT id, account_id, platform, address_type, address FROM device")
    return [tuple(row) for row in rows]


async def test_a_phone_registers_and_repeats_itself_without_harm(
    http: httpx2.AsyncClient, database: Database, sign_in: SignIn
) -> None:
    account_id, token = await sign_in()
    device_id = new_id()

    for _ in range(2):
        answer = await http.put(f"/v1/devices/{device_id}", json=PHONE, headers=bearer(token))
        assert answer.status_code == HTTPStatus.NO_CONTENT

    assert await stored(database) == [
        (device_id, account_id, "android", "fcm_token", "an-address-of-a-phone")
    ]


async def test_a_new_address_replaces_the_old_one(
    http: httpx2.AsyncClient, database: Database, sign_in: SignIn
) -> None:
    account_id, token = await sign_in()
    device_id = new_id()
    await http.put(f"/v1/devices/{device_id}", json=PHONE, headers=bearer(token))
    changed = {"platform": "android", "address_type": "fid", "address": "installation-2"}

    await http.put(f"/v1/devices/{device_id}", json=changed, headers=bearer(token))

    assert await stored(database) == [(device_id, account_id, "android", "fid", "installation-2")]


async def test_a_phone_that_changed_hands_wakes_only_its_new_user(
    http: httpx2.AsyncClient, database: Database, sign_in: SignIn
) -> None:
    _, before = await sign_in()
    account_id, after = await sign_in()
    await http.put(f"/v1/devices/{new_id()}", json=PHONE, headers=bearer(before))
    device_id = new_id()

    await http.put(f"/v1/devices/{device_id}", json=PHONE, headers=bearer(after))

    assert [row[:2] for row in await stored(database)] == [(device_id, account_id)]


async def test_nobody_takes_another_ones_device_by_its_id_alone(
    http: httpx2.AsyncClient, database: Database, sign_in: SignIn
) -> None:
    account_id, mine = await sign_in()
    _, other = await sign_in()
    device_id = new_id()
    await http.put(f"/v1/devices/{device_id}", json=PHONE, headers=bearer(mine))
    elsewhere = PHONE | {"address": "an-address-of-mine"}

    answer = await http.put(f"/v1/devices/{device_id}", json=elsewhere, headers=bearer(other))

    assert answer.status_code == HTTPStatus.CONFLICT
    assert answer.json()["code"] == "device_id_taken"
    assert [row[1] for row in await stored(database)] == [account_id]


async def test_a_phone_that_changed_hands_may_keep_its_id(
    http: httpx2.AsyncClient, database: Database, sign_in: SignIn
) -> None:
    _, before = await sign_in()
    account_id, after = await sign_in()
    device_id = new_id()
    await http.put(f"/v1/devices/{device_id}", json=PHONE, headers=bearer(before))

    await http.put(f"/v1/devices/{device_id}", json=PHONE, headers=bearer(after))

    assert [row[:2] for row in await stored(database)] == [(device_id, account_id)]


async def test_two_installations_that_claim_one_address_at_once_leave_one(
    http: httpx2.AsyncClient, database: Database, sign_in: SignIn
) -> None:
    _, token = await sign_in()

    answers = await asyncio.gather(
        *(http.put(f"/v1/devices/{new_id()}", json=PHONE, headers=bearer(token)) for _ in range(8))
    )

    assert {answer.status_code for answer in answers} == {HTTPStatus.NO_CONTENT}
    assert len(await stored(database)) == 1


async def test_the_oldest_installations_of_a_person_are_let_go(
    http: httpx2.AsyncClient, database: Database, sign_in: SignIn
) -> None:
    _, token = await sign_in()

    for number in range(MOST_DEVICES + 2):
        device = {**PHONE, "address": f"address-number-{number}"}
        await http.put(f"/v1/devices/{new_id()}", json=device, headers=bearer(token))

    kept = {row[4] for row in await stored(database)}
    assert kept == {f"address-number-{number}" for number in range(2, MOST_DEVICES + 2)}


async def test_a_phone_unregisters_and_may_say_so_twice(
    http: httpx2.AsyncClient, database: Database, sign_in: SignIn
) -> None:
    _, token = await sign_in()
    device_id = new_id()
    await http.put(f"/v1/devices/{device_id}", json=PHONE, headers=bearer(token))

    for _ in range(2):
        answer = await http.delete(f"/v1/devices/{device_id}", headers=bearer(token))
        assert answer.status_code == HTTPStatus.NO_CONTENT

    assert await stored(database) == []


async def test_nobody_unregisters_anothers_phone(
    http: httpx2.AsyncClient, database: Database, sign_in: SignIn
) -> None:
    _, owner = await sign_in()
    _, other = await sign_in()
    device_id = new_id()
    await http.put(f"/v1/devices/{device_id}", json=PHONE, headers=bearer(owner))

    await http.delete(f"/v1/devices/{device_id}", headers=bearer(other))

    assert len(await stored(database)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("platform", "nokia"),
        ("address_type", "apns"),
        ("address", "short"),
        ("address", "an address with spaces"),
        ("address", "x" * 4097),
        ("owner", "me"),
    ],
)
async def test_a_device_that_makes_no_sense_is_refused_by_its_field(
    http: httpx2.AsyncClient, sign_in: SignIn, field: str, value: str
) -> None:
    _, token = await sign_in()

    answer = await http.put(
        f"/v1/devices/{new_id()}", json={**PHONE, field: value}, headers=bearer(token)
    )

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.json()["field"].endswith(field)


async def test_a_press_only_credential_registers_no_phone(
    http: httpx2.AsyncClient, database: Database, sign_in: SignIn
) -> None:
    account_id, _ = await sign_in()
    async with database.transaction() as session:
        token = await identity.issue(session, account_id, "press", "phone", utc_now())

    answer = await http.put(f"/v1/devices/{new_id()}", json=PHONE, headers=bearer(token))

    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert (await http.delete(f"/v1/devices/{new_id()}")).status_code == HTTPStatus.UNAUTHORIZED


async def test_a_browser_registers_with_the_keys_of_its_subscription(
    http: httpx2.AsyncClient, database: Database, sign_in: SignIn
) -> None:
    _, token = await sign_in()
    device_id = new_id()

    asked = await http.get("/v1/waking", headers=bearer(token))
    told = await http.put(f"/v1/devices/{device_id}", json=BROWSER, headers=bearer(token))

    assert len(raw(asked.json()["application_server_key"])) == POINT_BYTES
    assert told.status_code == HTTPStatus.NO_CONTENT
    async with database.glance() as session:
        found = await queries.get(session, device_id)
    assert found is not None
    assert found.keys == SubscriptionKeys(**KEYS)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"platform": "android"}, "platform"),
        ({"address": "https://router.local/admin"}, "address"),
        ({"keys": None}, "keys"),
        ({"keys": {**KEYS, "p256dh": KEYS["auth"]}}, "keys.p256dh"),
        ({"keys": {**KEYS, "auth": KEYS["p256dh"]}}, "keys.auth"),
        ({"address_type": "fcm_token"}, "keys"),
    ],
)
async def test_a_browser_that_could_not_be_woken_is_told_by_the_field(
    http: httpx2.AsyncClient,
    database: Database,
    sign_in: SignIn,
    change: dict[str, Any],
    field: str,
) -> None:
    _, token = await sign_in()

    answer = await http.put(f"/v1/devices/{new_id()}", json=BROWSER | change, headers=bearer(token))

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.json()["field"].removeprefix("body.") == field
    assert await stored(database) == []
