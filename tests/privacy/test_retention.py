"""What is old goes by itself, what is not stays; and a breach pack names who must be told."""

import csv
import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cas_server.db.session import Database
from cas_server.errors import InvalidInput
from cas_server.kit.clock import utc_now
from cas_server.presence import service as presence
from cas_server.privacy import breach, retention, service
from cas_server.settings import Settings
from tests.evidence.stage import as_superuser
from tests.factories import Regency, make_personil
from tests.privacy.stage import NOTE, one_with_a_past, pictures_of, tables_with

SETTINGS = Settings()
DAY = timedelta(days=1)

TRACKS = """
INSERT INTO track (alarm_id, personil_id, at, accuracy_m, fixed_at)
SELECT gen_random_uuid(), gen_random_uuid(), ST_SetSRID(ST_MakePoint(111, -7), 4326), 5,
       now() - make_interval(days => 100 - n % 50)
FROM generate_series(1, 1200) n ORDER BY n % 50
"""


def in_days(days: float) -> datetime:
    return utc_now() + days * DAY


async def test_old_tracks_go_in_batches_and_young_ones_stay(database: Database) -> None:
    await as_superuser(database, TRACKS)
    would = await retention.would_go(database, SETTINGS, utc_now())

    gone = await retention.one_round(database, SETTINGS, utc_now())

    async with database.glance() as session:
        left = await session.sql.fetchval("SELECT count(*) FROM track")
        told = await session.sql.fetchval(
            "SELECT payload FROM journal WHERE kind = 'retention.done'"
        )
    assert would["tracks"] == gone["tracks"] == 1200 - left > 0
    assert left > 900
    assert '"tracks"' in told


async def test_a_reporter_is_taken_out_of_old_alarms_and_the_alarm_stays(
    database: Database, regency: Regency
) -> None:
    past = await one_with_a_past(database, regency)
    young = await retention.one_round(database, SETTINGS, in_days(1820))
    assert len(await pictures_of(database, past)) == 2

    old = await retention.one_round(database, SETTINGS, in_days(1830))
    again = await retention.one_round(database, SETTINGS, in_days(1831))

    assert (young["alarms"], old["alarms"], again["alarms"]) == (0, 1, 0)
    assert await tables_with(database, NOTE, "ditangani") == set()
    assert await pictures_of(database, past) == []
    async with database.glance() as session:
        kept = await session.sql.fetchrow("SELECT * FROM alarm WHERE id = $1", past.alarm_id)
    assert kept is not None
    assert (kept["disposition"], kept["reporter_phone"]) == ("genuine", None)


async def test_ended_sign_ins_go_and_press_credentials_stay(
    database: Database, regency: Regency
) -> None:
    past = await one_with_a_past(database, regency)
    await as_superuser(database, "UPDATE credential SET expires_at = NULL WHERE scope = 'press'")
    later = in_days(30 + 91)

    gone = await retention.one_round(database, SETTINGS, later)

    assert gone["credentials"] == 3
    assert past.citizen.token


async def test_what_officers_photographed_stays_when_the_reporter_goes_and_goes_with_age(
    database: Database, regency: Regency
) -> None:
    past = await one_with_a_past(database, regency)
    await as_superuser(
        database,
        """INSERT INTO alarm_picture (id, alarm_id, personil_id, received_at, size_bytes, sha256,
               content) SELECT gen_random_uuid(), alarm_id, personil_id, now(), 1, '', 'seen'
           FROM responder""",
    )

    async with database.transaction() as session:
        await service.forget(session, past.citizen.account_id, utc_now())
    kept = await pictures_of(database, past)
    async with database.transaction() as session:
        await session.sql.execute("UPDATE alarm SET forgotten_at = NULL")
    await retention.one_round(database, SETTINGS, in_days(1830))

    assert (kept, await pictures_of(database, past)) == ([b"seen"], [])


async def test_stretches_of_duty_go_a_year_after_their_end(
    database: Database, regency: Regency
) -> None:
    async with database.transaction() as session:
        officer = await make_personil(session, regency.kota)
        await presence.end_duty(session, officer.holder_id, utc_now())
        await make_personil(session, regency.kota)

    young = await retention.one_round(database, SETTINGS, in_days(360))
    old = await retention.one_round(database, SETTINGS, in_days(370))

    async with database.glance() as session:
        left = await session.sql.fetchval("SELECT count(*) FROM duty_stretch")
    assert (young["stretches"], old["stretches"], left) == (0, 1, 1)


async def test_an_open_alarm_is_never_emptied(database: Database, regency: Regency) -> None:
    await one_with_a_past(database, regency, closed=False)

    gone = await retention.one_round(database, SETTINGS, in_days(4000))

    assert gone["alarms"] == 0


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def modes_of(folder: Path) -> set[int]:
    return {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


async def test_a_breach_pack_names_everybody_whose_data_could_be_seen(
    database: Database, regency: Regency, tmp_path: Path
) -> None:
    past = await one_with_a_past(database, regency)
    span = (utc_now() - DAY, utc_now() + DAY)

    pack = await breach.write_pack(database, *span, tmp_path / "pack", utc_now())

    people = {row["account_id"]: row for row in rows_of(pack.folder / "people.csv")}
    told = people[str(past.citizen.account_id)]
    assert "reporter of an alarm" in told["why"]
    assert told["name"].startswith("Warga ")
    assert told["phone"].startswith("+62812")
    assert "name_sealed" not in told
    assert any("Personil called" in row["why"] for row in people.values())
    assert [row["alarm_id"] for row in rows_of(pack.folder / "alarms.csv")] == [str(past.alarm_id)]
    assert past.operator.name in {row["name"] for row in rows_of(pack.folder / "could_look.csv")}
    assert modes_of(pack.folder) == {0o600}
    assert pack.rows["people"] == len(people)


async def test_outside_the_span_nobody_is_named(
    database: Database, regency: Regency, tmp_path: Path
) -> None:
    await one_with_a_past(database, regency)
    span = (utc_now() - 9 * DAY, utc_now() - 8 * DAY)

    pack = await breach.write_pack(database, *span, tmp_path / "pack", utc_now())

    assert pack.rows["people"] == pack.rows["alarms"] == 0


async def test_a_span_that_ends_before_it_begins_is_refused(
    database: Database, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match="FROM"):
        await breach.write_pack(database, utc_now(), utc_now() - DAY, tmp_path, utc_now())
