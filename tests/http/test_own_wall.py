"""The second wall of those without a desk: they read what is theirs and write nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from cas_server.db import wall
from cas_server.db.session import Database
from cas_server.db.wall import OwnWall
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from cas_server.live.reading import Reading
from tests.factories import Person, Regency, make_instansi, make_masyarakat, make_personil

OF_AN_ALARM = ("offer", "decision", "journal", "alarm_fix", "track", "responder", "reveal")
OF_AN_ACCOUNT = ("credential", "device", "known_device", "press_key", "totp", "passkey")


@dataclass(frozen=True)
class Town:
    """Two citizens with an alarm each, far from each other, and the officer near each."""

    client: httpx2.AsyncClient
    database: Database
    ani: Person
    budi: Person
    near_ani: Person
    near_budi: Person
    alarm_of_ani: UUID
    alarm_of_budi: UUID

    async def read(self, who: Person, query: str) -> set[Any]:
        """The first column of what somebody reads behind their own wall."""
        own = OwnWall(who.account_id, who.subject.holder_id)
        async with self.database.reading(own) as session:
            return {row[0] for row in await session.sql.fetch(query)}


@pytest_asyncio.fixture
async def town(
    client: httpx2.AsyncClient, regency: Regency, database: Database
) -> AsyncIterator[Town]:
    far = regency.at(0, 22_000)
    async with database.transaction() as session:
        ani, budi = await make_masyarakat(session), await make_masyarakat(session)
        near_ani = await make_personil(session, regency.kota, regency.at(10))
        near_budi = await make_personil(session, regency.rengel, far)
        await make_instansi(session, regency.at(500))
    alarms = []
    for who, at in ((ani, regency.centre), (budi, far)):
        alarms.append(new_id())
        body = {"position": {"lat": at.lat, "lon": at.lon, "accuracy_m": 8}}
        answer = await client.put(f"/v1/alarms/{alarms[-1]}", headers=who.bearer, json=body)
        assert answer.status_code == 201, answer.text
    yield Town(client, database, ani, budi, near_ani, near_budi, alarms[0], alarms[1])


async def test_a_citizen_reads_their_alarm_and_no_other(town: Town) -> None:
    alarms = await town.read(town.ani, "SELECT id FROM alarm")
    hanging = {
        table: await town.read(town.ani, f"SELECT alarm_id FROM {table}")  # noqa: S608 - constants
        for table in OF_AN_ALARM
    }

    assert alarms == {town.alarm_of_ani}
    assert hanging["offer"] == hanging["decision"] == {town.alarm_of_ani}
    assert all(found <= {town.alarm_of_ani, None} for found in hanging.values())


async def test_a_citizen_reads_of_the_officers_only_whom_their_alarm_called(town: Town) -> None:
    for table, column in (("personil", "id"), ("duty", "personil_id"),
                          ("last_position", "personil_id")):  # fmt: skip
        query = f"SELECT {column} FROM {table}"  # noqa: S608 - constants
        assert await town.read(town.ani, query) == {town.near_ani.holder_id}, table


async def test_phones_that_are_read_for_together_see_what_each_sees_alone(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = [one.subject for one in (town.ani, town.near_ani, town.budi, town.near_budi)]
    at = utc_now()
    reading = Reading(town.database, lambda: at)
    alone = [await reading.phone(subject) for subject in everybody]
    walls: list[OwnWall] = []
    raised = vars(OwnWall)["raised"].fget

    def noted(own: OwnWall) -> str:
        walls.append(own)
        text: str = raised(own)
        return text

    monkeypatch.setattr(OwnWall, "raised", property(noted))
    # The first is asked alone, and so is the second; the others share a call behind one wall.
    together = await asyncio.gather(*map(reading.phone, everybody + everybody))

    assert together == alone + alone
    assert [[alarm["id"] for alarm in json.loads(one)["alarms"]] for one in alone] == [
        [str(town.alarm_of_ani)], [], [str(town.alarm_of_budi)], []
    ]  # fmt: skip
    assert len(walls) < len(everybody + everybody)
    assert {one.account_id for own in walls for one in (own, *own.beside)} == {
        subject.account_id for subject in everybody
    }


async def test_behind_a_wall_around_two_nothing_of_a_third_is_read(town: Town) -> None:
    ani, near_budi = town.ani.subject, town.near_budi.subject
    async with town.database.reading(replace(ani.own_wall, beside=(near_budi.own_wall,))) as two:
        accounts = {row[0] for row in await two.sql.fetch("SELECT account_id FROM credential")}
        positions = {row[0] for row in await two.sql.fetch("SELECT personil_id FROM last_position")}

    assert accounts == {ani.account_id, near_budi.account_id}
    assert positions == {town.near_ani.holder_id, town.near_budi.holder_id}
    async with town.database.reading(ani.own_wall) as one:
        assert await one.sql.fetchval("SELECT count(*) FROM alarm") == 1


async def test_an_officer_reads_the_alarm_they_were_called_to_and_its_reporter_alone(
    town: Town,
) -> None:
    alarms = await town.read(town.near_budi, "SELECT id FROM alarm")
    reporters = await town.read(town.near_budi, "SELECT id FROM account")
    positions = await town.read(town.near_budi, "SELECT personil_id FROM last_position")

    assert alarms == {town.alarm_of_budi}
    assert reporters == {town.near_budi.account_id, town.budi.account_id}
    assert positions == {town.near_budi.holder_id}


async def test_what_proves_a_person_is_read_by_that_person_alone(town: Town) -> None:
    for table in OF_AN_ACCOUNT:
        query = f"SELECT account_id FROM {table}"  # noqa: S608 - constants
        assert await town.read(town.ani, query) <= {town.ani.account_id}, table
    assert await town.read(town.ani, "SELECT account_id FROM credential") == {town.ani.account_id}
    assert await town.read(town.ani, "SELECT id FROM masyarakat") <= {town.ani.holder_id}
    for table in ("outbox", "one_time_code", "ticket", "site", "instansi"):
        count = f"SELECT count(*) FROM {table}"  # noqa: S608 - constants
        assert await town.read(town.ani, count) == {0}, table


async def test_behind_it_nothing_can_be_written_and_no_key_read(town: Town) -> None:
    for forbidden in (
        "UPDATE alarm SET kind = 'fire'",
        "DELETE FROM journal",
        "INSERT INTO erasure (account_id, asked_at) VALUES (gen_random_uuid(), now())",
        "SELECT * FROM data_key",
    ):
        async with town.database.statement() as sql, sql.transaction():
            await sql.execute(OwnWall(town.ani.account_id, None).raised)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with sql.transaction():
                    await sql.execute(forbidden)


async def test_without_a_named_account_nothing_is_seen(town: Town) -> None:
    async with town.database.statement() as sql:
        async with sql.transaction():
            await sql.execute(OwnWall(town.ani.account_id, town.ani.subject.holder_id).raised)
        async with sql.transaction():
            await sql.execute(f"SET LOCAL ROLE {wall.OWN_ROLE}")
            counted = [
                await sql.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - constants
                for table in ("alarm", "offer", "journal", "personil", "account", "last_position")
            ]

    assert counted == [0] * 6


async def test_every_walled_table_holds_those_without_a_desk_back(database: Database) -> None:
    async with database.reading() as session:
        open_to_all = await session.sql.fetch(
            "SELECT relname FROM pg_class c WHERE relrowsecurity AND NOT EXISTS ("
            "SELECT FROM pg_policies p WHERE p.tablename = c.relname AND permissive = 'RESTRICTIVE'"
            " AND $1 = ANY (roles) AND cmd = 'SELECT')",
            wall.OWN_ROLE,
        )

    assert [row["relname"] for row in open_to_all] == []


async def test_a_request_of_a_citizen_reads_behind_the_wall(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a wall that names somebody else, one's own alarms are gone: so it was in the way."""
    before = (await town.client.get("/v1/own-alarms", headers=town.ani.bearer)).json()
    foreign = OwnWall(town.budi.account_id, None).raised
    monkeypatch.setattr(OwnWall, "raised", property(lambda _: foreign))
    after = (await town.client.get("/v1/own-alarms", headers=town.ani.bearer)).json()

    assert [alarm["id"] for alarm in before] == [str(town.alarm_of_ani)]
    assert after == []
