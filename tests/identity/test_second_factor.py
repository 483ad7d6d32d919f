"""Staff prove themselves twice: enrolment, codes, replays, recovery, and what is open meanwhile."""

import httpx2
import pytest
import pytest_asyncio

from cas_server.identity.roles import Role
from tests.identity.conftest import Front
from tests.identity.staff import Staff, hire


@pytest_asyncio.fixture
async def sri(front: Front, caller: httpx2.AsyncClient) -> Staff:
    return await hire(front, caller)


@pytest_asyncio.fixture
async def enrolled(sri: Staff) -> Staff:
    await sri.give_password()
    await sri.enrol()
    return sri


async def test_the_first_sign_in_enrols_an_app_and_shows_ten_recovery_codes(sri: Staff) -> None:
    begun = await sri.give_password()

    complete = await sri.enrol()

    assert (begun["stage"], begun["second_factors"]) == ("enrol_second_factor", [])
    assert (complete["stage"], complete["second_factors"]) == ("complete", ["totp"])
    assert len(set(sri.recovery_codes)) == 10
    assert complete["token"] != begun["token"]
    assert (await sri.caller.get("/account")).status_code == 200
    assert await sri.journal() == [
        "account.sign_in_begun",
        "account.factor_added",
        "account.signed_in",
    ]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.PIMPINAN, Role.ADMIN])
async def test_until_then_a_sign_in_opens_nothing_but_its_own_completion(
    front: Front, caller: httpx2.AsyncClient, role: Role
) -> None:
    staff = await hire(front, caller, role)
    await staff.give_password()

    refused = await caller.get("/account")

    assert refused.status_code == 403
    assert refused.json()["code"] == "sign_in_incomplete"
    assert refused.json()["stage"] == "enrol_second_factor"
    assert (await caller.get("/sessions")).status_code == 403
    assert (await caller.delete("/sessions/current")).status_code == 204
    assert (await caller.post("/account/totp")).status_code == 401


async def test_the_next_sign_in_asks_for_a_code_and_the_half_way_token_ends(
    enrolled: Staff,
) -> None:
    begun = await enrolled.give_password()
    shut = (await enrolled.caller.post("/account/totp")).status_code

    proved = await enrolled.prove(enrolled.code())

    assert (begun["stage"], begun["second_factors"]) == ("second_factor_needed", ["totp"])
    assert shut == 403
    assert proved.json()["stage"] == "complete"
    enrolled.hold(begun)
    assert (await enrolled.caller.get("/account")).status_code == 401


async def test_a_code_is_good_once_and_an_older_one_no_more(enrolled: Staff) -> None:
    code, older = enrolled.code(1), enrolled.code()
    await enrolled.give_password()
    assert (await enrolled.prove(code)).status_code == 200
    await enrolled.give_password()

    again, before = await enrolled.prove(code), await enrolled.prove(older)

    assert (again.status_code, before.status_code) == (422, 422)
    assert again.json()["code"] == "wrong_factor"
    assert again.json()["field"] == "code"
    assert (await enrolled.journal())[-1] == "account.factor_refused"


@pytest.mark.parametrize("code", ["000000", "12345", "123 45", "abcdef", "١٢٣٤٥٦", "-12345"])
async def test_a_wrong_code_completes_nothing(enrolled: Staff, code: str) -> None:
    await enrolled.give_password()

    assert (await enrolled.prove(code)).status_code == 422
    assert (await enrolled.caller.get("/account")).status_code == 403


async def test_guessing_codes_is_stopped_for_the_account_from_wherever(
    enrolled: Staff, front: Front
) -> None:
    await enrolled.give_password()
    for _ in range(5):
        assert (await enrolled.prove("000000")).status_code == 422

    async with front.caller("198.51.100.7") as elsewhere:
        enrolled.caller = elsewhere
        await enrolled.give_password()
        stopped = await enrolled.prove(enrolled.code())

    assert stopped.status_code == 429
    assert int(stopped.headers["retry-after"]) > 0


async def test_a_recovery_code_opens_once_however_it_is_typed(enrolled: Staff) -> None:
    code = enrolled.recovery_codes[3].upper().replace("-", " ")
    await enrolled.give_password()
    first = await enrolled.prove(code, "recovery_code")
    left = (await enrolled.caller.get("/account/second-factors")).json()
    await enrolled.give_password()

    second = await enrolled.prove(code, "recovery_code")

    assert (first.status_code, second.status_code) == (200, 422)
    assert left == {"totp": True, "passkeys": [], "recovery_codes_left": 9}
    assert "account.recovery_code_used" in await enrolled.journal()


async def test_new_recovery_codes_end_the_old_ones(enrolled: Staff) -> None:
    old = enrolled.recovery_codes[0]
    new = (await enrolled.caller.post("/account/recovery-codes")).json()["recovery_codes"]
    await enrolled.give_password()

    ended = await enrolled.prove(old, "recovery_code")
    taken = await enrolled.prove(new[0], "recovery_code")

    assert (ended.status_code, taken.status_code) == (422, 200)


async def test_neither_recovery_codes_nor_tokens_are_stored_as_they_are(enrolled: Staff) -> None:
    stored = [row[0] for row in await enrolled.rows("SELECT code_hash FROM recovery_code")]

    plain = {code.replace("-", "").encode() for code in enrolled.recovery_codes}
    assert len(stored) == 10
    assert not plain & set(stored)


async def test_a_password_thief_half_way_in_cannot_add_a_factor_after_the_owner_did(
    sri: Staff, front: Front
) -> None:
    async with front.caller("198.51.100.7") as elsewhere:
        thief = Staff(front, elsewhere, sri.person)
        await thief.give_password()
        await sri.give_password()
        await sri.enrol()

        late = await thief.caller.post("/account/totp")

    assert late.status_code == 401


async def test_the_only_factor_of_staff_cannot_be_dropped_but_it_can_be_replaced(
    enrolled: Staff,
) -> None:
    refused = await enrolled.caller.delete("/account/totp")
    before = enrolled.secret
    codes = enrolled.recovery_codes

    await enrolled.enrol()

    assert refused.status_code == 409
    assert refused.json()["code"] == "last_factor"
    assert enrolled.secret != before
    assert (enrolled.recovery_codes, len(codes)) == ([], 10)
    await enrolled.give_password()
    assert (await enrolled.prove(enrolled.code())).status_code == 200


async def test_an_app_that_shows_another_code_is_not_enrolled(sri: Staff) -> None:
    await sri.give_password()
    unasked = await sri.caller.post("/account/totp/confirmation", json={"code": "000000"})
    await sri.caller.post("/account/totp")

    wrong = await sri.caller.post("/account/totp/confirmation", json={"code": "000000"})

    assert (unasked.status_code, unasked.json()["code"]) == (409, "nothing_offered")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_factor")
    assert (await sri.give_password())["stage"] == "enrol_second_factor"


async def test_what_changes_factors_needs_a_proof_of_the_last_ten_minutes(enrolled: Staff) -> None:
    await enrolled.rows("UPDATE credential SET verified_at = now() - interval '11 minutes'")
    late = await enrolled.caller.post("/account/recovery-codes")
    wrong = await enrolled.caller.post(
        "/sessions/current/step-up", json={"kind": "password", "secret": "bukan-itu"}
    )

    body = {"kind": "password", "secret": enrolled.password}
    enrolled.hold((await enrolled.caller.post("/sessions/current/step-up", json=body)).json())
    by_password = await enrolled.caller.post("/account/recovery-codes")
    await enrolled.rows("UPDATE credential SET verified_at = now() - interval '11 minutes'")
    body = {"kind": "totp", "secret": enrolled.code()}
    enrolled.hold((await enrolled.caller.post("/sessions/current/step-up", json=body)).json())
    by_code = await enrolled.caller.delete("/sessions/others")

    assert (late.status_code, late.json()["code"]) == (403, "step_up_needed")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "secret")
    assert (by_password.status_code, by_code.status_code) == (200, 200)


async def test_the_shared_sign_in_of_the_demo_cannot_be_taken_over(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    sri = await hire(front, caller)
    await sri.rows("UPDATE account SET demo = true")

    signed_in = await sri.give_password()
    refused = await caller.post("/account/totp")
    body = {"old": sri.password, "new": "kuda lumping makan beling"}

    assert signed_in["stage"] == "complete"
    assert (refused.status_code, refused.json()["code"]) == (409, "demo_account")
    assert (await caller.post("/account/password", json=body)).status_code == 409
