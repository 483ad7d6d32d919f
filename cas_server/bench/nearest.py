"""`cas bench nearest`: the nearest of 100,000 moving officers, beside Redis and brute force."""

import time
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import uvloop

from cas_server.bench import rivals, stage
from cas_server.bench.nearest_moves import MOVE_EVERY_S
from cas_server.bench.redis import Redis, redis
from cas_server.bench.result import Check, Latency, Result, Side, Target
from cas_server.bench.stage import Crowd, Process, ServerFailed, Trial
from cas_server.children import python
from cas_server.db.bell import Bell
from cas_server.db.pool import connect, create_pool
from cas_server.db.session import Database, ReadSession
from cas_server.dispatch import queries as dispatch
from cas_server.dispatch.policy import Rules
from cas_server.kit.clock import utc_now
from cas_server.kit.geo import Position
from cas_server.kit.ids import new_id
from cas_server.presence.intake import MOVED_AT_ONCE

OFFICERS = 100_000
POINTS = 1_000
WANTED = 10
CLOSE_M = 1_000.0
"""A kinder radius for Redis, which looks at everybody within it."""
ROUNDS = 5
SHORTEST_ROUND_S = 0.5
P99_MS, OF_REDIS = 2.0, 0.5
PUT_AT_ONCE = 1_000

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
_THERE = "SELECT ST_X(at) AS lon, ST_Y(at) AS lat, personil_id::text AS id FROM last_position"

Ask = Callable[[Position], Awaitable[object]]


@dataclass(slots=True)
class Tally:
    """What one side's rounds came to: questions a second, and what each took."""

    name: str
    rates: list[float] = field(default_factory=list)
    took_ms: list[float] = field(default_factory=list)

    @property
    def side(self) -> Side:
        return Side(self.name, self.rates)

    async def round(self, points: list[Position], ask: Ask, seconds: float) -> None:
        """Ask one after the other, for so long."""
        took_ms: list[float] = []
        began = now = time.perf_counter()
        while now < began + seconds:
            await ask(points[len(took_ms) % len(points)])
            before, now = now, time.perf_counter()
            took_ms.append((now - before) * 1e3)
        self.rates.append(len(took_ms) / (now - began))
        self.took_ms += took_ms


@dataclass(slots=True)
class Compared:
    """Points at which both ways were asked in one snapshot."""

    points: int = 0
    equal: int = 0


def measure(trial: Trial) -> Result:
    """Ask while everybody moves, in turns; then both ways in one snapshot, again and again."""
    officers = trial.share_of(OFFICERS)
    program = rivals.for_trial(rivals.REDIS, trial)
    with stage.regency(trial.say, Crowd(personil=officers)) as (_, dsn), ExitStack() as beside:
        port = beside.enter_context(redis(program)) if program else None
        if port:
            uvloop.run(_put(dsn, port))
        words = (dsn, str(port)) if port else (dsn,)
        moving = stage.running(*python("cas_server.bench.nearest_moves", *words), environment={})
        mover = beside.enter_context(moving)
        bench = uvloop.run(_measure(dsn, port, mover, trial))
    return _result(bench, officers, trial.seconds)


async def _put(dsn: str, port: int) -> None:
    """Everybody into Redis."""
    connection, there = await connect(dsn), await Redis.open(port)
    places = [(row["lon"], row["lat"], row["id"]) for row in await connection.fetch(_THERE)]
    for start in range(0, len(places), PUT_AT_ONCE):
        await there.put(places[start : start + PUT_AT_ONCE])
    there.close()
    await connection.close()


async def _measure(dsn: str, port: int | None, mover: Process, trial: Trial) -> "_Bench":
    spots = [Position(lat, lon) for lat, lon in await stage.spots(dsn, max(POINTS, 5_000))]
    database = Database(create_pool(dsn, 2), Bell(dsn))
    bench = _Bench(database, [await _polres(dsn)], spots)
    if port:
        bench.redis = await Redis.open(port)
    try:
        rounds = max(1, min(ROUNDS, int(trial.seconds / 2 / SHORTEST_ROUND_S)))
        for number in range(1, rounds + 1):
            trial.say(
                f"round {number} of {rounds}, while {MOVED_AT_ONCE / MOVE_EVERY_S:,.0f} move a "
                "second"
            )
            await bench.round(trial.seconds / rounds, trial.share_of(POINTS) // rounds)
    finally:
        await database.close()
    if mover.popen.poll() is not None:
        raise ServerFailed("whoever moves everybody", mover.last_words())
    return bench


async def _polres(dsn: str) -> str:
    connection = await connect(dsn)
    path: str = await connection.fetchval("SELECT path FROM satuan WHERE kind = 'polres'")
    await connection.close()
    return path


class _Bench:
    """All sides, and the points that have been asked about."""

    def __init__(self, database: Database, polres: list[str], points: list[Position]) -> None:
        self._database = database
        self._polres = polres
        self._points = points
        self.redis: Redis | None = None
        self.ours, self.brute = Tally("CAS"), Tally("every one looked at")
        self.radius_m = Rules().ring_1_radius_m
        self.theirs = Tally(f"Redis GEOSEARCH, {self.radius_m / 1e3:.0f} km")
        self.close = Tally(f"Redis GEOSEARCH, {CLOSE_M / 1e3:.0f} km")
        self.compared = Compared()

    async def round(self, seconds: float, compared: int) -> None:
        """Everybody's turn, then `compared` points both ways."""
        share_s = seconds / (3 if self.redis else 1)
        await self._ask(self._points[0])
        await self.ours.round(self._points, self._ask, share_s)
        if self.redis is not None:
            await self.theirs.round(self._points, self._ask_redis(self.radius_m), share_s)
            await self.close.round(self._points, self._ask_redis(CLOSE_M), share_s)
        points = self._points[self.compared.points :][:compared]
        brute_ms = [await self._compare(point) for point in points]
        self.brute.rates.append(len(brute_ms) / (sum(brute_ms) / 1e3))
        self.brute.took_ms += brute_ms

    async def _ask(self, point: Position) -> None:
        async with self._database.glance() as session:
            await self._nearest(session, point, utc_now())

    def _ask_redis(self, radius_m: float) -> Ask:
        there = self.redis
        assert there is not None
        return lambda point: there.nearest(point.lon, point.lat, radius_m, WANTED)

    async def _nearest(self, session: ReadSession, to: Position, now: datetime) -> list[UUID]:
        found = await dispatch.nearest(session, to, new_id(), now, self._polres)
        ranked = sorted((each for each in found if each.available), key=lambda e: e.distance_m)
        return [each.personil_id for each in ranked[:WANTED]]

    async def _compare(self, point: Position) -> float:
        """Whether the same ten come in the same order; what brute force took, in ms."""
        async with self._database.reading() as session:
            ours = await self._nearest(session, point, utc_now())
            began = time.perf_counter()
            rows: list[Any] = await session.sql.fetch(_BRUTE, point.lon, point.lat, WANTED)
            took_ms = (time.perf_counter() - began) * 1e3
        self.compared.points += 1
        self.compared.equal += ours == [row["personil_id"] for row in rows]
        return took_ms


def _result(bench: _Bench, officers: int, seconds: float) -> Result:
    latency, compared = Latency.of(bench.ours.took_ms), bench.compared
    rate, equal_percent = bench.ours.side.median, 100 * compared.equal / compared.points
    targets = [
        Target("p99 (ms)", latency.p99, "at most", P99_MS),
        Target("equal to brute force (%)", equal_percent, "at least", 100),
    ]
    checks: dict[str, Check] = {
        "points_compared": compared.points,
        "equal_to_brute_force_percent": round(equal_percent, 2),
        "questions": len(bench.ours.took_ms),
        "officers": officers,
        "brute_force_p99_ms": Latency.of(bench.brute.took_ms).p99,
        "redis": "not there",
    }
    sides, yardstick = [bench.ours.side, bench.brute.side], bench.brute
    if bench.redis is not None:
        sides[1:1] = [bench.theirs.side, bench.close.side]
        yardstick = bench.theirs
        of_redis = rate / yardstick.side.median
        targets.insert(1, Target("of Redis GEOSEARCH", of_redis, "at least", OF_REDIS))
        checks["redis"] = f"p99 {Latency.of(bench.theirs.took_ms).p99} ms"
        checks["redis_1_km"] = f"p99 {Latency.of(bench.close.took_ms).p99} ms"
    return Result(
        name="nearest",
        value=rate,
        unit="questions/s",
        yardstick=yardstick.side.median,
        latency_ms=latency,
        checks=checks,
        seconds=seconds,
        compared=(
            f"Who are the nearest {WANTED} of {officers:,} moving officers, one question after "
            "the other on one connection: by the statement that calls a ring, which also weighs "
            "duty, age and pending offers, beside Redis GEOSEARCH over the same positions, moved "
            f"alike, within the {bench.radius_m / 1e3:.0f} km of a first ring and within "
            f"{CLOSE_M / 1e3:.0f} km; and, for what is right, beside looking at every one of them "
            "in the same snapshot."
        ),
        sides=sides,
        targets=targets,
    )
