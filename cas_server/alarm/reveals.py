"""SQL of who a reporter is: sealed for callers, opened for a reveal that is written down."""

from datetime import datetime
from uuid import UUID

import msgspec

from cas_server.alarm.views import RevealedReporter, SiteContact
from cas_server.db.session import ReadSession, Session
from cas_server.identity import queries as identity
from cas_server.identity.subject import Subject
from cas_server.vault.service import open_sealed, ring_of

_KEEP_CALLER = """
UPDATE alarm SET reporter_name_sealed = $2, reporter_phone_sealed = $3 WHERE id = $1
"""
# Two at once would not see each other's, and go past the limit together.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('reveal ' || $1::text, 0))"
_SINCE = "SELECT at FROM reveal WHERE account_id = $1 AND at > $2 ORDER BY at"
_INSERT = """
INSERT INTO reveal (alarm_id, account_id, role, reason, told, at) VALUES ($1, $2, $3, $4, $5, $6)
"""
_REPORTER = """
SELECT a.reporter_account_id, a.reporter_name, a.reporter_name_sealed, a.reporter_phone_sealed,
       s.id AS site_id, s.contacts_sealed
FROM alarm a LEFT JOIN site s ON s.id = a.site_id WHERE a.id = $1
"""
_FOLDED = """
SELECT id, phone_sealed FROM folded_press WHERE alarm_id = $1 AND phone_sealed IS NOT NULL
ORDER BY received_at, id LIMIT 100
"""


async def keep_caller(session: Session, alarm_id: UUID, name: str, phone: str | None) -> None:
    """Seal who called, at the alarm: a caller has no account where it could stand."""
    ring = await ring_of(session)
    name_sealed = ring.seal(name, "alarm.reporter_name", alarm_id)
    phone_sealed = ring.maybe_seal(phone, "alarm.reporter_phone", alarm_id)
    await session.sql.execute(_KEEP_CALLER, alarm_id, name_sealed, phone_sealed)


async def of_account(session: Session, account_id: UUID, since: datetime) -> list[datetime]:
    """When an account has looked somebody up, oldest first; no other can until the commit."""
    await session.sql.execute(_LOCK, str(account_id))
    return [row["at"] for row in await session.sql.fetch(_SINCE, account_id, since)]


async def note(
    session: Session, alarm_id: UUID, subject: Subject, reason: str, now: datetime, *, told: bool
) -> None:
    """Write down who looked, and why."""
    values = (alarm_id, subject.account_id, subject.role.value, reason, told, now)
    await session.sql.execute(_INSERT, *values)


async def reporter(session: ReadSession, alarm_id: UUID) -> RevealedReporter:
    """Who pressed or called, in full, and whom to ask for at the site. Note the reveal first."""
    row = await session.sql.fetchrow(_REPORTER, alarm_id)
    assert row is not None, "the alarm is held"
    name = await open_sealed(session, row["reporter_name_sealed"], "alarm.reporter_name", alarm_id)
    phone = await open_sealed(
        session, row["reporter_phone_sealed"], "alarm.reporter_phone", alarm_id
    )
    if row["reporter_account_id"] is not None:
        known = await identity.identity(session, row["reporter_account_id"])
        name, phone = (known.name, known.phone) if known else (name, phone)
    contacts = await open_sealed(session, row["contacts_sealed"], "site.contacts", row["site_id"])
    return RevealedReporter(
        alarm_id=alarm_id,
        name=name or row["reporter_name"],
        phone=phone,
        contacts=[
            *(SiteContact(**each) for each in msgspec.json.decode(contacts or "[]")),
            *await _folded(session, alarm_id),
        ],
    )


async def _folded(session: ReadSession, alarm_id: UUID) -> list[SiteContact]:
    """Who pressed unverified, is counted under this alarm, and said where to call back."""
    phones = [
        await open_sealed(session, row["phone_sealed"], "folded_press.phone", row["id"])
        for row in await session.sql.fetch(_FOLDED, alarm_id)
    ]
    return [SiteContact(name="", phone=phone or "", duty="") for phone in phones]
