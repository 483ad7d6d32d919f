"""Which deadlines are due, in SQL: offers and receipts that ended, alarms that climb."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cas_server.db.session import ReadSession
from cas_server.dispatch.offers import DUE_ALARMS, NEXT_DUE

# One look, because it is taken whenever anything has happened.
_DUE = f"""
SELECT ARRAY({DUE_ALARMS}) AS offered,
       ARRAY(SELECT id FROM alarm WHERE climb_at <= $1 ORDER BY climb_at LIMIT $2) AS climbing,
       least(({NEXT_DUE}),
             (SELECT min(climb_at) FROM alarm WHERE climb_at IS NOT NULL)) AS next_at
"""  # noqa: S608 - constants of this code only


@dataclass(frozen=True, slots=True)
class Due:
    """Alarms with an offer that is due, alarms that climb, and when to look again."""

    offered: list[UUID]
    climbing: list[UUID]
    next_at: datetime | None


async def look(session: ReadSession, now: datetime, limit: int) -> Due:
    """What is due now, at most `limit` of each kind, and the earliest deadline there is."""
    row = await session.sql.fetchrow(_DUE, now, limit)
    assert row is not None, "it has no FROM"
    return Due(row["offered"], row["climbing"], row["next_at"])
