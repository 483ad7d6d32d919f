"""The second wall: a desk sees no more than its subtree, whatever a query forgets to ask."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from pydantic import SecretStr

from cas_server.alarm import showing
from cas_server.db import wall
from cas_server.db.bell import Bell
from cas_server.db.migrate import upgrade
from cas_server.db.pool import create_pool
from cas_server.db.session import Database, ReadSession
from cas_server.db.wall import Wall
from cas_server.doctor import examine
from cas_server.embedded import Cluster
from cas_server.kit.ids import new_id
from cas_server.settings import Settings
from tests.factories import (
    Person,
    Regency,
    make_instansi,
    make_masyarakat,
    make_personil,
    make_regency,
    make_staff,
)

OPEN_TABLES = {
    "satuan": "names and telephones of police stations: shown to everybody who presses",
    "wilayah": "the map: public",
    "press_network": "how many unverified presses came from a network: no person's",
    "press_fold": "which alarm stands for which network in a minute; the alarm itself is walled",
    "attempt": "hashes of what was tried: nothing to read in them",
    "journal_leaf": "hashes; the desk may not write there",
    "tree_node": "as journal_leaf",
    "tree_head": "published to everybody",
    "consent": "an account's id, a version and a time",
    "erasure": "an account's id and two times",
    "data_key": "wrapped keys, which a desk may not even read",
    "beat": "when the worker was last at work",
    "alembic_version": "the schema's number",
    "spatial_ref_sys": "PostGIS's own",
}
"""Tables without a policy, each with its reason."""

OFFERED = """
INSERT INTO offer (id, alarm_id, personil_id, ring, state, offered_at, expires_at, receive_by)
VALUES ($1, $2, $3, 2, $4, now(), now() + interval '1 minute', now())
"""

OF_ONE_ALARM = ("offer", "responder", "decision", "journal", "alarm_alias", "alarm_fix", "track")


@dataclass(frozen=True)
class Neighbours:
    """A Polres and the one next door, an alarm in each, and the people of both."""

    client: httpx2.AsyncClient
    database: Database
    regency: Regency
    operator: Person
    officer: Person
    alarm: UUID
    stranger: Person
    foreign_operator: Person
    foreign_officer: Person
    foreign_alarm: UUID

    async def seen(self, who: Person, query: str, *values: object) -> list[Any]:
        async with self.database.reading(Wall(who.subject.satuan_path)) as session:
            return list(await session.sql.fetch(query, *values))


async def _pressed(client: httpx2.AsyncClient, who: Person, lat: float, lon: float) -> UUID:
    alarm_id = new_id()
    body = {"position": {"lat": lat, "lon": lon, "accuracy_m": 8}}
    answer = await client.put(f"/v1/alarms/{alarm_id}", headers=who.bearer, json=body)
    assert answer.status_code == 201, answer.text
    return alarm_id


@pytest_asyncio.fixture
async def next_door(
    client: httpx2.AsyncClient, regency: Regency, database: Database
) -> AsyncIterator[Neighbours]:
    far_east = regency.at(0, 22_000)
    async with database.transaction() as session:
        warga, stranger = await make_masyarakat(session), await make_masyarakat(session)
        officer = await make_personil(session, regency.kota, regency.at(10))
        foreign_officer = await make_personil(session, regency.rengel, far_east)
        operator = await make_staff(session, regency.polres)
        foreign_operator = await make_staff(session, regency.neighbour)
    here = regency.centre
    alarm = await _pressed(client, warga, here.lat, here.lon)
    foreign_alarm = await _pressed(client, stranger, far_east.lat, far_east.lon)
    yield Neighbours(client, database, regency, operator, officer, alarm, stranger,
                     foreign_operator, foreign_officer, foreign_alarm)  # fmt: skip


async def _tables(session: ReadSession) -> dict[str, bool]:
    rows = await session.sql.fetch(
        "SELECT relname, relrowsecurity FROM pg_class "
        "WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    return {row["relname"]: row["relrowsecurity"] for row in rows}


async def test_every_table_has_a_policy_or_a_reason_for_none(database: Database) -> None:
    async with database.reading() as session:
        tables = await _tables(session)

    bare = {name for name, walled in tables.items() if not walled} - OPEN_TABLES.keys()
    assert bare == set(), (
        f"say in cas_server/migrations/wall.sql who may see the rows of {sorted(bare)}, "
        "or in OPEN_TABLES above why everybody at a desk may"
    )
    assert {name for name in OPEN_TABLES if tables.get(name)} == set()


async def test_select_everything_shows_only_the_subtree(next_door: Neighbours) -> None:
    scene = next_door
    alarms = await scene.seen(scene.operator, "SELECT * FROM alarm")
    foreign_alarms = await scene.seen(scene.foreign_operator, "SELECT * FROM alarm")
    of_alarms = {
        table: {row["alarm_id"] for row in await scene.seen(
            scene.operator, f"SELECT alarm_id FROM {table} WHERE alarm_id IS NOT NULL")}  # noqa: S608 - constants
        for table in OF_ONE_ALARM
    }  # fmt: skip

    assert {row["id"] for row in alarms} == {scene.alarm}
    assert {row["id"] for row in foreign_alarms} == {scene.foreign_alarm}
    assert of_alarms["offer"] == of_alarms["decision"] == of_alarms["journal"] == {scene.alarm}
    assert all(found <= {scene.alarm} for found in of_alarms.values())


@pytest.mark.parametrize(
    ("table", "column"), [("personil", "id"), ("duty", "personil_id"),
                          ("last_position", "personil_id")],
)  # fmt: skip
async def test_officers_of_the_polres_next_door_do_not_exist(
    next_door: Neighbours, table: str, column: str
) -> None:
    rows = await next_door.seen(next_door.operator, f"SELECT {column} FROM {table}")  # noqa: S608 - constants

    assert [row[0] for row in rows] == [next_door.officer.holder_id]


async def test_accounts_credentials_and_codes_of_others_do_not_exist(next_door: Neighbours) -> None:
    scene = next_door
    accounts = {row["id"] for row in await scene.seen(scene.operator, "SELECT * FROM account")}
    owners = {
        row["account_id"] for row in await scene.seen(scene.operator, "SELECT * FROM credential")
    }

    assert scene.stranger.account_id not in accounts
    assert scene.foreign_operator.account_id not in accounts
    assert owners == {scene.operator.account_id, scene.officer.account_id}
    assert await scene.seen(scene.operator, "SELECT * FROM one_time_code") == []
    assert await scene.seen(scene.operator, "SELECT * FROM outbox") == []


async def test_what_is_next_door_cannot_be_changed_either(next_door: Neighbours) -> None:
    scene = next_door
    async with scene.database.transaction(Wall(scene.operator.subject.satuan_path)) as session:
        changed = [
            await session.sql.execute("UPDATE alarm SET note = 'x' WHERE id <> $1", scene.alarm),
            await session.sql.execute(
                "UPDATE offer SET state = 'declined' WHERE alarm_id <> $1", scene.alarm
            ),
            await session.sql.execute(
                "DELETE FROM last_position WHERE personil_id <> $1", scene.officer.holder_id
            ),
            await session.sql.execute("DELETE FROM journal"),
            await session.sql.execute("DELETE FROM alarm"),
        ]
        session.discard()

    assert changed == ["UPDATE 0", "UPDATE 0", "DELETE 0", "DELETE 0", "DELETE 0"]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with scene.database.transaction(Wall("bjn/")) as session:
            await session.sql.execute(
                "UPDATE alarm SET satuan_path = 'elsewhere/' WHERE id = $1", scene.alarm
            )


async def test_an_officer_called_across_the_border_brings_the_alarm_into_view(
    next_door: Neighbours,
) -> None:
    scene = next_door
    async with scene.database.transaction() as session:
        await session.sql.execute(
            OFFERED, new_id(), scene.foreign_alarm, scene.officer.holder_id, "open"
        )

    seen = {row["id"] for row in await scene.seen(scene.operator, "SELECT id FROM alarm")}
    people = {row["id"] for row in await scene.seen(scene.operator, "SELECT id FROM personil")}
    answer = await scene.client.get(
        f"/v1/alarms/{scene.foreign_alarm}", headers=scene.operator.bearer
    )
    async with scene.database.transaction(Wall(scene.operator.subject.satuan_path)) as session:
        changed = await session.sql.execute(
            "UPDATE alarm SET note = 'x' WHERE id = $1", scene.foreign_alarm
        )

    assert seen == {scene.alarm, scene.foreign_alarm}
    assert people == {scene.officer.holder_id, scene.foreign_officer.holder_id}
    assert answer.status_code == 200
    assert changed == "UPDATE 0"


async def test_a_desk_frees_the_officer_who_came_from_next_door(next_door: Neighbours) -> None:
    scene = next_door
    helper = scene.foreign_officer
    async with scene.database.transaction() as session:
        await session.sql.execute(
            """INSERT INTO responder (alarm_id, personil_id, part, state, accepted_at)
               VALUES ($1, $2, 'primary', 'accepted', now())""",
            scene.alarm, helper.holder_id,
        )  # fmt: skip
        await session.sql.execute(OFFERED, new_id(), scene.alarm, helper.holder_id, "accepted")
        await session.sql.execute(
            """UPDATE duty SET alarm_id = $1, alarm_since = now(), availability = 'busy'
               WHERE personil_id = $2""",
            scene.alarm, helper.holder_id,
        )  # fmt: skip

    answer = await scene.client.post(
        f"/v1/alarms/{scene.alarm}/closing",
        headers=scene.operator.bearer,
        json={"disposition": "genuine", "note": "selesai"},
    )

    async with scene.database.reading() as session:
        duty = await session.sql.fetchrow(
            "SELECT alarm_id, availability FROM duty WHERE personil_id = $1", helper.holder_id
        )
    assert answer.status_code == 200, answer.text
    assert tuple(duty) == (None, "available")


async def test_without_a_named_satuan_the_role_sees_nothing(next_door: Neighbours) -> None:
    """Also on a connection that has named one before: PostgreSQL leaves an empty text behind."""
    async with next_door.database.statement() as sql:
        async with sql.transaction():
            await sql.execute(Wall("bjn/").raised)
        async with sql.transaction():
            await sql.execute(f"SET LOCAL ROLE {wall.ROLE}")
            counted = [
                await sql.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - constants
                for table in ("alarm", "offer", "journal", "personil", "account", "last_position")
            ]

    assert counted == [0] * 6


async def test_a_path_with_a_quote_in_it_ends_no_statement(next_door: Neighbours) -> None:
    async with next_door.database.reading(Wall("bjn'; RESET ROLE; --/")) as session:
        assert await session.sql.fetchval("SELECT current_user") == wall.ROLE
        assert await session.sql.fetchval("SELECT count(*) FROM alarm") == 0


async def test_sites_next_door_and_their_contacts_do_not_exist(next_door: Neighbours) -> None:
    scene = next_door
    async with scene.database.transaction() as session:
        _, ours = await make_instansi(session, scene.regency.at(500))
        _, theirs = await make_instansi(session, scene.regency.at(0, 22_500))

    sites = {row["id"] for row in await scene.seen(scene.operator, "SELECT id FROM site")}
    instansi = await scene.seen(scene.operator, "SELECT id FROM instansi")
    async with scene.database.transaction(Wall(scene.operator.subject.satuan_path)) as session:
        changed = await session.sql.execute("UPDATE site SET contacts = '[]' WHERE id = $1", theirs)
        taken = await session.sql.execute("DELETE FROM site WHERE id = $1", theirs)
        session.discard()

    assert sites == {ours}
    assert len(instansi) == 1
    assert (changed, taken) == ("UPDATE 0", "DELETE 0")


@pytest.mark.parametrize(
    "hole",
    [
        "DROP POLICY seen ON alarm",
        "ALTER POLICY seen ON alarm USING (true)",
        "ALTER TABLE journal DISABLE ROW LEVEL SECURITY",
        "CREATE OR REPLACE FUNCTION cas_sees(path text) RETURNS boolean LANGUAGE sql RETURN true",
    ],
)
async def test_a_hole_in_the_wall_is_told_by_the_doctor_and_mended_by_migrating(
    database: Database, dsn: str, hole: str
) -> None:
    async with database.statement() as sql:
        await sql.execute(hole)
    try:
        said = await asyncio.to_thread(examine, Settings(database_url=SecretStr(dsn)))
    finally:
        await upgrade(dsn)
    again = await asyncio.to_thread(examine, Settings(database_url=SecretStr(dsn)))

    told = [each for each in (*said, *again) if each.subject == "second wall"]
    assert "changed in the database" in told[0].says
    assert "cas migrate" in told[0].mend
    assert "behind row-level security" in told[1].says


async def test_a_look_at_a_track_is_written_down_with_its_reason(next_door: Neighbours) -> None:
    scene = next_door
    async with scene.database.transaction() as session:
        await session.sql.execute(
            """INSERT INTO track (alarm_id, personil_id, at, accuracy_m, fixed_at)
               SELECT $1, $2, at, 5, now() FROM last_position WHERE personil_id = $2""",
            scene.alarm, scene.officer.holder_id,
        )  # fmt: skip
    path = f"/v1/alarms/{scene.alarm}"

    answers = [
        await scene.client.post(f"{path}/track-looks", headers=who.bearer, json={"reason": "uji"})
        for who in (scene.operator, scene.foreign_operator, scene.officer)
    ]
    story = (await scene.client.get(f"{path}/timeline", headers=scene.operator.bearer)).json()

    assert [answer.status_code for answer in answers] == [200, 404, 403]
    [track] = answers[0].json()["tracks"]
    assert (track["personil_id"], len(track["fixes"])) == (str(scene.officer.holder_id), 1)
    looks = [entry for entry in story if entry["kind"] == "tracks.seen"]
    assert [(look["actor"], look["facts"]["reason"]) for look in looks] == [
        (scene.operator.name, "uji")
    ]
    assert str(scene.officer.holder_id) in looks[0]["facts"]["whose"]


async def test_a_look_without_a_reason_is_refused_and_names_the_field(
    next_door: Neighbours,
) -> None:
    answer = await next_door.client.post(
        f"/v1/alarms/{next_door.alarm}/track-looks",
        headers=next_door.operator.bearer,
        json={"reason": ""},
    )

    assert (answer.status_code, answer.json()["field"]) == (422, "reason")


async def test_where_roles_may_not_be_made_the_first_wall_stays_and_all_works(
    cluster: Cluster, database: Database
) -> None:
    """A managed database: the login owns its tables, and may do no more than that."""
    cluster.create_database("managed")
    owner = await asyncpg.connect(cluster.url("managed"))
    await owner.execute("CREATE EXTENSION postgis")
    await owner.execute("CREATE ROLE cas_managed LOGIN NOSUPERUSER NOCREATEROLE")
    await owner.execute("ALTER DATABASE managed OWNER TO cas_managed")
    await owner.execute("ALTER SCHEMA public OWNER TO cas_managed")
    await owner.close()
    dsn = cluster.url("managed").replace("://cas@", "://cas_managed@")

    await upgrade(dsn)
    managed = Database(create_pool(dsn, size=2), Bell(dsn))
    try:
        async with managed.transaction() as session:
            regency = await make_regency(session)
            operator = await make_staff(session, regency.neighbour)
        async with managed.reading(Wall(operator.subject.satuan_path)) as session:
            found = await session.sql.fetchrow("SELECT current_user, count(*) FROM satuan")
            shown = await showing.open_alarms(session, operator.subject.satuan_path)
    finally:
        await managed.close()

    said = await asyncio.to_thread(examine, Settings(database_url=SecretStr(dsn)))
    assert tuple(found) == ("cas_managed", 5)
    assert shown == []
    [finding] = [each for each in said if each.subject == "second wall"]
    assert "GRANT cas_desk, cas_own TO cas_managed" in finding.mend
    async with database.statement() as sql:
        assert await wall.stands(sql)
