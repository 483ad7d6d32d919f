"""Add jobs, claim due ones, settle them; a lease is a number that fences late settlers off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from cas_server.db.pool import Connection
from cas_server.db.session import Session

_ADD = "INSERT INTO outbox (kind, payload, created_at, run_at) VALUES ($1, $2, $3, $4)"

# Claiming moves run_at to the end of the lease: a crash lets it come due again by itself.
# Materialized, because a sub-select may be run again for each row, and then skips its own limit.
_CLAIM = """
WITH due AS MATERIALIZED (
    SELECT id FROM outbox WHERE run_at <= $1 ORDER BY run_at LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE outbox SET run_at = $2, attempts = attempts + 1, lease = lease + 1
FROM due WHERE outbox.id = due.id
RETURNING outbox.id, kind, payload::text, attempts, lease, created_at
"""

# Never earlier than it stands: whoever has just put a job back knows better when it is due.
_RENEW = """
UPDATE outbox SET run_at = $1 FROM unnest($2::bigint[], $3::bigint[]) AS held (id, lease)
WHERE outbox.id = held.id AND outbox.lease = held.lease AND outbox.run_at < $1
"""
_FINISH = "DELETE FROM outbox WHERE id = $1 AND lease = $2"
_POSTPONE = "UPDATE outbox SET run_at = $3 WHERE id = $1 AND lease = $2"


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job; handlers may meet it twice."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempts: int
    lease: int
    created_at: datetime


async def add(session: Session, now: datetime, kind: str, payload: dict[str, Any]) -> None:
    """Promise work in the caller's transaction; the bell rings after its commit."""
    await session.sql.execute(_ADD, kind, msgspec.json.encode(payload).decode(), now, now)
    session.rings_bell = True


async def claim(sql: Connection, now: datetime, lease: timedelta, limit: int) -> list[Job]:
    """Take due jobs for `lease`, skipping those that another worker is taking."""
    rows = await sql.fetch(_CLAIM, now, now + lease, limit)
    return [
        Job(
            id=row["id"],
            kind=row["kind"],
            payload=msgspec.json.decode(row["payload"]),
            attempts=row["attempts"],
            lease=row["lease"],
            created_at=row["created_at"],
        )
        for row in rows
    ]


async def renew(sql: Connection, jobs: Sequence[Job], until: datetime) -> None:
    """Keep jobs that their claims still hold."""
    await sql.execute(_RENEW, until, [job.id for job in jobs], [job.lease for job in jobs])


async def finish(sql: Connection, job: Job) -> None:
    """Forget a job that this claim still holds."""
    await sql.execute(_FINISH, job.id, job.lease)


async def postpone(sql: Connection, job: Job, until: datetime) -> None:
    """Put back a job that this claim still holds."""
    await sql.execute(_POSTPONE, job.id, job.lease, until)
