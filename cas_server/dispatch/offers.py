"""Offers and responders in SQL: every step under the alarm's lock, fenced against the deadline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cas_server.db.session import ReadSession, Session

_LOCK_OFFER = """
SELECT id, alarm_id, personil_id, ring, state, expires_at FROM offer WHERE id = $1 FOR UPDATE
"""
_ALARM_OF_OFFER = "SELECT alarm_id FROM offer WHERE id = $1 AND personil_id = $2"

# The fence: an open offer is answered or expired by whoever updates it first, never by both.
_ANSWER = """
UPDATE offer SET state = $2, answered_at = $3, decline_reason = $4
WHERE id = $1 AND state = 'open' AND expires_at > $3 RETURNING id
"""
_EXPIRE = """
UPDATE offer SET state = 'expired', answered_at = $2
WHERE alarm_id = $1 AND state = 'open' AND expires_at <= $2 RETURNING id, personil_id
"""
_LAPSE = """
UPDATE offer SET expires_at = $2
WHERE personil_id = $1 AND answered_at IS NULL AND state = 'open' AND expires_at > $2
"""
_STAND_DOWN = """
UPDATE offer SET state = 'stood_down', answered_at = $2
WHERE alarm_id = $1 AND state = 'open' RETURNING id, personil_id
"""
_STAND_DOWN_ONE = """
UPDATE offer SET state = 'stood_down', answered_at = $3
WHERE alarm_id = $1 AND personil_id = $2 AND state = 'open' RETURNING id, personil_id
"""
_LATEST_OF = """
SELECT id, personil_id FROM offer WHERE alarm_id = $1 AND personil_id = $2
ORDER BY offered_at DESC LIMIT 1
"""
_MARK_UNREACHED = """
UPDATE offer SET unreached_at = $2
WHERE alarm_id = $1 AND state = 'open' AND received_at IS NULL AND unreached_at IS NULL
  AND receive_by <= $2
RETURNING id, personil_id
"""
_ASSIGN = """
INSERT INTO offer (id, alarm_id, personil_id, ring, state, offered_at, expires_at, receive_by,
                   answered_at)
VALUES ($1, $2, $3, 0, 'accepted', $4, $4, $4, $4)
ON CONFLICT (alarm_id, personil_id, ring) DO UPDATE SET state = 'accepted', answered_at = $4
RETURNING id
"""
_TAKE_UP = """
INSERT INTO responder (alarm_id, personil_id, part, state, accepted_at, assigned_by)
VALUES ($1, $2, $3, 'accepted', $4, $5)
ON CONFLICT (alarm_id, personil_id) DO UPDATE SET part = $3, state = 'accepted', accepted_at = $4,
    assigned_by = $5, en_route_at = NULL, on_scene_at = NULL, released_at = NULL,
    release_reason = NULL, backup_asked_at = NULL, reported_at = NULL
"""
_STEP = """
UPDATE responder SET state = $3,
    en_route_at = CASE WHEN $3 = 'en_route' THEN coalesce(en_route_at, $4) ELSE en_route_at END,
    on_scene_at = CASE WHEN $3 = 'on_scene' THEN coalesce(on_scene_at, $4) ELSE on_scene_at END,
    released_at = CASE WHEN $3 = 'released' THEN $4 ELSE released_at END,
    release_reason = CASE WHEN $3 = 'released' THEN $5 ELSE release_reason END
WHERE alarm_id = $1 AND personil_id = $2
"""
_PROMOTE = """
UPDATE responder SET part = 'primary'
WHERE alarm_id = $1 AND personil_id = (
    SELECT personil_id FROM responder WHERE alarm_id = $1 AND state <> 'released'
    ORDER BY accepted_at LIMIT 1)
  AND NOT EXISTS (SELECT FROM responder
                  WHERE alarm_id = $1 AND state <> 'released' AND part = 'primary')
RETURNING personil_id
"""
_RESPONDERS = """
SELECT r.personil_id, p.name, r.part, r.state, r.backup_asked_at, r.reported_at
FROM responder r JOIN personil p ON p.id = r.personil_id
WHERE r.alarm_id = $1 ORDER BY r.accepted_at
"""
_OFFERS_OF_RING = """
SELECT o.id, o.personil_id, o.state, o.unreached_at FROM offer o
WHERE o.alarm_id = $1 AND o.ring = $2
"""
_ANY_OPEN = "SELECT EXISTS (SELECT FROM offer WHERE alarm_id = $1 AND state = 'open')"
_ASK_BACKUP = """
UPDATE responder SET backup_asked_at = $3 WHERE alarm_id = $1 AND personil_id = $2
"""
DUE_ALARMS = """
SELECT DISTINCT alarm_id FROM (
    (SELECT alarm_id FROM offer WHERE state = 'open' AND expires_at <= $1)
    UNION ALL
    (SELECT alarm_id FROM offer WHERE state = 'open' AND received_at IS NULL
        AND unreached_at IS NULL AND receive_by <= $1)
) due LIMIT $2
"""
NEXT_DUE = """
SELECT least(
    (SELECT min(expires_at) FROM offer WHERE state = 'open'),
    (SELECT min(receive_by) FROM offer WHERE state = 'open' AND received_at IS NULL
        AND unreached_at IS NULL))
"""


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """One offer as decisions see it."""

    id: UUID
    alarm_id: UUID
    personil_id: UUID
    ring: int
    state: str
    expires_at: datetime


async def alarm_of_offer(session: ReadSession, offer_id: UUID, personil_id: UUID) -> UUID | None:
    """The alarm behind a Personil's own offer; None when it is not theirs."""
    found: UUID | None = await session.sql.fetchval(_ALARM_OF_OFFER, offer_id, personil_id)
    return found


async def lock_offer(session: Session, offer_id: UUID) -> OfferFacts:
    """One offer that is known to exist, locked."""
    row = await session.sql.fetchrow(_LOCK_OFFER, offer_id)
    assert row is not None, "offers are never deleted"
    return OfferFacts(**row)


async def answer(
    session: Session, offer_id: UUID, state: str, now: datetime, reason: str | None
) -> bool:
    """Answer an open offer before its deadline; False when the deadline or another was first."""
    return await session.sql.fetchval(_ANSWER, offer_id, state, now, reason) is not None


async def expire(session: Session, alarm_id: UUID, now: datetime) -> list[tuple[UUID, UUID]]:
    """End the open offers that are due: (offer, Personil) of each."""
    return [tuple(row) for row in await session.sql.fetch(_EXPIRE, alarm_id, now)]


async def stand_down(session: Session, alarm_id: UUID, now: datetime) -> list[tuple[UUID, UUID]]:
    """End every open offer of an alarm: (offer, Personil) of each."""
    return [tuple(row) for row in await session.sql.fetch(_STAND_DOWN, alarm_id, now)]


async def stand_down_one(
    session: Session, alarm_id: UUID, personil_id: UUID, now: datetime
) -> list[tuple[UUID, UUID]]:
    """End one Personil's open offers of an alarm: (offer, Personil) of each."""
    rows = await session.sql.fetch(_STAND_DOWN_ONE, alarm_id, personil_id, now)
    return [tuple(row) for row in rows]


async def latest_of(
    session: ReadSession, alarm_id: UUID, personil_id: UUID
) -> list[tuple[UUID, UUID]]:
    """A Personil's newest offer of an alarm, as (offer, Personil)."""
    return [tuple(row) for row in await session.sql.fetch(_LATEST_OF, alarm_id, personil_id)]


async def mark_unreached(
    session: Session, alarm_id: UUID, now: datetime
) -> list[tuple[UUID, UUID]]:
    """Mark offers whose receipt is overdue: (offer, Personil) of each."""
    return [tuple(row) for row in await session.sql.fetch(_MARK_UNREACHED, alarm_id, now)]


async def lapse(session: Session, personil_id: UUID, now: datetime) -> None:
    """Bring a Personil's open offers to their deadline: whoever keeps deadlines ends them at once,
    and calls further where nobody else is asked."""
    await session.sql.execute(_LAPSE, personil_id, now)


async def assign(
    session: Session, offer_id: UUID, alarm_id: UUID, personil_id: UUID, now: datetime
) -> UUID:
    """An offer by hand, already accepted; the id it has if it was there before."""
    found: UUID = await session.sql.fetchval(_ASSIGN, offer_id, alarm_id, personil_id, now)
    return found


async def take_up(
    session: Session,
    alarm_id: UUID,
    personil_id: UUID,
    part: str,
    now: datetime,
    assigned_by: UUID | None,
) -> None:
    """Make a Personil a responder, also one who was released before."""
    await session.sql.execute(_TAKE_UP, alarm_id, personil_id, part, now, assigned_by)


async def step(
    session: Session,
    alarm_id: UUID,
    personil_id: UUID,
    state: str,
    now: datetime,
    reason: str | None,
) -> None:
    """Write a responder's step with its time."""
    await session.sql.execute(_STEP, alarm_id, personil_id, state, now, reason)


async def promote(session: Session, alarm_id: UUID) -> UUID | None:
    """Make the longest-serving backup primary where there is none; who, if anybody."""
    found: UUID | None = await session.sql.fetchval(_PROMOTE, alarm_id)
    return found


async def responders(session: ReadSession, alarm_id: UUID) -> list[Any]:
    """Rows (personil_id, name, part, state, backup_asked_at, reported_at), the earliest first."""
    return list(await session.sql.fetch(_RESPONDERS, alarm_id))


async def any_open(session: ReadSession, alarm_id: UUID) -> bool:
    """True while somebody is asked and has not answered."""
    return bool(await session.sql.fetchval(_ANY_OPEN, alarm_id))


async def ask_backup(session: Session, alarm_id: UUID, personil_id: UUID, now: datetime) -> None:
    """Note who wants more Personil, and since when."""
    await session.sql.execute(_ASK_BACKUP, alarm_id, personil_id, now)


async def offers_of_ring(session: ReadSession, alarm_id: UUID, ring: int) -> list[Any]:
    """Rows (id, personil_id, state, unreached_at)."""
    return list(await session.sql.fetch(_OFFERS_OF_RING, alarm_id, ring))
