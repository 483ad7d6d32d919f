"""`cas bench fixes`: positions taken in over sockets and stored, against one-by-one updates."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import uvloop

from cas_server.bench import cpu, stage
from cas_server.bench.people import fix_frame, personil_token
from cas_server.bench.result import Latency, Result
from cas_server.bench.sockets import Line, open_lines, require_alive
from cas_server.bench.stage import Crowd, Trial
from cas_server.db.pool import Connection, connect
from cas_server.kit.clock import utc_now

OFFICERS = 4_000
GROUPS = 4
"""Each sends a round when its last one is stored; so one is on its way while others are written."""
LOOK_EVERY_S = 0.02
STORED_WITHIN_S = 20.0
UPDATERS = 8

_STORED = """
SELECT count(*) FROM last_position WHERE personil_id = ANY($1) AND fixed_at >= $2
"""
_TOOK = """
SELECT extract(epoch FROM changed_at - fixed_at)::float8 * 1000 AS ms
FROM last_position WHERE personil_id = ANY($1)
"""
_IDS = "SELECT md5('personil ' || n)::uuid AS id FROM generate_series($1::int, $2::int) n"
_ONE_BY_ONE = """
UPDATE last_position SET at = ST_SetSRID(ST_MakePoint($2, $3), 4326),
    indexed_at = CASE WHEN ST_DWithin(indexed_at, ST_SetSRID(ST_MakePoint($2, $3), 4326), 0.000225)
                      THEN indexed_at ELSE ST_SetSRID(ST_MakePoint($2, $3), 4326) END,
    accuracy_m = $4, speed_mps = $5, fixed_at = $6, changed_at = $6
WHERE personil_id = $1
"""


@dataclass(slots=True)
class Tally:
    """What was stored, and how long each fix took to be."""

    stored: int = 0
    seconds: float = 0.0
    server_cpu_s: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)


def measure(trial: Trial) -> Result:
    """First sockets, then the yardstick, on the same table."""
    officers = trial.share_of(OFFICERS) // GROUPS * GROUPS
    with stage.regency(trial.say, Crowd(personil=officers, signed_in=officers)) as (_, dsn):
        with stage.server(dsn) as (process, port):
            trial.say(f"{officers} officers sign in")
            tally = uvloop.run(_rounds(dsn, port, process.pid, officers, trial.seconds * 2 / 3))
        trial.say("the yardstick: one update for each fix")
        one_by_one = uvloop.run(_one_by_one(dsn, officers, trial.seconds / 3))
    return _result(tally, one_by_one, officers, trial.seconds)


async def _one_by_one(dsn: str, officers: int, seconds: float) -> float:
    """Updates a second of a server without an intake: as many statements as fixes."""
    points = await stage.spots(dsn, officers)
    until = time.perf_counter() + seconds
    done = await asyncio.gather(
        *(_updates(dsn, points[turn::UPDATERS], turn, until) for turn in range(UPDATERS))
    )
    return sum(done) / seconds


async def _updates(dsn: str, points: list[tuple[float, float]], turn: int, until: float) -> int:
    connection = await connect(dsn)
    ids = [row["id"] for row in await connection.fetch(_IDS, 1, len(points) * UPDATERS)]
    update = await connection.prepare(_ONE_BY_ONE)
    done = 0
    while time.perf_counter() < until:
        lat, lon = points[done % len(points)]
        officer = ids[turn + done % len(points) * UPDATERS]
        await update.fetch(officer, lon, lat, 10.0, 4.0, utc_now())
        done += 1
    await connection.close()
    return done


async def _rounds(dsn: str, port: int, server_pid: int, officers: int, seconds: float) -> Tally:
    tokens = [personil_token(number) for number in range(1, officers + 1)]
    lines = await open_lines(port, "/v1/live", tokens, _ignore)
    tally = Tally()
    size = officers // GROUPS
    points = await stage.spots(dsn, officers)
    groups = [
        _Group(dsn, lines[start : start + size], points[start : start + size])
        for start in range(0, officers, size)
    ]
    for group in groups:
        await group.open()
        await group.round(Tally())
    began, cpu_began = time.perf_counter(), cpu.used_s(server_pid)
    until = began + seconds
    await asyncio.gather(*(group.until(until, tally) for group in groups))
    tally.seconds = time.perf_counter() - began
    tally.server_cpu_s = cpu.used_s(server_pid) - cpu_began
    require_alive(lines)
    for group in groups:
        await group.close()
    for line in lines:
        line.close()
    return tally


class _Group:
    """Officers who report together, and a connection that looks whether it is all stored."""

    def __init__(self, dsn: str, lines: list[Line], points: list[tuple[float, float]]) -> None:
        self._dsn = dsn
        self._lines = lines
        self._points = points
        self._ids: list[Any] = []
        self._sql: Connection

    async def open(self) -> None:
        self._sql = await connect(self._dsn)
        first, last = self._lines[0].number, self._lines[-1].number
        self._ids = [row["id"] for row in await self._sql.fetch(_IDS, first, last)]

    async def close(self) -> None:
        await self._sql.close()

    async def until(self, end: float, tally: Tally) -> None:
        while time.perf_counter() < end:
            await self.round(tally)

    async def round(self, tally: Tally) -> None:
        """One fix of everybody, and all of them are in the table."""
        at = utc_now()
        for line, (lat, lon) in zip(self._lines, self._points, strict=True):
            line.send(fix_frame(lat, lon, utc_now()))
        async with asyncio.timeout(STORED_WITHIN_S):
            while await self._stored(at) < len(self._lines):  # noqa: ASYNC110 - another process
                await asyncio.sleep(LOOK_EVERY_S)
        tally.stored += len(self._lines)
        tally.latencies_ms += [row["ms"] for row in await self._sql.fetch(_TOOK, self._ids)]

    async def _stored(self, at: datetime) -> int:
        return int(await self._sql.fetchval(_STORED, self._ids, at))


def _ignore(_: Line, __: bytes) -> None:
    """Nothing that the server says is waited for here."""


def _result(tally: Tally, one_by_one: float, officers: int, seconds: float) -> Result:
    rate = tally.stored / tally.seconds
    return Result(
        name="fixes",
        value=rate,
        unit="fixes/s",
        yardstick=one_by_one,
        latency_ms=Latency.of(tally.latencies_ms),
        checks={
            "officers_connected": officers,
            "fixes_sent_and_found_stored": tally.stored,
            "at_least_5000_a_second": rate >= 5_000,
            "server_cpu_us_each": round(tally.server_cpu_s / max(tally.stored, 1) * 1e6, 1),
        },
        seconds=seconds,
        compared=(
            f"Fixes of {officers} officers over their sockets, each found in the table before its "
            f"officer sends the next, against one UPDATE for each fix on {UPDATERS} "
            "connections, without any socket. Latency is from the phone's clock to the write."
        ),
    )
