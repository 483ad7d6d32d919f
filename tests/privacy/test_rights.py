"""People agree to a text, see all that is kept of them, and are forgotten when they ask."""

import base64
from pathlib import Path

import httpx2
import pytest

from cas_server.db.session import Database
from cas_server.evidence.chain import Chain
from cas_server.identity import consent
from cas_server.kit.clock import utc_now
from cas_server.privacy.retention import forget_who_waited
from tests.evidence.stage import judged
from tests.factories import Person, Regency, make_masyarakat, make_staff
from tests.privacy.stage import (
    NOTE,
    PICTURE,
    SOUND,
    close,
    one_with_a_past,
    pictures_of,
    tables_with,
)


async def phone_of(database: Database, who: Person) -> str:
    async with database.glance() as session:
        return str(
            await session.sql.fetchval("SELECT phone FROM account WHERE id = $1", who.account_id)
        )


async def erase(client: httpx2.AsyncClient, who: Person) -> httpx2.Response:
    return await client.delete("/v1/account?confirm=HAPUS", headers=who.bearer)


async def test_a_citizen_is_asked_once_and_again_when_the_text_changes(
    client: httpx2.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction() as session:
        citizen = await make_masyarakat(session)

    async def wanted() -> object:
        return (await client.get("/v1/account", headers=citizen.bearer)).json()["consent_wanted"]

    text = (await client.get("/v1/consent-text")).json()
    before = await wanted()
    given = await client.post(
        "/v1/account/consents", json={"version": text["version"]}, headers=citizen.bearer
    )
    after = await wanted()
    monkeypatch.setattr(consent, "VERSION", "2099-01")

    assert before == text["version"]
    assert "27 Tahun 2022" in text["text"]
    assert (given.status_code, after) == (204, None)
    assert await wanted() == "2099-01"


async def test_another_text_than_the_present_one_cannot_be_agreed_to(
    client: httpx2.AsyncClient, database: Database
) -> None:
    async with database.transaction() as session:
        citizen = await make_masyarakat(session)

    answer = await client.post(
        "/v1/account/consents", json={"version": "2001-01"}, headers=citizen.bearer
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "other_consent_version")
    assert answer.json()["field"] == "version"


async def test_staff_are_not_asked(
    client: httpx2.AsyncClient, database: Database, regency: Regency
) -> None:
    async with database.transaction() as session:
        operator = await make_staff(session, regency.polres)

    account = (await client.get("/v1/account", headers=operator.bearer)).json()

    assert account["consent_wanted"] is None


async def test_an_export_holds_everything_and_nobody_elses(
    client: httpx2.AsyncClient, database: Database, regency: Regency
) -> None:
    past = await one_with_a_past(database, regency)
    other = await one_with_a_past(database, regency)
    wish = {"reason": "laporan"}
    await client.post(
        f"/v1/alarms/{past.alarm_id}/track-looks", json=wish, headers=past.operator.bearer
    )

    answer = await client.get("/v1/account/export", headers=past.citizen.bearer)

    told = answer.json()
    assert answer.status_code == 200
    assert [press["alarm_id"] for press in told["presses"]] == [str(past.alarm_id)]
    assert told["presses"][0]["note"] == NOTE
    assert len(told["sign_ins"]) == 1
    assert [base64.b64decode(one["jpeg_base64"]) for one in told["pictures"]] == [PICTURE]
    assert [base64.b64decode(one["sound_base64"]) for one in told["sounds"]] == [SOUND]
    full = (told["account"], told["registered_as"], told["presses"][0])
    assert all(part["name"].startswith("Warga ") for part in full)
    assert all(part["phone"].startswith("+62812") for part in full)
    assert "_sealed" not in answer.text
    assert str(other.alarm_id) not in answer.text
    assert "token" not in answer.text


async def test_whoever_is_erased_is_in_no_table_any_more_and_the_alarm_still_is(
    client: httpx2.AsyncClient,
    database: Database,
    regency: Regency,
    chain: Chain,
    heads_file: Path,
) -> None:
    past = await one_with_a_past(database, regency)
    words = (past.citizen.name, await phone_of(database, past.citizen), NOTE)
    before = await tables_with(database, *words)
    await chain.extend()
    await chain.publish()

    answer = await erase(client, past.citizen)

    assert (answer.status_code, answer.json()["state"]) == (202, "done")
    assert "alarm" in before
    assert await tables_with(database, *words) == set()
    assert await pictures_of(database, past) == []
    story = await client.get(f"/v1/alarms/{past.alarm_id}/timeline", headers=past.operator.bearer)
    assert story.status_code == 200
    assert len(story.json()) > 4
    verdict = await judged(database, heads_file)
    assert verdict.is_sound


async def test_the_journal_never_held_the_person(database: Database, regency: Regency) -> None:
    past = await one_with_a_past(database, regency)

    tables = await tables_with(
        database, past.citizen.name, await phone_of(database, past.citizen), NOTE
    )

    assert "journal" not in tables
    assert "decision" not in tables


async def test_an_erased_account_is_signed_out_and_cannot_press(
    client: httpx2.AsyncClient, database: Database, regency: Regency
) -> None:
    past = await one_with_a_past(database, regency)

    await erase(client, past.citizen)

    again = await client.get("/v1/account", headers=past.citizen.bearer)
    assert again.status_code == 401


async def test_an_erasure_waits_for_the_open_alarm_and_is_then_done(
    client: httpx2.AsyncClient, database: Database, regency: Regency
) -> None:
    past = await one_with_a_past(database, regency, closed=False)

    answer = await erase(client, past.citizen)
    too_early = await forget_who_waited(database, utc_now())
    still_there = await client.get("/v1/account", headers=past.citizen.bearer)
    await close(database, regency, past)
    done = await forget_who_waited(database, utc_now())

    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    assert (too_early, still_there.status_code, done) == (0, 200, 1)
    assert await tables_with(database, past.citizen.name, NOTE) == set()
    assert await forget_who_waited(database, utc_now()) == 0


@pytest.mark.parametrize("query", ["", "?confirm=ya"])
async def test_an_account_is_not_erased_by_mistake(
    client: httpx2.AsyncClient, database: Database, query: str
) -> None:
    async with database.transaction() as session:
        citizen = await make_masyarakat(session)

    answer = await client.delete(f"/v1/account{query}", headers=citizen.bearer)

    assert answer.status_code == 422
    assert (await client.get("/v1/account", headers=citizen.bearer)).status_code == 200
