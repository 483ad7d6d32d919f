"""Personil sign in by their number; a new device waits for a superior, and old ones are told."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest_asyncio

from cas_server.identity.phones import normal_phone
from cas_server.identity.roles import Action
from cas_server.identity.subject import identify
from tests.factories import (
    Person,
    Regency,
    make_masyarakat,
    make_personil,
    make_regency,
    make_staff,
)
from tests.identity.conftest import Front
from tests.identity.test_codes import PHONE, rows, sign_up


@dataclass(frozen=True)
class Post:
    """A Personil whose number the registry knows, their superior, and the desk next door."""

    officer: Person
    superior: Person
    stranger: Person
    regency: Regency


@pytest_asyncio.fixture
async def post(front: Front) -> Post:
    async with front.database.transaction() as session:
        regency = await make_regency(session)
        officer = await make_personil(session, regency.kota)
        await session.sql.execute(
            "UPDATE personil SET phone = $1 WHERE id = $2", normal_phone(PHONE), officer.holder_id
        )
        superior = await make_staff(session, regency.polres)
        stranger = await make_staff(session, regency.neighbour)
    return Post(officer, superior, stranger, regency)


async def sign_in(front: Front, device: str = "HP dinas") -> dict[str, Any]:
    """The officer, by number and code; no name is asked of them."""
    async with front.caller() as caller:
        asked = await caller.post("/codes", json={"phone": PHONE, "device": device})
        await front.deliver()
        body = {"code": front.code, "device": device}
        answer = await caller.post(f"/codes/{asked.json()['code_id']}/verification", json=body)
    assert answer.status_code == 201
    signed_in: dict[str, Any] = answer.json()
    return signed_in


async def call(front: Front, token: str, method: str, path: str) -> httpx2.Response:
    async with front.caller() as caller:
        return await caller.request(method, path, headers={"Authorization": f"Bearer {token}"})


async def waiting(front: Front, who: Person) -> list[dict[str, Any]]:
    answer = await call(front, who.token, "GET", "/device-confirmations")
    assert answer.status_code == 200
    listed: list[dict[str, Any]] = answer.json()
    return listed


async def decide(front: Front, who: Person, device_id: str, word: str) -> httpx2.Response:
    return await call(front, who.token, "POST", f"/device-confirmations/{device_id}/{word}")


async def test_a_personil_signs_in_by_the_number_in_the_registry_and_waits(
    front: Front, post: Post
) -> None:
    signed_in = await sign_in(front)

    assert signed_in["account"]["account_id"] == str(post.officer.account_id)
    assert signed_in["awaiting_confirmation"] is True
    subject = await identify(front.database, signed_in["token"])
    assert [action for action in Action if subject.may(action)] == [
        Action.SIGN_OUT,
        Action.SEE_ACCOUNT,
        Action.ACTIVATE_DEVICE,
        Action.PRESS,
    ]
    [own] = (await call(front, signed_in["token"], "GET", "/account/devices")).json()
    assert (own["name"], own["state"]) == ("HP dinas", "waiting")
    assert (await call(front, signed_in["press_token"], "GET", "/account")).status_code == 403


async def test_a_personil_without_an_account_gets_one_and_the_registry_decides_the_number(
    front: Front, post: Post
) -> None:
    await rows(front, "DELETE FROM account WHERE role = 'personil'")

    first = (await sign_in(front))["account"]
    await rows(front, "UPDATE personil SET phone = NULL")
    async with front.caller() as caller:
        citizen = (await sign_up(front, caller))["account"]

    assert first["role"] == "personil"
    assert first["holder_id"] == str(post.officer.holder_id)
    assert first["satuan_name"] == "Polsek Kota"
    assert citizen["role"] == "masyarakat"


async def test_a_superior_confirms_and_the_session_may_do_everything(
    front: Front, post: Post
) -> None:
    signed_in = await sign_in(front)
    [device] = await waiting(front, post.superior)

    answer = await decide(front, post.superior, device["id"], "confirmation")

    assert answer.status_code == 204
    assert device["personil"] == post.officer.name
    assert device["satuan"] == "Polsek Kota"
    assert await waiting(front, post.superior) == []
    subject = await identify(front.database, signed_in["token"])
    assert subject.may(Action.BE_ON_DUTY)
    assert (await sign_in(front))["awaiting_confirmation"] is False
    assert (await decide(front, post.superior, device["id"], "confirmation")).status_code == 204
    late = await decide(front, post.superior, device["id"], "refusal")
    assert (late.status_code, late.json()["code"]) == (409, "decided_already")


async def test_a_refused_device_is_out_and_may_only_ask_again(front: Front, post: Post) -> None:
    signed_in = await sign_in(front)
    [device] = await waiting(front, post.superior)

    assert (await decide(front, post.superior, device["id"], "refusal")).status_code == 204

    for token in (signed_in["token"], signed_in["press_token"]):
        assert (await call(front, token, "GET", "/account")).status_code == 401
    assert (await sign_in(front))["awaiting_confirmation"] is True
    assert len(await waiting(front, post.superior)) == 1


async def test_a_superior_of_another_polres_neither_sees_nor_decides(
    front: Front, post: Post
) -> None:
    await sign_in(front)
    [device] = await waiting(front, post.superior)

    assert await waiting(front, post.stranger) == []
    answer = await decide(front, post.stranger, device["id"], "confirmation")

    assert answer.status_code == 404
    assert len(await waiting(front, post.superior)) == 1


async def test_two_superiors_at_once_decide_once(front: Front, post: Post) -> None:
    await sign_in(front)
    [device] = await waiting(front, post.superior)

    words = ("confirmation", "refusal")
    answers = await asyncio.gather(
        *(decide(front, post.superior, device["id"], word) for word in words)
    )

    assert sorted(answer.status_code for answer in answers) == [204, 409]


async def test_a_number_shared_by_two_personil_proves_neither(front: Front, post: Post) -> None:
    async with front.database.transaction() as session:
        other = await make_personil(session, post.regency.dander)
        await session.sql.execute(
            "UPDATE personil SET phone = $1 WHERE id = $2", normal_phone(PHONE), other.holder_id
        )

    async with front.caller() as caller:
        assert (await sign_up(front, caller))["account"]["role"] == "masyarakat"


async def test_a_demo_personil_waits_for_nobody(front: Front, post: Post) -> None:
    await rows(front, "UPDATE account SET demo = true")

    assert (await sign_in(front))["awaiting_confirmation"] is False
    assert await waiting(front, post.superior) == []


async def test_the_old_devices_of_a_citizen_are_told_of_a_new_one_and_no_superior_is_asked(
    front: Front, post: Post
) -> None:
    await rows(front, "UPDATE personil SET phone = NULL")
    async with front.caller() as caller:
        first = await sign_up(front, caller)
    told_first = await rows(front, "SELECT kind FROM outbox WHERE kind = 'push.account'")

    second = await sign_in(front, "HP baru")

    assert second["awaiting_confirmation"] is False
    assert told_first == []
    [(payload,)] = await rows(front, "SELECT payload::text FROM outbox WHERE kind = 'push.account'")
    assert first["account"]["account_id"] in payload
    listed = (await call(front, first["token"], "GET", "/account/devices")).json()
    assert [(each["name"], each["state"]) for each in listed] == [
        ("HP baru", "confirmed"),
        ("HP Wati", "confirmed"),
    ]
    await sign_in(front, "HP baru")
    assert len(await rows(front, "SELECT FROM outbox WHERE kind = 'push.account'")) == 1
    assert await waiting(front, post.superior) == []


async def test_a_citizen_disowns_a_device_and_nothing_of_it_opens_anything(
    front: Front, post: Post
) -> None:
    await rows(front, "UPDATE personil SET phone = NULL")
    async with front.caller() as caller:
        mine = await sign_up(front, caller)
    theirs = await sign_in(front, "HP asing")
    key = {"public_key": "A" * 43, "device": "HP asing"}
    async with front.caller() as caller:
        caller.headers["authorization"] = f"Bearer {theirs['token']}"
        assert (await caller.post("/press-keys", json=key)).status_code == 201
    foreign, own = (await call(front, mine["token"], "GET", "/account/devices")).json()

    path = f"/account/devices/{foreign['id']}"
    answers = [await call(front, mine["token"], "DELETE", path) for _ in range(2)]

    assert (foreign["name"], own["name"]) == ("HP asing", "HP Wati")
    assert [answer.status_code for answer in answers] == [204, 204]
    for token in (theirs["token"], theirs["press_token"]):
        assert (await call(front, token, "GET", "/account")).status_code == 401
    assert (await call(front, mine["token"], "GET", "/account")).status_code == 200
    assert await rows(front, "SELECT FROM press_key WHERE revoked_at IS NULL") == []
    listed = (await call(front, mine["token"], "GET", "/account/devices")).json()
    assert [each["state"] for each in listed] == ["refused", "confirmed"]
    stranger = await call(front, post.superior.token, "DELETE", path)
    assert stranger.status_code == 403


async def test_a_device_of_somebody_else_cannot_be_disowned(front: Front, post: Post) -> None:
    await sign_in(front)
    [(device_id,)] = await rows(front, "SELECT id FROM known_device")
    async with front.database.transaction() as session:
        warga = await make_masyarakat(session)

    answer = await call(front, warga.token, "DELETE", f"/account/devices/{device_id}")

    assert answer.status_code == 404
    assert len(await waiting(front, post.superior)) == 1


async def test_a_superior_reads_what_the_device_says_it_is(front: Front, post: Post) -> None:
    async with front.caller() as caller:
        asked = await caller.post("/codes", json={"phone": PHONE, "device": "0192-ab"})
        await front.deliver()
        body = {"code": front.code, "device": "0192-ab", "label": " Chrome, Android "}
        await caller.post(f"/codes/{asked.json()['code_id']}/verification", json=body)

    [device] = await waiting(front, post.superior)

    assert (device["name"], device["label"]) == ("0192-ab", "Chrome, Android")
