"""`cas bench fixes`: positions taken in over sockets and stored, beside COPY and single updates."""

import asyncio
import random
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import uvloop

from cas_server.bench import cpu, stage
from cas_server.bench.fixes_yardsticks import UPDATERS, Copying, Point, away, one_by_one
from cas_server.bench.people import fix_frame, personil_token
from cas_server.bench.result import Latency, Result, Side, Target
from cas_server.bench.sockets import Line, allow_sockets, open_lines, require_alive
from cas_server.bench.stage import Crowd, Trial
from cas_server.db.pool import Connection, connect
from cas_server.kit.clock import utc_now

OFFICERS = 8_000
GROUPS = 4
"""Each sends a round when its last one is stored; so one is on its way while others are written."""
RESPONDERS = 10
"""Of so many officers one is on an open alarm, and their fixes are history."""
ROUNDS = 5
SHORTEST_ROUND_S = 1.0
LOOK_EVERY_S = 0.1
STORED_WITHIN_S = 20.0
WANTED_RATE, OF_COPY = 10_000, 0.5

_STORED = """
SELECT count(*) FROM last_position WHERE personil_id = ANY($1) AND fixed_at >= $2
"""
_TOOK = """
SELECT extract(epoch FROM changed_at - fixed_at)::float8 * 1000 AS ms
FROM last_position WHERE personil_id = ANY($1)
"""
_IDS = "SELECT md5('personil ' || n)::uuid AS id FROM generate_series(1, $1::int) n"
_RESPOND = """
WITH raised AS (
    INSERT INTO alarm (id, status, kind, silent, demo, raised_at, reporter_role, reporter_name, at,
        position_source, satuan_id, satuan_path, ring, next_check_at)
    SELECT md5('open ' || p.id)::uuid, 'en_route', 'crime', false, false, now(), 'masyarakat',
           'Warga', l.at, 'gps', p.satuan_id, l.satuan_path, 1, now() + interval '1 day'
    FROM personil p JOIN last_position l ON l.personil_id = p.id WHERE p.id = ANY($1)
    RETURNING id
)
UPDATE duty SET alarm_id = md5('open ' || personil_id)::uuid, alarm_since = now()
WHERE personil_id = ANY($1) AND EXISTS (SELECT FROM raised)
"""
_HISTORY = "SELECT count(*) FROM track"


@dataclass(slots=True)
class Tally:
    """What was stored, and how long each fix took to be."""

    rates: list[float] = field(default_factory=list)
    stored: int = 0
    of_responders: int = 0
    in_history: int = 0
    server_cpu_s: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Yardsticks:
    """Fixes a second, round by round."""

    copy: list[float] = field(default_factory=list)
    one_by_one: list[float] = field(default_factory=list)


def measure(trial: Trial) -> Result:
    """Sockets and both yardsticks in turns, on the same cluster."""
    room = allow_sockets(max(GROUPS * RESPONDERS, trial.share_of(OFFICERS)))
    officers = room // GROUPS * GROUPS
    with (
        stage.regency(trial.say, Crowd(personil=officers, signed_in=officers)) as (_, dsn),
        stage.server(dsn) as (process, port),
    ):
        trial.say(f"{officers} officers sign in")
        tally, beside = uvloop.run(_turns(trial, dsn, process.pid, port, officers))
    return _result(tally, beside, officers, trial.seconds)


async def _turns(
    trial: Trial, dsn: str, server_pid: int, port: int, officers: int
) -> tuple[Tally, Yardsticks]:
    tally, beside, points = Tally(), Yardsticks(), await stage.spots(dsn, officers)
    ids, responders = await _ids(dsn, officers), officers // RESPONDERS
    await _respond(dsn, ids[:responders])
    copying = Copying(ids, points, responders)
    tokens = [personil_token(number) for number in range(1, officers + 1)]
    lines = await open_lines(port, "/v1/live", tokens, _ignore)
    crowd = _Crowd(dsn, lines, ids, points, responders)
    await crowd.open()
    await crowd.together(Tally(), 0.0)
    rounds = max(1, min(ROUNDS, int(trial.seconds / 3 / SHORTEST_ROUND_S)))
    each_s = trial.seconds / 3 / rounds
    for number in range(1, rounds + 1):
        trial.say(f"round {number} of {rounds}: sockets, COPY, one by one, {each_s:.1f} s each")
        cpu_began = cpu.used_s(server_pid)
        await crowd.together(tally, each_s)
        tally.server_cpu_s += cpu.used_s(server_pid) - cpu_began
        beside.copy.append(await copying.rate(dsn, each_s))
        beside.one_by_one.append(await one_by_one(dsn, ids, points, each_s))
    tally.in_history = await crowd.history()
    tally.of_responders = crowd.sent_by_responders
    require_alive(lines)
    await crowd.close()
    return tally, beside


async def _ids(dsn: str, count: int) -> list[UUID]:
    connection = await connect(dsn)
    ids = [row["id"] for row in await connection.fetch(_IDS, count)]
    await connection.close()
    return ids


async def _respond(dsn: str, ids: list[UUID]) -> None:
    """Each of these is on the way to an open alarm of their own."""
    connection = await connect(dsn)
    await connection.execute(_RESPOND, ids)
    await connection.close()


class _Crowd:
    """All officers in groups; every so many-th of them is on an alarm."""

    def __init__(
        self,
        dsn: str,
        lines: list[Line],
        ids: list[UUID],
        points: list[Point],
        responders: int,
    ) -> None:
        self._dsn = dsn
        self._lines = lines
        self._responders = responders
        # Dealt out, so that each group has its share of responders, who are the first.
        self._groups = [
            _Group(dsn, lines[turn::GROUPS], ids[turn::GROUPS], points[turn::GROUPS])
            for turn in range(GROUPS)
        ]

    async def open(self) -> None:
        for group in self._groups:
            await group.open()

    async def close(self) -> None:
        for group in self._groups:
            await group.close()
        for line in self._lines:
            line.close()

    async def together(self, tally: Tally, seconds: float) -> None:
        """So many rounds of every group as fit; one at least."""
        began, before = time.perf_counter(), tally.stored
        await asyncio.gather(*(group.until(began + seconds, tally) for group in self._groups))
        tally.rates.append((tally.stored - before) / (time.perf_counter() - began))

    @property
    def sent_by_responders(self) -> int:
        return sum(
            group.rounds * len(range(turn, self._responders, GROUPS))
            for turn, group in enumerate(self._groups)
        )

    async def history(self) -> int:
        """Fixes in the tracks, once nothing more is on its way there."""
        connection = await connect(self._dsn)
        there = 0
        deadline = time.monotonic() + STORED_WITHIN_S
        while there < self.sent_by_responders and time.monotonic() < deadline:
            await asyncio.sleep(LOOK_EVERY_S)
            there = await connection.fetchval(_HISTORY)
        await connection.close()
        return there


class _Group:
    """Officers who report together, and a connection that looks whether it is all stored."""

    def __init__(self, dsn: str, lines: list[Line], ids: list[UUID], points: list[Point]) -> None:
        self._dsn = dsn
        self._lines = lines
        self._ids = ids
        self._points = points
        self._chance = random.Random(lines[0].number)  # noqa: S311 - places of a benchmark
        self._sql: Connection
        self.rounds = 0

    async def open(self) -> None:
        self._sql = await connect(self._dsn)

    async def close(self) -> None:
        await self._sql.close()

    async def until(self, end: float, tally: Tally) -> None:
        await self._round(tally)
        while time.perf_counter() < end:
            await self._round(tally)

    async def _round(self, tally: Tally) -> None:
        """One fix of everybody, and all of them are in the table."""
        at = utc_now()
        for line, point in zip(self._lines, self._points, strict=True):
            line.send(fix_frame(*away(self._chance, point), utc_now()))
        self.rounds += 1
        async with asyncio.timeout(STORED_WITHIN_S):
            while await self._stored(at) < len(self._lines):  # noqa: ASYNC110 - another process
                await asyncio.sleep(LOOK_EVERY_S)
        tally.stored += len(self._lines)
        took: list[Any] = await self._sql.fetch(_TOOK, self._ids)
        tally.latencies_ms += [row["ms"] for row in took]

    async def _stored(self, at: datetime) -> int:
        return int(await self._sql.fetchval(_STORED, self._ids, at))


def _ignore(_: Line, __: bytes) -> None:
    """Nothing that the server says is waited for here."""


def _result(tally: Tally, beside: Yardsticks, officers: int, seconds: float) -> Result:
    ours, copy = Side("CAS", tally.rates), Side("COPY", beside.copy)
    return Result(
        name="fixes",
        value=ours.median,
        unit="fixes/s",
        yardstick=copy.median,
        latency_ms=Latency.of(tally.latencies_ms),
        checks={
            "officers_connected": officers,
            "officers_on_open_alarms": officers // RESPONDERS,
            "fixes_sent_and_found_stored": tally.stored,
            "fixes_along_alarms": tally.of_responders,
            "every_fix_along_an_alarm_in_the_history": tally.in_history == tally.of_responders,
            "server_cpu_us_each": round(tally.server_cpu_s / max(tally.stored, 1) * 1e6, 1),
        },
        seconds=seconds,
        compared=(
            f"Fixes of {officers:,} officers over their sockets, each found in the table before "
            f"its officer sends the next, one in {RESPONDERS} of them in the history of an open "
            "alarm, too; against COPY of the same rows, made ready before, into empty tables of "
            f"the same shape over one connection, and against one UPDATE for each fix on "
            f"{UPDATERS} connections, both without any socket. Latency is from the phone's clock "
            "to the write."
        ),
        sides=[ours, copy, Side("one UPDATE each", beside.one_by_one)],
        targets=[
            Target("fixes a second", ours.median, "at least", WANTED_RATE),
            Target("of raw COPY", ours.median / copy.median, "at least", OF_COPY),
        ],
    )
