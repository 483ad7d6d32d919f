"""Masyarakat sign in with a phone number and a one-time code."""

import asyncio
from typing import Any

import httpx2

from cas_server.identity import codes, service, verification
from cas_server.identity.phones import normal_phone
from cas_server.identity.queries import NewAccount
from cas_server.identity.roles import Role
from cas_server.kit.clock import utc_now
from cas_server.outbox.retry import Again, Done, GiveUp
from tests.identity.conftest import Front

PHONE = "0812-3456-7890"


async def ask(caller: httpx2.AsyncClient, phone: str = PHONE) -> httpx2.Response:
    return await caller.post("/codes", json={"phone": phone, "device": "HP Wati"})


async def verify(
    caller: httpx2.AsyncClient, code_id: str, code: str, **more: str
) -> httpx2.Response:
    body = {"code": code, "device": "HP Wati", "name": "Wati", **more}
    return await caller.post(f"/codes/{code_id}/verification", json=body)


async def sign_up(front: Front, caller: httpx2.AsyncClient) -> dict[str, Any]:
    code_id = (await ask(caller)).json()["code_id"]
    await front.deliver()
    answer = await verify(caller, code_id, front.code)
    assert answer.status_code == 201
    signed_in: dict[str, Any] = answer.json()
    return signed_in


async def rows(front: Front, statement: str) -> list[Any]:
    async with front.database.statement() as sql:
        return [tuple(row) for row in await sql.fetch(statement)]


async def test_a_new_number_is_registered_under_the_name_it_gives(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    signed_in = await sign_up(front, caller)

    [(phone, text)] = front.sms.sent
    assert phone == "+6281234567890"
    assert "5 menit" in text
    assert len(text) <= 160
    account = signed_in["account"]
    assert account["role"] == "masyarakat"
    assert account["name"] == "Wati"
    [(holder, name, number)] = await rows(front, "SELECT id::text, name, phone FROM masyarakat")
    assert (holder, name, number) == (account["holder_id"], "W•••", "+62 ••• ••• 890")


async def test_a_known_number_comes_back_to_its_account_without_a_name(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    first = await sign_up(front, caller)

    code_id = (await ask(caller, "+62 812 3456 7890")).json()["code_id"]
    await front.deliver()
    body = {"code": front.code, "device": "HP Wati"}
    again = await caller.post(f"/codes/{code_id}/verification", json=body)

    assert again.status_code == 201
    assert again.json()["account"] == first["account"]


async def test_the_answer_does_not_say_whether_a_number_is_known(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    await sign_up(front, caller)

    known, unknown = await ask(caller), await ask(caller, "0812-0000-0001")

    assert known.status_code == unknown.status_code == 202
    assert known.json().keys() == unknown.json().keys()


async def test_the_press_credential_outlives_the_sign_out_and_can_do_nothing_else(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    signed_in = await sign_up(front, caller)
    caller.headers["authorization"] = f"Bearer {signed_in['token']}"
    assert (await caller.delete("/sessions/current")).status_code == 204

    left = await rows(front, "SELECT scope, expires_at FROM credential WHERE revoked_at IS NULL")
    caller.headers["authorization"] = f"Bearer {signed_in['press_token']}"
    refused = await caller.get("/account")

    assert left == [("press", None)]
    assert refused.status_code == 403


async def test_without_a_name_a_new_number_is_asked_for_it_and_the_code_stays_good(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    code_id = (await ask(caller)).json()["code_id"]
    await front.deliver()

    body = {"code": front.code, "device": "HP Wati"}
    asked = await caller.post(f"/codes/{code_id}/verification", json=body)

    assert asked.status_code == 422
    assert asked.json()["field"] == "name"
    assert (await verify(caller, code_id, front.code)).status_code == 201


async def test_a_code_whose_message_never_left_is_told_to_those_who_run_the_server(
    front: Front,
) -> None:
    front.sms.tells_fate = True
    async with front.caller() as caller:
        await ask(caller)

    assert await front.deliver() == [Done()]
    front.sms.ids.clear()  # the gateway's phone was switched off and has forgotten it

    assert await front.deliver() == [GiveUp("never heard of")]


async def test_a_code_works_once(front: Front, caller: httpx2.AsyncClient) -> None:
    code_id = (await ask(caller)).json()["code_id"]
    await front.deliver()

    first, *others = await asyncio.gather(
        *(verify(caller, code_id, front.code) for _ in range(4)),
    )

    statuses = sorted(answer.status_code for answer in (first, *others))
    assert statuses == [201, 410, 410, 410]
    assert len(await rows(front, "SELECT id FROM account")) == 1


async def test_five_wrong_tries_end_a_code_and_even_the_right_one_comes_too_late(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    code_id = (await ask(caller)).json()["code_id"]
    await front.deliver()
    wrong = f"{(int(front.code) + 1) % 1_000_000:06d}"

    answers = [await verify(caller, code_id, wrong) for _ in range(verification.MOST_TRIES)]
    late = await verify(caller, code_id, front.code)

    assert [answer.status_code for answer in answers] == [401] * 5
    assert [answer.json()["tries_left"] for answer in answers] == ["4", "3", "2", "1", "0"]
    assert late.status_code == 410
    assert late.json()["code"] == "code_over"


async def test_a_code_belongs_to_the_device_that_asked(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    code_id = (await ask(caller)).json()["code_id"]
    await front.deliver()

    assert (await verify(caller, code_id, front.code, device="HP lain")).status_code == 410


async def test_an_expired_code_is_over(front: Front, caller: httpx2.AsyncClient) -> None:
    code_id = (await ask(caller)).json()["code_id"]
    await front.deliver()
    await rows(front, "UPDATE one_time_code SET expires_at = now()")

    assert (await verify(caller, code_id, front.code)).status_code == 410


async def test_nothing_matches_a_code_that_was_not_sent_yet(
    caller: httpx2.AsyncClient,
) -> None:
    code_id = (await ask(caller)).json()["code_id"]

    assert (await verify(caller, code_id, "000000")).status_code == 401


async def test_a_sixth_code_within_the_hour_is_refused_even_when_asked_for_at_once(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    answers = await asyncio.gather(*(ask(caller) for _ in range(codes.CODES_PER_HOUR + 2)))

    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [429] * 2
    assert len(await front.deliver()) == codes.CODES_PER_HOUR


async def test_neither_code_nor_number_stands_in_the_outbox_or_the_journal(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    await ask(caller)
    [(job,)] = await rows(front, "SELECT payload::text FROM outbox")
    await sign_up(front, caller)

    written = job + str(await rows(front, "SELECT payload::text FROM journal"))
    assert "6281234567890" not in written
    assert front.code not in written
    assert front.code not in str(await rows(front, "SELECT code_hash FROM one_time_code"))


async def test_a_message_whose_answer_was_lost_is_asked_for_again_with_the_same_id_and_code(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    code_id = (await ask(caller)).json()["code_id"]
    front.sms.outcome = Again("ReadTimeout")
    assert await front.deliver() == [front.sms.outcome]
    first = front.code
    front.sms.outcome = Done()

    assert await front.deliver() == [Done()]

    assert len(front.sms.ids) == 2
    assert len(set(front.sms.ids)) == 1
    assert front.code == first
    assert (await verify(caller, code_id, first)).status_code == 201


async def test_workers_that_die_one_after_another_cost_two_messages_at_most(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    code_id = (await ask(caller)).json()["code_id"]
    front.sms.outcome = Again("ReadTimeout")
    for _ in range(4):
        front.handlers = codes.handlers(front.database, front.sms, utc_now)
        await front.deliver()

    assert len(set(front.sms.ids)) == codes.MESSAGES_PER_CODE
    assert (await verify(caller, code_id, front.code)).status_code == 201


async def test_a_new_code_ends_the_older_ones_of_the_same_device(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    first_id = (await ask(caller)).json()["code_id"]
    await front.deliver()
    first = front.code
    second_id = (await ask(caller)).json()["code_id"]
    await front.deliver()

    assert (await verify(caller, first_id, first)).status_code == 410
    assert (await verify(caller, second_id, front.code)).status_code == 201


async def test_another_device_does_not_end_a_code(front: Front, caller: httpx2.AsyncClient) -> None:
    code_id = (await ask(caller)).json()["code_id"]
    await front.deliver()
    code = front.code
    await caller.post("/codes", json={"phone": PHONE, "device": "HP orang lain"})

    assert (await verify(caller, code_id, code)).status_code == 201


async def test_a_code_without_a_device_is_not_given(caller: httpx2.AsyncClient) -> None:
    answer = await caller.post("/codes", json={"phone": PHONE, "device": ""})

    assert answer.status_code == 422
    assert answer.json()["field"] == "device"


async def test_a_code_that_has_expired_is_not_sent_any_more(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    await ask(caller)
    await rows(front, "UPDATE one_time_code SET expires_at = now()")

    assert await front.deliver() == [Done()]
    assert front.sms.sent == []


async def test_a_code_is_no_way_around_a_password(front: Front, caller: httpx2.AsyncClient) -> None:
    async with front.database.transaction() as session:
        account = NewAccount(Role.ADMIN, "Admin", "admin", phone=normal_phone(PHONE))
        await service.make_account(session, account, utc_now())
    code_id = (await ask(caller)).json()["code_id"]
    await front.deliver()

    answer = await verify(caller, code_id, front.code)

    assert answer.status_code == 409
    assert answer.json()["code"] == "staff_phone"
    assert (await verify(caller, code_id, front.code)).status_code == 410


async def test_a_closed_account_stays_closed(front: Front, caller: httpx2.AsyncClient) -> None:
    await sign_up(front, caller)
    await rows(front, "UPDATE account SET disabled_at = now()")
    code_id = (await ask(caller)).json()["code_id"]
    await front.deliver()

    answer = await verify(caller, code_id, front.code)

    assert (answer.status_code, answer.json()["code"]) == (401, "account_closed")
