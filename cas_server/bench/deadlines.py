"""`cas bench deadlines`: from an offer's deadline to the commit that ended it."""

import asyncio
import json
import random
import time

import asyncpg
import uvloop

from cas_server.alarm import intake
from cas_server.alarm.press import press
from cas_server.bench import stage
from cas_server.bench.people import citizen_token
from cas_server.bench.result import Latency, Result
from cas_server.bench.stage import Crowd, Trial
from cas_server.children import python
from cas_server.db.bell import Bell
from cas_server.db.pool import Connection, connect, create_pool
from cas_server.db.session import Database
from cas_server.identity.presser import Presser
from cas_server.identity.subject import identify
from cas_server.identity.views import Verification
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id

OFFICERS = 60
DEADLINES_A_SECOND = 50
LIMIT_MS = 50.0
SOON_S = 1.5
"""Until the first deadline: the worker looks at least once a second."""
READY_WITHIN_S = 30.0
ENDED_WITHIN_S = 30.0

# The last ring: its end calls nobody further, so that only the deadlines themselves are measured.
_HOLD = """
WITH kept AS (SELECT DISTINCT ON (alarm_id) id FROM offer ORDER BY alarm_id, id),
dropped AS (DELETE FROM offer WHERE id NOT IN (SELECT id FROM kept)),
calm AS (UPDATE alarm SET ring = 3, climb_at = NULL)
UPDATE offer SET ring = 3, received_at = offered_at, expires_at = now() + interval '1 hour'
WHERE id IN (SELECT id FROM kept)
"""
_SPREAD = """
UPDATE offer SET expires_at = to_timestamp($1) + random() * make_interval(secs => $2)
"""
# It has looked for deadlines, so it is up.
_WORKS = """
SELECT EXISTS (SELECT FROM pg_stat_activity
               WHERE pid <> pg_backend_pid() AND query LIKE '%AS climbing%')
"""
_ALL_ENDED = "SELECT NOT EXISTS (SELECT FROM offer WHERE state = 'open')"
_LATE = """
SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - expires_at)::float8 * 1000 AS ms
FROM offer WHERE state = 'expired'
"""
_ENTRIES = "SELECT count(*) FROM journal WHERE kind = 'offer.expired'"


def measure(trial: Trial) -> Result:
    """Alarms whose offers end at random times, and one worker that has to end them."""
    count = max(5, round(DEADLINES_A_SECOND * trial.seconds * trial.size))
    crowd = Crowd(personil=OFFICERS, citizens=count)
    with stage.regency(trial.say, crowd, track_commit_timestamp="on") as (_, dsn):
        trial.say(f"{count} people press")
        uvloop.run(_press(dsn, count))
        own = {"CAS_DATABASE_URL": dsn, "CAS_LOG_LEVEL": "warning"}
        with stage.running(*python("cas_server", "work"), environment=own):
            late_ms, entries = uvloop.run(_let_end(dsn, trial.seconds))
    latency = Latency.of(late_ms)
    return Result(
        name="deadlines",
        value=latency.p99,
        unit="ms (p99)",
        yardstick=LIMIT_MS,
        latency_ms=latency,
        checks={
            "deadlines": count,
            "every_deadline_was_kept_once": len(late_ms) == entries == count,
            "none_was_early": min(late_ms, default=0) >= 0,
            "within_the_limit": latency.p99 < LIMIT_MS,
        },
        seconds=trial.seconds,
        compared=(
            f"From the deadline of an offer to the commit that ended it, with one worker and "
            f"{DEADLINES_A_SECOND} deadlines a second at random times, by PostgreSQL's own commit "
            f"times: p99 against the limit of {LIMIT_MS:.0f} ms."
        ),
    )


async def _press(dsn: str, count: int) -> None:
    database = Database(create_pool(dsn, 2), Bell(dsn))
    chance = random.Random(7)  # noqa: S311 - places of a benchmark
    places = await stage.spots(dsn, 200)
    for number in range(1, count + 1):
        lat, lon = chance.choice(places)
        wish = intake.read(
            json.dumps({"position": {"lat": lat, "lon": lon, "accuracy_m": 10}}).encode()
        )
        subject = await identify(database, citizen_token(number))
        presser = Presser(Verification.BEARER, subject, "127.0.0.1")
        async with database.transaction() as session:
            await press(session, presser, new_id(), wish, utc_now())
    async with database.statement() as sql:
        await sql.execute(_HOLD)
    await database.close()


async def _let_end(dsn: str, seconds: float) -> tuple[list[float], int]:
    """How late each was, and how many the journal tells of."""
    connection = await connect(dsn)
    try:
        await _until(connection, _WORKS, READY_WITHIN_S)
        await connection.execute(_SPREAD, utc_now().timestamp() + SOON_S, seconds)
        await _until(connection, _ALL_ENDED, SOON_S + seconds + ENDED_WITHIN_S)
        late: list[asyncpg.Record] = await connection.fetch(_LATE)
        return [row["ms"] for row in late], await connection.fetchval(_ENTRIES)
    finally:
        await connection.close()


async def _until(connection: Connection, question: str, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not await connection.fetchval(question) and time.monotonic() < deadline:  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.2)
