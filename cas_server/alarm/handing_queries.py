"""SQL of handing an alarm to another Satuan."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cas_server.alarm.handing_views import Neighbour
from cas_server.alarm.queries import Locked
from cas_server.db.session import ReadSession, Session
from cas_server.dispatch.policy import Rules

_NEIGHBOURS = """
SELECT s.id AS satuan_id, s.name, s.phone,
       ST_Distance(s.at::geography, coalesce(a.at, own.at)::geography) AS distance_m
FROM alarm a JOIN satuan own ON own.id = a.satuan_id
JOIN satuan s ON s.id <> own.id JOIN staffed_satuan d ON d.satuan_id = s.id
WHERE a.id = $1
ORDER BY distance_m NULLS LAST, s.path LIMIT $2
"""
_TARGET = """
SELECT s.id, s.name, s.path, s.effective::text, EXISTS (
    SELECT FROM staffed_satuan d WHERE d.satuan_id = s.id) AS staffed
FROM satuan s WHERE s.id = $1
"""
_HAND = """
INSERT INTO alarm_handover (alarm_id, at, from_satuan_id, to_satuan_id, account_id, reason)
VALUES ($1, $2, $3, $4, $5, $6)
"""


@dataclass(frozen=True, slots=True)
class Target:
    """The Satuan that is to take an alarm, as far as handing it over needs to know."""

    id: UUID
    name: str
    path: str
    rules: Rules
    staffed: bool


async def neighbours(session: ReadSession, alarm_id: UUID, most: int) -> list[Neighbour]:
    """Every other Satuan with a desk, the nearest to the alarm first."""
    rows = await session.sql.fetch(_NEIGHBOURS, alarm_id, most)
    return [Neighbour(**dict(row)) for row in rows]


async def target(session: ReadSession, satuan_id: UUID) -> Target | None:
    """A Satuan by its id; None when there is none."""
    row = await session.sql.fetchrow(_TARGET, satuan_id)
    if row is None:
        return None
    rules = Rules.of(row["effective"])
    return Target(row["id"], row["name"], row["path"], rules, row["staffed"])


async def note(
    session: Session,
    alarm: Locked,
    to: Target,
    account_id: UUID,
    reason: str,
    now: datetime,
) -> None:
    """Write down who handed it on: from now on that Satuan looks, and acts no more."""
    await session.sql.execute(_HAND, alarm.id, now, alarm.satuan_id, to.id, account_id, reason)
