"""A signed press: what a signature proves, what breaks it, and that nothing costs the press."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from cas_server.settings import Settings
from tests.factories import Person, Regency, make_masyarakat, make_personil, make_staff
from tests.signing import SigningPhone, public_text, signing_phone

Headers = dict[str, str]


@pytest.fixture
async def warga(database: Database, regency: Regency) -> Person:
    async with database.transaction() as session:
        await make_personil(session, regency.kota, regency.at(300))
        return await make_masyarakat(session)


@pytest.fixture
async def phone(client: httpx2.AsyncClient, warga: Person) -> SigningPhone:
    return await signing_phone(client, warga)


def body_of(regency: Regency, **fields: Any) -> bytes:
    position = {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 9}
    return msgspec.json.encode({"position": position, **fields})


def path_of(alarm_id: UUID) -> str:
    return f"/v1/alarms/{alarm_id}"


async def put(
    client: httpx2.AsyncClient, alarm_id: UUID, headers: Headers, body: bytes
) -> httpx2.Response:
    return await client.put(path_of(alarm_id), headers=headers, content=body)


async def alarms(database: Database) -> list[dict[str, Any]]:
    async with database.reading() as session:
        rows = await session.sql.fetch("SELECT * FROM alarm ORDER BY number")
    return [dict(row) for row in rows]


async def test_a_signed_press_is_verified_without_any_sign_in(
    client: httpx2.AsyncClient, phone: SigningPhone, regency: Regency, database: Database
) -> None:
    alarm_id, body = new_id(), body_of(regency)

    said = await put(client, alarm_id, phone.headers(path_of(alarm_id), body), body)

    assert said.status_code == 201, said.text
    assert (said.json()["verification"], said.json()["personil_called"]) == ("verified", 1)
    [alarm] = await alarms(database)
    assert alarm["reporter_account_id"] == phone.who.account_id
    assert alarm["press_key_id"] == phone.key_id
    assert (alarm["suspicion_level"], alarm["late_s"]) == (0, None)


async def test_those_who_send_their_press_slowly_keep_nobody_else_from_pressing(
    client: httpx2.AsyncClient, phone: SigningPhone, regency: Regency
) -> None:
    let_go, half_sent = asyncio.Event(), asyncio.Semaphore(0)
    body = body_of(regency)

    async def slowly() -> AsyncIterator[bytes]:
        yield body[:10]
        half_sent.release()
        await let_go.wait()
        yield body[10:]

    async def press_slowly() -> httpx2.Response:
        path = path_of(new_id())
        return await client.put(path, headers=phone.headers(path, body), content=slowly())

    slow = [asyncio.create_task(press_slowly()) for _ in range(Settings().pool_size)]
    async with asyncio.timeout(60):
        for _ in range(Settings().pool_size // 4):
            await half_sent.acquire()
        path = path_of(new_id())
        said = await client.put(path, headers=phone.headers(path, body), content=body)
        let_go.set()
        answers = await asyncio.gather(*slow)

    assert said.status_code == 201
    assert {answer.json()["verification"] for answer in answers} == {"verified"}


async def test_a_replay_is_answered_with_the_same_words_and_is_no_second_alarm(
    client: httpx2.AsyncClient, phone: SigningPhone, regency: Regency, database: Database
) -> None:
    alarm_id, body = new_id(), body_of(regency)
    headers = phone.headers(path_of(alarm_id), body)

    said = await put(client, alarm_id, headers, body)
    replayed = [await put(client, alarm_id, headers, body) for _ in range(3)]

    assert [answer.status_code for answer in replayed] == [200, 200, 200]
    assert {answer.content for answer in replayed} == {said.content}
    assert len(await alarms(database)) == 1


def _other_key(phone: SigningPhone, path: str, body: bytes) -> tuple[Headers, bytes]:
    return SigningPhone(phone.who, phone.key_id).headers(path, body), body


def _altered_body(phone: SigningPhone, path: str, body: bytes) -> tuple[Headers, bytes]:
    return phone.headers(path, body), body.replace(b'"accuracy_m":9', b'"accuracy_m":8')


def _other_path(phone: SigningPhone, _: str, body: bytes) -> tuple[Headers, bytes]:
    return phone.headers(path_of(new_id()), body), body


def _altered_time(phone: SigningPhone, path: str, body: bytes) -> tuple[Headers, bytes]:
    headers = phone.headers(path, body, at=utc_now() - timedelta(hours=2))
    said = headers["signature-input"]
    then = said.split("created=")[1].split(";")[0]
    return headers | {"signature-input": said.replace(then, str(int(then) + 7_200))}, body


def _altered_nonce(phone: SigningPhone, path: str, body: bytes) -> tuple[Headers, bytes]:
    headers = phone.headers(path, body, nonce="n" * 24)
    return headers | {"signature-input": headers["signature-input"].replace("nnnn", "nnnm")}, body


def _unknown_key(phone: SigningPhone, path: str, body: bytes) -> tuple[Headers, bytes]:
    return SigningPhone(phone.who, new_id(), phone.key).headers(path, body), body


def _half_signed(phone: SigningPhone, path: str, body: bytes) -> tuple[Headers, bytes]:
    headers = phone.headers(path, body)
    del headers["content-digest"]
    return headers, body


def _less_covered(phone: SigningPhone, path: str, body: bytes) -> tuple[Headers, bytes]:
    headers = phone.headers(path, body)
    return headers | {
        "signature-input": headers["signature-input"].replace(' "content-digest"', "")
    }, body


FORGERIES = [_other_key, _altered_body, _other_path, _altered_time, _altered_nonce, _unknown_key,
             _half_signed, _less_covered]  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES)
async def test_a_forged_press_is_nobodys_and_joins_no_alarm(
    client: httpx2.AsyncClient,
    phone: SigningPhone,
    regency: Regency,
    database: Database,
    forge: Callable[[SigningPhone, str, bytes], tuple[Headers, bytes]],
) -> None:
    first, body = new_id(), body_of(regency)
    await put(client, first, phone.headers(path_of(first), body), body)
    alarm_id = new_id()
    headers, forged = forge(phone, path_of(alarm_id), body)

    said = await put(client, alarm_id, headers, forged)

    assert (said.status_code, said.json()["verification"]) == (201, "unverified")
    assert said.json()["joined"] is False
    genuine, other = await alarms(database)
    assert other["reporter_account_id"] is None
    assert "bad_signature" in other["suspicion_reasons"]
    assert other["suspicion_level"] > genuine["suspicion_level"]


async def test_a_bad_signature_beside_a_good_press_credential_is_that_accounts_but_doubted(
    client: httpx2.AsyncClient, phone: SigningPhone, regency: Regency, database: Database
) -> None:
    alarm_id, body = new_id(), body_of(regency)
    headers, _ = _other_key(phone, path_of(alarm_id), body)

    said = await put(client, alarm_id, headers | phone.who.bearer, body)

    assert said.json()["verification"] == "bearer"
    [alarm] = await alarms(database)
    assert alarm["reporter_account_id"] == phone.who.account_id
    assert alarm["suspicion_reasons"] == ["bad_signature"]


async def test_a_press_that_was_forged_on_its_way_is_believed_once_the_phone_is_heard(
    client: httpx2.AsyncClient, phone: SigningPhone, regency: Regency, database: Database
) -> None:
    alarm_id, body = new_id(), body_of(regency, note="tolong")
    await put(client, alarm_id, {}, body_of(regency, note="bukan apa-apa"))

    said = await put(client, alarm_id, phone.headers(path_of(alarm_id), body), body)

    assert (said.status_code, said.json()["verification"]) == (200, "verified")
    [alarm] = await alarms(database)
    assert alarm["reporter_account_id"] == phone.who.account_id
    assert (alarm["note"], alarm["suspicion_level"]) == ("tolong", 0)


async def test_an_id_of_a_verified_press_is_not_taken_over_by_another_account(
    client: httpx2.AsyncClient, phone: SigningPhone, regency: Regency, database: Database
) -> None:
    alarm_id, body = new_id(), body_of(regency)
    await put(client, alarm_id, phone.headers(path_of(alarm_id), body), body)
    async with database.transaction() as session:
        other = await make_masyarakat(session)

    taken = await put(client, alarm_id, other.bearer, body)

    assert (taken.status_code, taken.json()["code"]) == (409, "id_in_use")


async def test_a_press_held_back_on_its_way_is_taken_and_marked_late(
    client: httpx2.AsyncClient, phone: SigningPhone, regency: Regency, database: Database
) -> None:
    alarm_id, then = new_id(), utc_now() - timedelta(minutes=40)
    body = body_of(regency, pressed_at=then)

    said = await put(client, alarm_id, phone.headers(path_of(alarm_id), body, at=then), body)

    assert (said.status_code, said.json()["verification"]) == (201, "verified")
    [alarm] = await alarms(database)
    assert 2_390 <= alarm["late_s"] <= 2_500
    assert alarm["clock_off_s"] is None


@pytest.mark.parametrize("days", [-400, -2, 2, 20_000])
async def test_a_phone_whose_clock_is_wrong_by_days_is_taken_and_late_by_its_own_measure(
    client: httpx2.AsyncClient, phone: SigningPhone, regency: Regency, database: Database, days: int
) -> None:
    alarm_id, sent = new_id(), utc_now() + timedelta(days=days)
    body = body_of(regency, pressed_at=sent - timedelta(minutes=10))

    said = await put(client, alarm_id, phone.headers(path_of(alarm_id), body, at=sent), body)

    assert (said.status_code, said.json()["verification"]) == (201, "verified")
    [alarm] = await alarms(database)
    assert 599 <= alarm["late_s"] <= 601
    assert alarm["clock_off_s"] == pytest.approx(-days * 86_400, abs=60)
    assert alarm["suspicion_reasons"] == ["clock_wrong"]


async def test_a_key_that_was_ended_signs_nothing_any_more_and_is_still_heard(
    client: httpx2.AsyncClient, phone: SigningPhone, regency: Regency
) -> None:
    ended = await client.delete(f"/v1/press-keys/{phone.key_id}", headers=phone.who.bearer)
    alarm_id, body = new_id(), body_of(regency)

    said = await put(client, alarm_id, phone.headers(path_of(alarm_id), body), body)

    assert ended.status_code == 204
    assert (said.status_code, said.json()["verification"]) == (201, "unverified")


async def test_a_key_is_registered_once_and_belongs_to_one_account(
    client: httpx2.AsyncClient, warga: Person, database: Database
) -> None:
    async with database.transaction() as session:
        other = await make_masyarakat(session)
    key = {"public_key": public_text(Ed25519PrivateKey.generate()), "device": "HP"}

    first = await client.post("/v1/press-keys", headers=warga.bearer, json=key)
    again = await client.post("/v1/press-keys", headers=warga.bearer, json=key)
    taken = await client.post("/v1/press-keys", headers=other.bearer, json=key)
    ended = await client.delete(f"/v1/press-keys/{first.json()['key_id']}", headers=other.bearer)

    assert first.json() == again.json()
    assert (taken.status_code, taken.json()["code"]) == (409, "key_taken")
    assert ended.status_code == 404


@pytest.mark.parametrize(
    "text", ["A" * 43 + "!", "-" * 44, base64.b64encode(b"x" * 31).decode(), "ä" * 43]
)
async def test_a_public_key_that_is_none_is_422_and_names_it(
    client: httpx2.AsyncClient, warga: Person, text: str
) -> None:
    answer = await client.post("/v1/press-keys", headers=warga.bearer, json={"public_key": text})

    assert (answer.status_code, answer.json()["field"]) == (422, "public_key")


async def test_the_eleventh_key_of_an_account_ends_the_first(
    client: httpx2.AsyncClient, phone: SigningPhone, regency: Regency
) -> None:
    for _ in range(10):
        newest = await signing_phone(client, phone.who)
    said = []
    for each in (phone, newest):
        alarm_id, body = new_id(), body_of(regency)
        said.append(await put(client, alarm_id, each.headers(path_of(alarm_id), body), body))

    assert [one.json()["verification"] for one in said] == ["unverified", "verified"]


async def test_past_malicious_closings_of_the_account_or_its_device_put_a_press_lower(
    client: httpx2.AsyncClient, phone: SigningPhone, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        neighbour = await make_masyarakat(session)
        operator = await make_staff(session, regency.polres)
    other = await signing_phone(client, neighbour)
    for _ in range(2):
        alarm_id, body = new_id(), body_of(regency)
        await put(client, alarm_id, other.headers(path_of(alarm_id), body), body)
        closing = {"disposition": "false_malicious", "note": "iseng"}
        await client.post(f"{path_of(alarm_id)}/closing", headers=operator.bearer, json=closing)
    alarm_id, body = new_id(), body_of(regency)

    said = await put(client, alarm_id, phone.headers(path_of(alarm_id), body), body)
    view = await client.get(path_of(alarm_id), headers=operator.bearer)

    assert (said.status_code, said.json()["personil_called"]) == (201, 1)
    assert view.json()["suspicion"] == {"level": 2, "reasons": ["malicious_before"]}
    assert view.json()["verification"] == "verified"


async def test_a_mock_location_and_many_accounts_on_a_device_are_said_and_refuse_nothing(
    client: httpx2.AsyncClient, phone: SigningPhone, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        others = [await make_masyarakat(session) for _ in range(3)]
    for other in others:
        await signing_phone(client, other)
    place = {"lat": regency.centre.lat, "lon": regency.centre.lon, "mock": True}
    alarm_id, body = new_id(), msgspec.json.encode({"position": place})

    said = await put(client, alarm_id, phone.headers(path_of(alarm_id), body), body)

    assert (said.status_code, said.json()["personil_called"]) == (201, 1)
    [alarm] = await alarms(database)
    assert alarm["suspicion_reasons"] == ["mock_location", "many_accounts"]


async def test_the_desks_list_puts_the_doubtful_after_the_proven(
    client: httpx2.AsyncClient, phone: SigningPhone, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        operator = await make_staff(session, regency.polres)
    await put(client, new_id(), {}, body_of(regency))
    alarm_id, body = new_id(), body_of(regency)
    await put(client, alarm_id, phone.headers(path_of(alarm_id), body), body)

    listed = await client.get("/v1/alarms", headers=operator.bearer)

    trust = [alarm["verification"] for alarm in listed.json()["alarms"]]
    assert trust == ["verified", "unverified"]
