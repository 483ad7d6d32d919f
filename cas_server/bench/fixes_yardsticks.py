"""What an intake is compared with: the same rows by COPY, and one UPDATE for each fix."""

import asyncio
import io
import random
import struct
import time
from collections.abc import Sequence
from uuid import UUID

from cas_server.db.pool import connect
from cas_server.kit.clock import utc_now

UPDATERS = 8
ROWS_AT_ONCE = 1_000
MOST_AWAY_DEG = 0.0003
"""33 m: half of all moves are too short for the index, as of a car in a town."""

Point = tuple[float, float]

_COPIES = """
CREATE UNLOGGED TABLE copy_of_last_position (LIKE last_position INCLUDING ALL);
CREATE TABLE copy_of_track (LIKE track INCLUDING ALL)
"""
_EMPTY = "TRUNCATE copy_of_last_position, copy_of_track"
_LIVE = ("personil_id", "satuan_path", "available", "at", "indexed_at", "accuracy_m", "speed_mps",
         "fixed_at", "changed_at")  # fmt: skip
_TRACK = ("alarm_id", "personil_id", "at", "accuracy_m", "speed_mps", "fixed_at")
_ONE_BY_ONE = """
UPDATE last_position SET at = ST_SetSRID(ST_MakePoint($2, $3), 4326),
    indexed_at = CASE WHEN ST_DWithin(indexed_at, ST_SetSRID(ST_MakePoint($2, $3), 4326), 0.000225)
                      THEN indexed_at ELSE ST_SetSRID(ST_MakePoint($2, $3), 4326) END,
    accuracy_m = $4, speed_mps = $5, fixed_at = $6, changed_at = $6
WHERE personil_id = $1
"""
_POINT_WITH_SRID = 0x20000001


def away(chance: random.Random, point: Point) -> Point:
    """A little north and east of where somebody was, or south and west: (lat, lon)."""
    lat, lon = point
    return (
        lat + chance.uniform(-MOST_AWAY_DEG, MOST_AWAY_DEG),
        lon + chance.uniform(-MOST_AWAY_DEG, MOST_AWAY_DEG),
    )


class Copying:
    """The rows that the intake writes, as text that is ready before the clock runs."""

    def __init__(self, ids: Sequence[UUID], points: Sequence[Point], responders: int) -> None:
        chance = random.Random(5)  # noqa: S311 - places of a benchmark
        moment, nobody = utc_now().isoformat(), UUID(int=0)
        live, track = [], []
        for number, (personil_id, point) in enumerate(zip(ids, points, strict=True)):
            at = _ewkb(away(chance, point))
            live.append(f"{personil_id}\tpolda/polres/\tt\t{at}\t{at}\t10\t4\t{moment}\t{moment}\n")
            if number < responders:
                track.append(f"{nobody}\t{personil_id}\t{at}\t10\t4\t{moment}\n")
        starts = range(0, len(live), ROWS_AT_ONCE)
        self._live = ["".join(live[at : at + ROWS_AT_ONCE]).encode() for at in starts]
        self._track = "".join(track).encode()
        self._rows = len(live)

    async def rate(self, dsn: str, seconds: float) -> float:
        """Fixes a second; emptying the tables in between is not counted."""
        connection = await connect(dsn)
        if await connection.fetchval("SELECT to_regclass('copy_of_track') IS NULL"):
            await connection.execute(_COPIES)
        took_s, passes = 0.0, 0
        while took_s < seconds:
            await connection.execute(_EMPTY)
            began = time.perf_counter()
            for rows in self._live:
                await connection.copy_to_table(
                    "copy_of_last_position", source=io.BytesIO(rows), columns=_LIVE
                )
            await connection.copy_to_table(
                "copy_of_track", source=io.BytesIO(self._track), columns=_TRACK
            )
            took_s += time.perf_counter() - began
            passes += 1
        await connection.close()
        return self._rows * passes / took_s


def _ewkb(point: Point) -> str:
    lat, lon = point
    return struct.pack("<BIIdd", 1, _POINT_WITH_SRID, 4326, lon, lat).hex()


async def one_by_one(
    dsn: str, ids: Sequence[UUID], points: Sequence[Point], seconds: float
) -> float:
    """Updates a second of a server without an intake: as many statements as fixes."""
    until = time.perf_counter() + seconds
    turns = (
        _updates(dsn, ids[turn::UPDATERS], points[turn::UPDATERS], until)
        for turn in range(UPDATERS)
    )
    return sum(await asyncio.gather(*turns)) / seconds


async def _updates(dsn: str, ids: Sequence[UUID], points: Sequence[Point], until: float) -> int:
    connection = await connect(dsn)
    chance = random.Random(7)  # noqa: S311 - places of a benchmark
    update = await connection.prepare(_ONE_BY_ONE)
    done = 0
    while time.perf_counter() < until:
        lat, lon = away(chance, points[done % len(points)])
        await update.fetch(ids[done % len(ids)], lon, lat, 10.0, 4.0, utc_now())
        done += 1
    await connection.close()
    return done
