"""Staff sign in with a password, and out again; guessing is slowed down."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from cas_server.identity import brake, passwords, service
from cas_server.identity.queries import NewAccount
from cas_server.identity.roles import Role
from cas_server.identity.tokens import token_hash
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from tests.factories import Person, make_regency, make_staff
from tests.identity.conftest import Front


async def make_operator(front: Front, password: str) -> Person:
    async with front.database.transaction() as session:
        regency = await make_regency(session)
        return await make_staff(
            session, regency.kota, username="Operator", password=password, demo=True
        )


async def sign_in(caller: httpx2.AsyncClient, username: str, password: str) -> httpx2.Response:
    return await caller.post("/sessions", json={"username": username, "password": password})


async def rows(front: Front, statement: str) -> list[Any]:
    async with front.database.statement() as sql:
        return [tuple(row) for row in await sql.fetch(statement)]


async def test_an_operator_signs_in_sees_who_they_are_and_signs_out(
    front: Front, caller: httpx2.AsyncClient, password: str
) -> None:
    operator = await make_operator(front, password)

    answer = await sign_in(caller, "  oPERATOR ", password)

    assert answer.status_code == 201
    signed_in = answer.json()
    assert signed_in["account"]["account_id"] == str(operator.account_id)
    assert signed_in["account"]["satuan_name"] == "Polsek Kota"
    caller.headers["authorization"] = f"Bearer {signed_in['token']}"
    assert (await caller.get("/account")).json() == signed_in["account"]
    assert (await caller.delete("/sessions/current")).status_code == 204
    assert (await caller.get("/account")).status_code == 401
    kinds = await rows(front, "SELECT kind FROM journal ORDER BY id")
    assert kinds == [("account.signed_in",), ("account.signed_out",)]


async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(
    front: Front, caller: httpx2.AsyncClient, password: str
) -> None:
    await make_operator(front, password)

    wrong = await sign_in(caller, "operator", "bukan-itu")
    unknown = await sign_in(caller, "siapa", password)

    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "wrong_password"


async def test_a_disabled_account_does_not_sign_in(
    front: Front, caller: httpx2.AsyncClient, password: str
) -> None:
    await make_operator(front, password)
    await rows(front, "UPDATE account SET disabled_at = now()")

    assert (await sign_in(caller, "operator", password)).status_code == 401


async def test_the_stored_token_is_not_the_token(
    front: Front, caller: httpx2.AsyncClient, password: str
) -> None:
    await make_operator(front, password)

    token = (await sign_in(caller, "operator", password)).json()["token"]

    stored = await rows(front, "SELECT token_hash FROM credential")
    assert (token_hash(token),) in stored
    assert all(token.encode() not in row[0] for row in stored)


async def test_guessing_from_one_place_is_stopped_there_and_nowhere_else(
    front: Front, caller: httpx2.AsyncClient, password: str
) -> None:
    await make_operator(front, password)
    for _ in range(brake.TRIES_PER_USERNAME_AND_ADDRESS):
        assert (await sign_in(caller, "operator", "tebakan")).status_code == 401

    stopped = await sign_in(caller, "operator", password)
    async with front.caller("198.51.100.7") as elsewhere:
        at_the_desk = await sign_in(elsewhere, "operator", password)

    assert stopped.status_code == 429
    assert stopped.json()["code"] == "too_many_tries"
    assert 0 < int(stopped.headers["retry-after"]) <= brake.WINDOW.total_seconds()
    assert at_the_desk.status_code == 201


async def test_the_brake_lets_go_after_its_window_and_forgets(front: Front) -> None:
    limits = [brake.Limit.of("try", most=2)]
    noon = utc_now()

    async def count(seconds: float) -> None:
        async with front.database.transaction() as session:
            await brake.count(session, limits, noon + timedelta(seconds=seconds))

    await count(0)
    await count(100)
    with pytest.raises(brake.TooManyTries) as stopped:
        await count(200)
    assert stopped.value.retry_after_s == 100
    await count(300)

    async with front.database.transaction() as session:
        await brake.release(session, [], noon + timedelta(hours=1))
    assert await rows(front, "SELECT key FROM attempt") == []


async def test_whoever_gets_in_uses_up_no_tries(
    front: Front, caller: httpx2.AsyncClient, password: str
) -> None:
    await make_operator(front, password)

    for _ in range(brake.TRIES_PER_USERNAME_AND_ADDRESS + 1):
        assert (await sign_in(caller, "operator", password)).status_code == 201


async def test_a_username_belongs_to_one_account(front: Front) -> None:
    async with front.database.transaction() as session:
        await service.make_account(session, NewAccount(Role.ADMIN, "A", "admin"), utc_now())

        with pytest.raises(service.AccountTaken):
            await service.make_account(session, NewAccount(Role.ADMIN, "B", "ADMIN"), utc_now())


async def test_thousands_of_accounts_and_credentials_are_made_at_once(front: Front) -> None:
    accounts = [NewAccount(Role.MASYARAKAT, "Warga", holder_id=new_id()) for _ in range(3_000)]

    async with front.database.transaction() as session:
        await service.make_accounts(session, accounts, utc_now())
        ids = [account.id for account in accounts]
        tokens = await service.issue_all(session, ids, "press", "demo", utc_now())

    assert len(set(tokens)) == 3_000
    ends = await rows(front, "SELECT DISTINCT scope, expires_at FROM credential")
    assert ends == [("press", None)]


async def test_the_hash_of_nobody_costs_what_a_new_hash_costs(password: str) -> None:
    fresh = await passwords.hash_password(password)

    assert fresh.split("$")[:4] == passwords._OF_NOBODY.split("$")[:4]
    assert await passwords.matches(password, fresh)
    assert not await passwords.matches("lain", fresh)
    assert not await passwords.matches(password, None)
    assert not await passwords.matches(password, "not a hash")
