"""New passwords: what is refused and why, one-time ones, and what a change ends."""

import httpx2
import pytest
import pytest_asyncio

from cas_server.errors import InvalidInput
from cas_server.identity import password_rules
from tests.identity.conftest import Front
from tests.identity.staff import Staff, hire

NEW = "kuda lumping makan beling"


@pytest_asyncio.fixture
async def sri(front: Front, caller: httpx2.AsyncClient) -> Staff:
    return await hire(front, caller)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("pendek", "at least 12"),
        ("x" + "aB3-" * 40, "at most 128"),
        ("bismillah123", "guessed first"),
        ("Bismillah-12345!", "guessed first"),
        ("polisi110polisi110", "guessed first"),
        ("P@ssw0rd123456", "guessed first"),
        ("bojonegoro-demo", "guessed first"),
        ("Crime Alarm System", "guessed first"),
        ("aaaaaaaaaaaaaa", "guessed first"),
        ("121212121212", "guessed first"),
        ("123456789012", "guessed first"),
        ("ini-sri.wahyuni-lho", "name"),
        ("rahasiaWAHYUNI77", "name"),
    ],
)
def test_a_password_is_refused_with_the_reason(password: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        password_rules.check(password, ["sri.wahyuni", "Sri Wahyuni"])


@pytest.mark.parametrize(
    "password", [NEW, "tujuh-kerbau-di-sawah", "alllowercaseletters", "ꦱꦸꦒꦼꦁ ꦫꦮꦸꦃ ꦱꦼꦢꦪ", "9f" * 5 + "zq"]
)
def test_any_other_password_will_do_without_signs_or_capitals(password: str) -> None:
    password_rules.check(password, ["sri.wahyuni", "Sri Wahyuni"])


def test_the_list_is_some_hundreds_of_words_each_written_as_it_is_looked_up() -> None:
    known = password_rules.well_known()

    assert len(known) > 500
    assert all(word == word.casefold() for word in known)


def test_one_time_passwords_pass_the_rules_and_differ() -> None:
    made = {password_rules.one_time() for _ in range(50)}

    assert len(made) == 50
    for password in made:
        password_rules.check(password, ["operator"])


async def test_a_change_needs_the_old_one_and_ends_every_other_sign_in(
    sri: Staff, front: Front
) -> None:
    await sri.give_password()
    await sri.enrol()
    async with front.caller("198.51.100.7") as elsewhere:
        other = Staff(front, elsewhere, sri.person)
        await other.give_password()
        other.secret = sri.secret
        await other.prove(other.code())

        wrong = await sri.caller.post("/account/password", json={"old": "salah", "new": NEW})
        short = await sri.caller.post(
            "/account/password", json={"old": sri.password, "new": "pendek"}
        )
        changed = await sri.caller.post("/account/password", json={"old": sri.password, "new": NEW})

        assert (await elsewhere.get("/account")).status_code == 401
    assert (wrong.status_code, wrong.json()["field"]) == (422, "old")
    assert (short.status_code, short.json()["field"]) == (422, "new")
    assert changed.json()["ended_sign_ins"] == 1
    sri.hold(changed.json()["session"])
    assert (await sri.caller.get("/account")).status_code == 200
    sri.password = NEW
    assert (await sri.give_password())["stage"] == "second_factor_needed"


async def test_the_new_password_is_another_one(sri: Staff) -> None:
    await sri.give_password()
    await sri.enrol()
    body = {"old": sri.password, "new": sri.password}

    same = await sri.caller.post("/account/password", json=body)

    assert (same.status_code, same.json()["field"]) == (422, "new")


async def test_a_one_time_password_is_changed_before_anything_else_is_open(sri: Staff) -> None:
    await sri.rows("UPDATE account SET password_change_by = now() + interval '1 day'")
    begun = await sri.give_password()
    early = await sri.caller.post("/account/totp")

    changed = await sri.caller.post("/account/password", json={"old": sri.password, "new": NEW})

    assert begun["stage"] == "password_change_needed"
    assert early.status_code == 403
    assert changed.json()["session"]["stage"] == "enrol_second_factor"
    sri.hold(changed.json()["session"])
    assert (await sri.enrol())["stage"] == "complete"


async def test_a_one_time_password_runs_out(sri: Staff) -> None:
    await sri.rows("UPDATE account SET password_change_by = now() - interval '1 second'")
    body = {"username": "sri", "password": sri.password}

    over = await sri.caller.post("/sessions", json=body)

    assert (over.status_code, over.json()["code"]) == (401, "password_over")
