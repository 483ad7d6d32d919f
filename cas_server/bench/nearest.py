"""`cas bench nearest`: the nearest of 100,000 moving officers, against looking at every one."""

import asyncio
import random
import time
from datetime import datetime
from typing import Any
from uuid import UUID

import uvloop

from cas_server.bench import stage
from cas_server.bench.result import Latency, Result, percentile
from cas_server.bench.stage import Crowd, Trial
from cas_server.db.bell import Bell
from cas_server.db.pool import connect, create_pool
from cas_server.db.session import Database, ReadSession
from cas_server.dispatch import queries as dispatch
from cas_server.kit.clock import utc_now
from cas_server.kit.geo import Position
from cas_server.kit.ids import new_id
from cas_server.presence import positions
from cas_server.presence.track import Fix

OFFICERS = 100_000
POINTS = 1_000
WANTED = 10
MOVED_AT_ONCE = 1_000
MOVE_EVERY_S = 0.2

# Every row is looked at, for `at` has no index. Outside a box of 11 km there is nobody near enough;
# inside, degrees scaled to be square choose 64, and the exact spheroid orders those.
_BRUTE = """
SELECT personil_id FROM (
    SELECT personil_id, at FROM last_position
    WHERE available AND at && ST_Expand(ST_SetSRID(ST_MakePoint($1, $2), 4326), 0.1)
    ORDER BY (ST_X(at) - $1) ^ 2 * cos(radians($2)) ^ 2 + (ST_Y(at) - $2) ^ 2 LIMIT 64
) near
ORDER BY ST_Distance(at::geography, ST_SetSRID(ST_MakePoint($1, $2), 4326)::geography) LIMIT $3
"""
_IDS = "SELECT md5('personil ' || n)::uuid AS id FROM generate_series(1, $1::int) n"


def measure(trial: Trial) -> Result:
    """Ask while everybody moves; then both ways in one snapshot, again and again."""
    officers = trial.share_of(OFFICERS)
    with stage.regency(trial.say, Crowd(personil=officers)) as (_, dsn):
        return uvloop.run(_measure(dsn, officers, trial))


async def _measure(dsn: str, officers: int, trial: Trial) -> Result:
    say, compared = trial.say, trial.share_of(POINTS)
    points = [Position(lat, lon) for lat, lon in await stage.spots(dsn, max(POINTS, 5_000))]
    polres = [await _polres(dsn)]
    database = Database(create_pool(dsn, 2), Bell(dsn))
    moving = asyncio.create_task(_move(dsn, await stage.spots(dsn, officers)))
    try:
        say(f"asking who is nearest while {MOVED_AT_ONCE / MOVE_EVERY_S:,.0f} a second move")
        ours_ms = await _ask(database, points, polres, trial.seconds)
        say(f"comparing {compared} points with brute force")
        equal, brute_ms = await _compare(database, points[:compared], polres)
    finally:
        moving.cancel()
        moved = (await asyncio.gather(moving, return_exceptions=True))[0]
        await database.close()
    if isinstance(moved, Exception):
        raise moved
    return _result(ours_ms, brute_ms, equal, officers)


async def _polres(dsn: str) -> str:
    connection = await connect(dsn)
    path: str = await connection.fetchval("SELECT path FROM satuan WHERE kind = 'polres'")
    await connection.close()
    return path


async def _move(dsn: str, places: list[tuple[float, float]]) -> None:
    """Everybody in turn, by the statement that the server uses."""
    chance = random.Random(3)  # noqa: S311 - places of a benchmark
    connection = await connect(dsn)
    ids = [row["id"] for row in await connection.fetch(_IDS, len(places))]
    number = 0
    try:
        while True:
            began, now = time.perf_counter(), utc_now()
            fixes: dict[UUID, Fix] = {}
            for turn in range(number, number + MOVED_AT_ONCE):
                lat, lon = places[turn % len(places)]
                east = chance.uniform(-0.0005, 0.0005)
                fixes[ids[turn % len(places)]] = Fix(Position(lat, lon + east, 10.0), now)
            number += MOVED_AT_ONCE
            await positions.move(connection, fixes, now)
            await asyncio.sleep(max(0.0, MOVE_EVERY_S - (time.perf_counter() - began)))
    finally:
        await connection.close()


async def _nearest(
    session: ReadSession, to: Position, polres: list[str], now: datetime
) -> list[Any]:
    found = await dispatch.nearest(session, to, new_id(), now, polres)
    ranked = sorted((each for each in found if each.available), key=lambda each: each.distance_m)
    return [each.personil_id for each in ranked[:WANTED]]


async def _ask(
    database: Database, points: list[Position], polres: list[str], seconds: float
) -> list[float]:
    took_ms: list[float] = []
    until = time.perf_counter() + seconds
    async with database.reading() as session:
        await _nearest(session, points[0], polres, utc_now())
    while (began := time.perf_counter()) < until:
        async with database.reading() as session:
            await _nearest(session, points[len(took_ms) % len(points)], polres, utc_now())
        took_ms.append((time.perf_counter() - began) * 1e3)
    return took_ms


async def _compare(
    database: Database, points: list[Position], polres: list[str]
) -> tuple[int, list[float]]:
    """How many points have the same ten in the same order, and what brute force took."""
    equal, took_ms = 0, list[float]()
    for point in points:
        async with database.reading() as session:
            ours = await _nearest(session, point, polres, utc_now())
            began = time.perf_counter()
            rows = await session.sql.fetch(_BRUTE, point.lon, point.lat, WANTED)
            took_ms.append((time.perf_counter() - began) * 1e3)
        equal += ours == [row["personil_id"] for row in rows]
    return equal, took_ms


def _result(ours_ms: list[float], brute_ms: list[float], equal: int, officers: int) -> Result:
    latency = Latency.of(ours_ms)
    return Result(
        name="nearest",
        value=latency.p99,
        unit="ms (p99)",
        yardstick=percentile(sorted(brute_ms), 0.99),
        latency_ms=latency,
        checks={
            "points_compared": len(brute_ms),
            "equal_to_brute_force_percent": round(100 * equal / len(brute_ms), 2),
            "questions": len(ours_ms),
            "officers": officers,
        },
        seconds=(sum(ours_ms) + sum(brute_ms)) / 1e3,
        compared=(
            f"The nearest {WANTED} of {officers:,} moving officers by the statement a press uses, "
            "against looking at every one of them in the same snapshot: p99 of each, smaller is "
            "better."
        ),
    )
