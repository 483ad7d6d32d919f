"""The first admin is made where the server runs, once, with a password to be changed."""

import asyncio
import os
import re
import sys

import httpx2

from cas_server.identity.roles import Role
from tests.factories import make_regency, make_staff
from tests.identity.conftest import Front


async def cas(dsn: str, *words: str) -> tuple[int, str]:
    """Run the command line; its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cas_server", *words,
        env={**os.environ, "CAS_DATABASE_URL": dsn},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_the_first_admin_signs_in_with_the_printed_password_and_must_change_it(
    caller: httpx2.AsyncClient, dsn: str
) -> None:
    code, said = await cas(dsn, "admin", "create", "sri")
    second, refusal = await cas(dsn, "admin", "create", "budi")
    another, _ = await cas(dsn, "admin", "create", "budi", "--another")
    found = re.search(r"one-time password: (\S+)", said)
    assert found, said

    body = {"username": "sri", "password": found[1]}
    session = (await caller.post("/sessions", json=body)).json()

    assert (code, second, another) == (0, 1, 0)
    assert "--another" in refusal
    assert session["stage"] == "password_change_needed"
    assert session["account"]["role"] == "admin"


async def test_an_account_made_or_given_a_new_password_gets_a_one_time_one(
    front: Front, caller: httpx2.AsyncClient, dsn: str
) -> None:
    async with front.database.transaction() as session:
        regency = await make_regency(session)
        old = await make_staff(session, regency.kota, Role.OPERATOR, username="wati")
    made, said = await cas(
        dsn, "account", "create", "budi", "--role", "operator", "--satuan", regency.kota.code
    )
    nowhere, refusal = await cas(
        dsn, "account", "create", "tono", "--role", "operator", "--satuan", "tidak-ada"
    )
    changed, _ = await cas(dsn, "account", "password", "wati")

    out = await caller.get("/account", headers=old.bearer)

    assert (made, nowhere, changed) == (0, 1, 0)
    assert "must be changed at the first sign-in" in said
    assert "there is no Satuan tidak-ada" in refusal
    assert out.status_code == 401
