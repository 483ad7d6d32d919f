"""SQL of the installation's state: each look costs a few milliseconds, whatever its size."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.metrics.flowing import Flow

WORKER = "worker"
LOOKS_BACK = timedelta(hours=1)
STEPS = ("offered", "received", "acknowledged", "accepted", "on_scene")
QUANTILES = (0.5, 0.9, 0.99)

_BEAT = """
INSERT INTO beat (name, at) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET at = greatest(beat.at, excluded.at)
"""

_FLOW = """
SELECT (SELECT extract(epoch FROM $1 - at)::float8 FROM beat WHERE name = $2) AS worker_s,
    (SELECT extract(epoch FROM $1 - min(run_at))::float8 FROM outbox WHERE run_at <= $1)
        AS outbox_s,
    extract(epoch FROM $1 - least(
        (SELECT min(expires_at) FROM offer WHERE state = 'open'),
        (SELECT min(climb_at) FROM alarm WHERE climb_at IS NOT NULL)))::float8 AS deadline_s
"""

_STATE = """
SELECT (SELECT count(*) FROM alarm WHERE closed_at IS NULL) AS open,
    (SELECT count(*) FROM alarm WHERE closed_at IS NULL AND acknowledged_at IS NULL)
        AS unacknowledged,
    (SELECT count(*) FROM outbox) AS outbox
"""

# Ids are time-ordered (UUID version 7), so an hour of offers is a range of the primary key.
_OFFERS = """
SELECT state, count(*) AS offers, count(unreached_at) AS unreached
FROM offer WHERE id >= $1 GROUP BY state
"""
_STEPS = """
WITH called AS (
    SELECT alarm_id, min(offered_at) AS offered, min(received_at) AS received
    FROM offer WHERE id >= $1 GROUP BY alarm_id
), went AS (
    SELECT alarm_id, min(accepted_at) AS accepted, min(on_scene_at) AS on_scene
    FROM responder WHERE alarm_id IN (SELECT alarm_id FROM called) GROUP BY alarm_id
), steps AS (
    SELECT step.name, extract(epoch FROM step.at - a.raised_at)::float8 AS seconds
    FROM called c JOIN alarm a ON a.id = c.alarm_id LEFT JOIN went w ON w.alarm_id = a.id,
    LATERAL (VALUES ('offered', c.offered), ('received', c.received),
        ('acknowledged', a.acknowledged_at), ('accepted', w.accepted), ('on_scene', w.on_scene)
    ) AS step (name, at)
    WHERE step.at IS NOT NULL
)
SELECT name, count(*) AS alarms,
    percentile_cont($2::float8[]) WITHIN GROUP (ORDER BY seconds) AS seconds
FROM steps GROUP BY name
"""
# Of the newest thousands only: the table keeps a year, and is in the order of its ids.
_PUSHES = """
SELECT outcome, count(*) AS pushes FROM push_outcome
WHERE id > (SELECT coalesce(max(id), 0) FROM push_outcome) - 20000 AND at > $1
GROUP BY outcome
"""


@dataclass(frozen=True, slots=True)
class State:
    """Counts of now, and of the last hour."""

    open: int
    unacknowledged: int
    outbox: int
    offers: dict[str, int]
    unreached: int
    pushes: dict[str, int]
    steps: dict[str, list[float]]
    """Seconds from the press to a step, at QUANTILES."""


async def beat(session: Session, name: str, now: datetime) -> None:
    await session.sql.execute(_BEAT, name, now)


async def flow(session: ReadSession, now: datetime) -> Flow:
    row = await session.sql.fetchrow(_FLOW, now, WORKER)
    assert row is not None, "it has no FROM"
    late = row["deadline_s"]
    return Flow(row["worker_s"], row["outbox_s"], late if late and late > 0 else None)


async def state(session: ReadSession, now: datetime) -> State:
    sql, since = session.sql, now - LOOKS_BACK
    counts = await sql.fetchrow(_STATE)
    assert counts is not None, "it has no FROM"
    offers = await sql.fetch(_OFFERS, _first_id(since))
    steps = await sql.fetch(_STEPS, _first_id(since), list(QUANTILES))
    pushes = await sql.fetch(_PUSHES, since)
    return State(
        **dict(counts),
        offers={row["state"]: row["offers"] for row in offers},
        unreached=sum(row["unreached"] for row in offers),
        pushes={row["outcome"]: row["pushes"] for row in pushes},
        steps={row["name"]: list(row["seconds"]) for row in steps},
    )


def _first_id(since: datetime) -> UUID:
    """The least UUID version 7 of a moment."""
    return UUID(int=int(since.timestamp() * 1000) << 80)
