"""SQL of what one-time codes cost: who asked how often, from where, and which purse paid."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from cas_server.db.session import ReadSession, Session
from cas_server.identity.allowance import Purse, Spent

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

# Between this lock and the commit nobody else looks at the budget: else two see the same last
# message left. Taken late, so that it is held for three statements.
_LOCK_BUDGET = "SELECT pg_advisory_xact_lock(hashtextextended('sms budget', 0))"

_SPENT = """
SELECT paid_by, count(*) AS every,
       count(*) FILTER (WHERE used_at IS NULL) AS day,
       count(*) FILTER (WHERE used_at IS NULL AND created_at > $1) AS hour,
       count(*) FILTER (WHERE used_at IS NULL AND network = $3) AS network
FROM one_time_code WHERE paid_by IS NOT NULL AND created_at > $2
GROUP BY paid_by
"""

_OF_DEVICE = """
SELECT created_at, EXISTS (
    SELECT FROM credential WHERE account_id = $3 AND credential.device = $1) AS known
FROM (SELECT NULL::timestamptz AS created_at
      UNION ALL
      SELECT created_at FROM one_time_code WHERE device = $1 AND created_at > $2) asked
ORDER BY created_at NULLS FIRST
"""

# One statement, whether or not a message is sent: the answer takes as long either way.
_SETTLE = """
WITH ended AS (
    UPDATE one_time_code SET expires_at = $4
    WHERE device = $2 AND id <> $1 AND used_at IS NULL AND expires_at > $4
), noted AS (
    UPDATE one_time_code SET network = $3, paid_by = $5 WHERE id = $1
)
INSERT INTO outbox (kind, payload, created_at, run_at)
SELECT $6, $7, $4, $4 WHERE $5::text IS NOT NULL
"""

_COUNT_MESSAGE = """
UPDATE one_time_code SET messages = messages + (code_hash <> $2)::int
WHERE id = $1 AND (code_hash = $2 OR messages < $3)
RETURNING messages
"""


@dataclass(frozen=True, slots=True)
class DevicePast:
    """When this device asked for codes, oldest first, and whether this account used it before."""

    asked_at: list[datetime]
    known: bool


async def of_device(
    session: ReadSession, device: str, since: datetime, account_id: UUID | None
) -> DevicePast:
    """What is known of a device; the same statement also when no account is known."""
    rows = await session.sql.fetch(_OF_DEVICE, device, since, account_id)
    return DevicePast([row["created_at"] for row in rows[1:]], rows[0]["known"])


async def lock_budget(session: Session) -> None:
    """One at a time, until the commit."""
    await session.sql.execute(_LOCK_BUDGET)


async def spent(session: ReadSession, network: bytes, now: datetime) -> Spent:
    """What the last hour and day have cost, in all and from this network."""
    rows = await session.sql.fetch(_SPENT, now - HOUR, now - DAY, network)
    return Spent(
        hour={Purse(row["paid_by"]): row["hour"] for row in rows},
        day={Purse(row["paid_by"]): row["day"] for row in rows},
        network=sum(row["network"] for row in rows),
        every=sum(row["every"] for row in rows),
    )


@dataclass(frozen=True, slots=True)
class Promise:
    """A code that was asked for: by which device and network, and who pays for its message."""

    code_id: UUID
    device: str
    network: bytes
    purse: Purse | None


async def settle(session: Session, promise: Promise, job: str, now: datetime) -> None:
    """Note who pays, end this device's older codes, and promise the message if somebody pays.

    Only the id goes into the job: neither the code nor the number ever stands there.
    """
    payload = msgspec.json.encode({"code_id": str(promise.code_id)}).decode()
    await session.sql.execute(
        _SETTLE,
        promise.code_id,
        promise.device,
        promise.network,
        now,
        promise.purse,
        job,
        payload,
    )
    session.rings_bell = True


async def count_message(session: Session, code_id: UUID, code_hash: str, most: int) -> bool:
    """Count a message with a new code; False when `most` different ones went out already."""
    counted = await session.sql.fetchval(_COUNT_MESSAGE, code_id, code_hash, most)
    return counted is not None
