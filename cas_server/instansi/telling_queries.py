"""SQL of telling a site's contact persons: which alarms are due, and what was sent already."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cas_server.db.session import ReadSession, Session
from cas_server.vault.service import open_sealed

# Only pressed at the site itself, and not before the seconds are over in which a slip is taken
# back. Whoever presses silently, or was made to cancel, is not to hear a telephone ring.
_DUE = """
SELECT a.id, a.site_id, a.silent, a.raised_at, a.satuan_path, s.contacts::text AS contacts
FROM alarm a JOIN site s ON s.id = a.site_id
WHERE a.site_id IS NOT NULL AND a.raised_at > $1 AND a.raised_at <= $2
  AND a.position_source = 'site' AND a.cancelled_at IS NULL AND a.duress_at IS NULL
  AND a.closed_at IS NULL
  AND NOT EXISTS (SELECT FROM site_told t WHERE t.alarm_id = a.id)
ORDER BY a.raised_at LIMIT 50
"""
# The budget is counted by one at a time.
_LOCK = "SELECT pg_advisory_xact_lock(35220004)"
_SENT = """
SELECT coalesce(sum(messages) FILTER (WHERE site_id = $1), 0) AS of_site,
       coalesce(sum(messages), 0) AS of_all
FROM site_told WHERE at > $2
"""
_NOTE = """
INSERT INTO site_told (alarm_id, site_id, at, messages, why_not) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING alarm_id
"""
_SITE = "SELECT name, contacts_sealed FROM site WHERE id = $1"


@dataclass(frozen=True, slots=True)
class DueAlarm:
    """An alarm at a site whose contact persons have heard nothing; `numbers` is how many have one,
    by their place in the list."""

    alarm_id: UUID
    site_id: UUID
    silent: bool
    raised_at: datetime
    satuan_path: str
    reachable: list[int]


@dataclass(frozen=True, slots=True)
class Sent:
    """Messages of a day, to contact persons of one site and of all."""

    of_site: int
    of_all: int


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where to send it, and what the site is called."""

    site: str
    phone: str


async def due(session: ReadSession, after: datetime, until: datetime) -> list[DueAlarm]:
    """Alarms at sites between two times that nobody was told of, the earliest first."""
    return [_due(row) for row in await session.sql.fetch(_DUE, after, until)]


def _due(row: Any) -> DueAlarm:
    contacts = msgspec.json.decode(row["contacts"])
    return DueAlarm(
        alarm_id=row["id"],
        site_id=row["site_id"],
        silent=row["silent"],
        raised_at=row["raised_at"],
        satuan_path=row["satuan_path"],
        reachable=[at for at, each in enumerate(contacts) if each.get("phone")],
    )


async def sent(session: Session, site_id: UUID, since: datetime) -> Sent:
    """What was sent since a time; nobody else sends until the commit."""
    await session.sql.execute(_LOCK)
    row = await session.sql.fetchrow(_SENT, site_id, since)
    assert row is not None, "a sum has one row"
    return Sent(row["of_site"], row["of_all"])


async def note(
    session: Session, due: DueAlarm, messages: int, why_not: str | None, now: datetime
) -> bool:
    """False when another worker was first."""
    values = (due.alarm_id, due.site_id, now, messages, why_not)
    return await session.sql.fetchval(_NOTE, *values) is not None


async def addressee(session: ReadSession, site_id: UUID, at: int) -> Addressee | None:
    """A contact person by their place in the list; None when they are gone or have no number."""
    row = await session.sql.fetchrow(_SITE, site_id)
    if row is None:
        return None
    whole = await open_sealed(session, row["contacts_sealed"], "site.contacts", site_id)
    contacts = msgspec.json.decode(whole or "[]")
    if at >= len(contacts) or not contacts[at].get("phone"):
        return None
    return Addressee(row["name"], contacts[at]["phone"])
