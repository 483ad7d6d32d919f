"""SQL of the live positions and of the tracks along alarms: one statement for many Personil."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cas_server.db.pool import Connection
from cas_server.presence.track import Fix

_FIX = """
fix AS (
    SELECT personil_id, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS at, accuracy_m, speed_mps,
           heading_deg, battery_percent, mock, fixed_at
    FROM unnest($1::uuid[], $2::float8[], $3::float8[], $4::float8[], $5::float8[], $6::float8[],
                $7::int[], $8::bool[], $9::timestamptz[])
         AS f(personil_id, lat, lon, accuracy_m, speed_mps, heading_deg, battery_percent, mock,
              fixed_at)
)
"""

# Rows that somebody else holds are left for the next tick: this statement waits for nobody, so it
# can neither be part of a deadlock nor hold up five thousand positions for the sake of one.
# 0.000225 degrees are 25 m at the equator: a smaller move leaves the index alone, and then
# PostgreSQL updates in place.
# One chain of joins by key, because the planner may guess a hundred rows where thousands come: any
# join of two lists would then be tried pair by pair (seen: 3 s instead of 50 ms for 5,000).
_MOVE = f"""
WITH {_FIX}, locked AS MATERIALIZED (
    SELECT f.* FROM fix f JOIN last_position p USING (personil_id)
    FOR NO KEY UPDATE OF p SKIP LOCKED
), moved AS (
    UPDATE last_position p SET
        at = f.at,
        indexed_at = CASE WHEN ST_DWithin(p.indexed_at, f.at, 0.000225)
                          THEN p.indexed_at ELSE f.at END,
        accuracy_m = f.accuracy_m, speed_mps = f.speed_mps, heading_deg = f.heading_deg,
        battery_percent = f.battery_percent, mock = f.mock, fixed_at = f.fixed_at,
        changed_at = $10
    FROM locked f
    WHERE p.personil_id = f.personil_id AND p.fixed_at < f.fixed_at
)
SELECT personil_id FROM locked
"""  # noqa: S608 - put together from constants

# Only for whoever is on duty, and holding that row: going off duty waits until this is committed
# and then deletes it, or is being committed and then nothing is entered. FOR SHARE and not FOR KEY
# SHARE, because a change of availability must not slip in between either. ON CONFLICT waits for
# whoever holds a row in its way, hence the condition before it; it remains for two who both enter.
_ENTER = f"""
WITH {_FIX}, held AS MATERIALIZED (
    SELECT f.*, d.satuan_path, d.availability FROM fix f JOIN duty d USING (personil_id)
    FOR SHARE OF d SKIP LOCKED
)
INSERT INTO last_position (personil_id, satuan_path, available, at, indexed_at, accuracy_m,
    speed_mps, heading_deg, battery_percent, mock, fixed_at, changed_at)
SELECT personil_id, satuan_path, availability = 'available', at, at, accuracy_m, speed_mps,
       heading_deg, battery_percent, mock, fixed_at, $10
FROM held
WHERE NOT EXISTS (SELECT FROM last_position l WHERE l.personil_id = held.personil_id)
ON CONFLICT DO NOTHING
RETURNING personil_id
"""  # noqa: S608 - put together from constants

_ON_DUTY = "SELECT personil_id FROM duty WHERE personil_id = ANY($1)"
_ON_ALARM = "SELECT personil_id FROM duty WHERE alarm_id IS NOT NULL"

_KEEP = f"""
WITH {_FIX}
INSERT INTO track (alarm_id, personil_id, at, accuracy_m, speed_mps, heading_deg, fixed_at)
SELECT d.alarm_id, f.personil_id, f.at, f.accuracy_m, f.speed_mps, f.heading_deg, f.fixed_at
FROM fix f JOIN duty d USING (personil_id)
WHERE d.alarm_id IS NOT NULL AND f.fixed_at >= d.alarm_since
ON CONFLICT DO NOTHING
"""  # noqa: S608 - put together from constants

# A count missed because its row is held is no loss worth waiting for.
_COUNT = """
UPDATE duty d SET
    old_fixes = d.old_fixes + c.old, future_fixes = d.future_fixes + c.future,
    impossible_fixes = d.impossible_fixes + c.impossible, mock_fixes = d.mock_fixes + c.mock
FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::int[])
     AS c(personil_id, old, future, impossible, mock)
WHERE d.personil_id = c.personil_id AND d.personil_id IN (
    SELECT personil_id FROM duty WHERE personil_id = ANY($1) FOR NO KEY UPDATE SKIP LOCKED
)
"""


def _columns(fixes: Sequence[tuple[UUID, Fix]]) -> list[list[Any]]:
    return [
        [personil_id for personil_id, _ in fixes],
        [fix.position.lat for _, fix in fixes],
        [fix.position.lon for _, fix in fixes],
        [fix.position.accuracy_m for _, fix in fixes],
        [fix.speed_mps for _, fix in fixes],
        [fix.heading_deg for _, fix in fixes],
        [fix.battery_percent for _, fix in fixes],
        [fix.mock for _, fix in fixes],
        [fix.fixed_at for _, fix in fixes],
    ]


async def move(sql: Connection, fixes: Mapping[UUID, Fix], now: datetime) -> set[UUID]:
    """Write the newest fixes of those who have a live position; returns whose that are."""
    rows = await sql.fetch(_MOVE, *_columns(list(fixes.items())), now)
    return {row["personil_id"] for row in rows}


async def enter(sql: Connection, fixes: Mapping[UUID, Fix], now: datetime) -> set[UUID]:
    """Give a live position to those who are on duty and have none: just begun, or after a crash."""
    rows = await sql.fetch(_ENTER, *_columns(list(fixes.items())), now)
    return {row["personil_id"] for row in rows}


async def on_duty_among(sql: Connection, personil_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these are on duty."""
    return {row["personil_id"] for row in await sql.fetch(_ON_DUTY, list(personil_ids))}


async def on_alarm(sql: Connection) -> set[UUID]:
    """Everybody whose track is being kept."""
    return {row["personil_id"] for row in await sql.fetch(_ON_ALARM)}


async def keep(sql: Connection, fixes: Sequence[tuple[UUID, Fix]]) -> None:
    """Add to the tracks what falls into the time of an alarm; again adds nothing."""
    await sql.execute(_KEEP, *_columns(fixes))


async def count(sql: Connection, counts: Mapping[UUID, tuple[int, ...]]) -> None:
    """Add to the counters on duty: old, future, impossible, mock."""
    columns = list(zip(*counts.values(), strict=True))
    await sql.execute(_COUNT, list(counts), *(list(column) for column in columns))
