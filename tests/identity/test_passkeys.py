"""A passkey alone signs staff in, when it is the right one, here, now, and its user was checked."""

from typing import Any

import httpx2
import pytest
import pytest_asyncio

from cas_server.identity import passkey_routes
from cas_server.settings import Settings
from tests.factories import make_masyarakat
from tests.identity.authenticator import Authenticator
from tests.identity.conftest import Front
from tests.identity.staff import Staff, hire

HERE = "https://cas.example"


@pytest_asyncio.fixture
async def sri(front: Front, caller: httpx2.AsyncClient) -> Staff:
    front.app.include_router(passkey_routes.router)
    front.app.state.settings = Settings(public_url=f"{HERE}/")
    staff = await hire(front, caller)
    await staff.give_password()
    return staff


async def enrol(sri: Staff, key: Authenticator) -> httpx2.Response:
    options = (await sri.caller.post("/account/passkeys/options")).json()["options"]
    body = {"name": "Kunci Sri", "credential": key.make(options)}
    answer = await sri.caller.post("/account/passkeys", json=body)
    if answer.is_success:
        sri.hold(answer.json()["session"])
    return answer


async def challenge(caller: httpx2.AsyncClient) -> dict[str, Any]:
    asked = await caller.post("/passkey-challenges")
    options: dict[str, Any] = asked.json()["options"]
    return options


async def sign_in(caller: httpx2.AsyncClient, credential: dict[str, Any]) -> httpx2.Response:
    return await caller.post("/sessions/passkey", json={"credential": credential})


async def test_a_passkey_completes_the_first_sign_in_and_makes_every_next_one_alone(
    sri: Staff,
) -> None:
    key = Authenticator(HERE)

    enrolled = await enrol(sri, key)
    signed_in = await sign_in(sri.caller, key.sign(await challenge(sri.caller)))
    by_password = await sri.give_password()

    assert enrolled.json()["session"]["stage"] == "complete"
    assert len(enrolled.json()["recovery_codes"]) == 10
    assert signed_in.status_code == 201
    assert signed_in.json()["stage"] == "complete"
    assert signed_in.json()["account"]["account_id"] == str(sri.person.account_id)
    assert by_password["stage"] == "second_factor_needed"
    assert by_password["second_factors"] == ["passkey"]


async def test_an_answer_is_good_once_and_a_copied_key_is_noticed(sri: Staff) -> None:
    key = Authenticator(HERE)
    await enrol(sri, key)
    answer = key.sign(await challenge(sri.caller))
    first, again = await sign_in(sri.caller, answer), await sign_in(sri.caller, answer)
    key.count -= 1

    copied = await sign_in(sri.caller, key.sign(await challenge(sri.caller)))

    assert [each.status_code for each in (first, again, copied)] == [201, 422, 422]
    assert copied.json()["code"] == "passkey_refused"


async def test_a_key_that_did_not_check_its_user_is_refused(sri: Staff) -> None:
    key = Authenticator(HERE, verifies=False)
    unchecked = await enrol(sri, key)
    key.verifies = True
    await enrol(sri, key)
    key.verifies = False

    refused = await sign_in(sri.caller, key.sign(await challenge(sri.caller)))

    assert (unchecked.status_code, refused.status_code) == (422, 422)


async def test_an_answer_given_to_another_site_is_refused(sri: Staff) -> None:
    key = Authenticator(HERE)
    await enrol(sri, key)
    key.origin = "https://cas.example.evil"

    assert (await sign_in(sri.caller, key.sign(await challenge(sri.caller)))).status_code == 422


async def test_a_key_nobody_enrolled_and_a_forged_signature_are_refused(sri: Staff) -> None:
    key, strange = Authenticator(HERE), Authenticator(HERE)
    await enrol(sri, key)
    unknown = await sign_in(sri.caller, strange.sign(await challenge(sri.caller)))
    strange.id = key.id

    forged = await sign_in(sri.caller, strange.sign(await challenge(sri.caller)))

    assert (unknown.status_code, forged.status_code) == (422, 422)


@pytest.mark.parametrize("credential", [{}, {"id": 1}, {"id": "ééé", "rawId": [], "response": 3}])
async def test_what_is_no_credential_at_all_is_said_to_be_the_field(
    sri: Staff, credential: dict[str, Any]
) -> None:
    sent = await sign_in(sri.caller, credential)
    made = await sri.caller.post("/account/passkeys", json={"name": "x", "credential": credential})

    assert (sent.status_code, sent.json()["field"]) == (422, "credential")
    assert (made.status_code, made.json()["field"]) == (422, "credential")


async def test_a_passkey_can_be_removed_but_not_the_last_factor(sri: Staff) -> None:
    await enrol(sri, Authenticator(HERE))
    [known] = (await sri.caller.get("/account/second-factors")).json()["passkeys"]
    last = await sri.caller.delete(f"/account/passkeys/{known['id']}")
    await sri.enrol()

    gone = await sri.caller.delete(f"/account/passkeys/{known['id']}")
    again = await sri.caller.delete(f"/account/passkeys/{known['id']}")

    assert known["name"] == "Kunci Sri"
    assert [each.status_code for each in (last, gone, again)] == [409, 204, 404]


async def test_a_passkey_of_ones_own_is_a_step_up_and_a_colleagues_is_not(sri: Staff) -> None:
    key, colleagues = Authenticator(HERE), Authenticator(HERE)
    await enrol(sri, key)
    await enrol(sri, colleagues)
    await sri.rows("UPDATE credential SET verified_at = now() - interval '11 minutes'")
    async with sri.front.database.transaction() as session:
        other = await make_masyarakat(session)
        await session.sql.execute(
            "UPDATE passkey SET account_id = $1 WHERE id = $2", other.account_id, colleagues.id
        )

    asked = {"credential": colleagues.sign(await challenge(sri.caller))}
    strange = await sri.caller.post("/sessions/current/step-up/passkey", json=asked)
    before = await sri.caller.delete("/sessions/others")
    asked = {"credential": key.sign(await challenge(sri.caller))}
    own = await sri.caller.post("/sessions/current/step-up/passkey", json=asked)
    sri.hold(own.json())
    after = await sri.caller.delete("/sessions/others")

    assert (strange.status_code, before.json()["code"]) == (422, "step_up_needed")
    assert (own.status_code, after.status_code) == (200, 200)
