"""A Personil's first device, confirmed by a code that was printed before anybody was online."""

import re

import httpx2
import pytest

from cas_server.identity.phones import normal_phone
from cas_server.identity.roles import Action
from cas_server.identity.subject import identify
from tests.factories import Person, make_personil, make_regency
from tests.identity.conftest import Front
from tests.identity.test_codes import PHONE, rows
from tests.identity.test_devices import sign_in
from tests.identity.test_first_admin import cas


@pytest.fixture
async def officer(front: Front) -> Person:
    async with front.database.transaction() as session:
        officer = await make_personil(session, (await make_regency(session)).kota)
        await session.sql.execute(
            "UPDATE personil SET phone = $1, nrp = '8811' WHERE id = $2",
            normal_phone(PHONE), officer.holder_id,
        )  # fmt: skip
        await session.sql.execute("DELETE FROM account")
    return officer


async def printed(dsn: str) -> str:
    done, said = await cas(dsn, "account", "activate", "8811")
    found = re.search(r": (\S{5}-\S{5})", said)
    assert done == 0, said
    assert found, said
    return found[1]


async def give(front: Front, token: str, code: str) -> httpx2.Response:
    async with front.caller() as caller:
        caller.headers["authorization"] = f"Bearer {token}"
        return await caller.post("/account/device-activation", json={"code": code})


@pytest.mark.usefixtures("officer")
async def test_a_printed_code_confirms_the_device_that_gives_it_once(
    front: Front, dsn: str
) -> None:
    code = await printed(dsn)
    first, second = await sign_in(front, "HP dinas"), await sign_in(front, "HP lain")

    wrong = await give(front, first["token"], "aaaaa-aaaaa")
    right = await give(front, first["token"], code.upper().replace("-", " "))
    again = await give(front, second["token"], code)

    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_activation")
    assert (right.status_code, again.status_code) == (204, 422)
    assert (await identify(front.database, first["token"])).may(Action.BE_ON_DUTY)
    assert not (await identify(front.database, second["token"])).may(Action.BE_ON_DUTY)
    assert code not in str(await rows(front, "SELECT ticket::text FROM ticket"))


@pytest.mark.usefixtures("officer")
async def test_a_newer_code_ends_the_older_and_a_week_ends_both(front: Front, dsn: str) -> None:
    older, newer = await printed(dsn), await printed(dsn)
    signed_in = await sign_in(front)
    await rows(front, "UPDATE ticket SET expires_at = now() WHERE purpose LIKE 'device%'")

    answers = [await give(front, signed_in["token"], code) for code in (older, newer)]

    assert [answer.status_code for answer in answers] == [422, 422]


@pytest.mark.usefixtures("officer")
async def test_guessing_ends_after_a_few_tries(front: Front) -> None:
    signed_in = await sign_in(front)

    answers = [await give(front, signed_in["token"], f"aaaaa-aaaa{n}") for n in range(6)]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]


async def test_an_unknown_number_is_named(front: Front, dsn: str) -> None:  # noqa: ARG001 - emptied
    done, said = await cas(dsn, "account", "activate", "0000")

    assert done != 0
    assert "there is no Personil 0000" in said
