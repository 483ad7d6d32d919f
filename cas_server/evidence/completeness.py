"""Seals the records of closed alarms in the journal, and finds what was changed in them since."""

from datetime import datetime, timedelta

from cas_server.db.session import ReadSession, Session
from cas_server.evidence import part_queries, queries
from cas_server.evidence.audit import Finding
from cas_server.evidence.parts import SEALED, examine, sealed
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event

SETTLED_AFTER = timedelta(seconds=90)
"""Until then the last positions of its responders may still be on their way."""

LOOKS_BACK = timedelta(days=30)
AT_ONCE = 200


async def seal_due(session: Session, after: datetime, now: datetime) -> datetime:
    """Seal records of alarms closed since `after`; up to which time all are sealed now."""
    if not await queries.try_be_chainer(session):
        return after
    until = now - SETTLED_AFTER
    waiting = await part_queries.due(session, after, until, AT_ONCE)
    parts = await part_queries.of_alarms(session, [alarm_id for alarm_id, _, _ in waiting])
    events = [
        Event(SEALED, alarm_id, satuan_path=path, payload=sealed(parts[alarm_id]))
        for alarm_id, path, _ in waiting
    ]
    await journal.append_all(session, now, events)
    return until if len(waiting) < AT_ONCE else waiting[-1][2] - timedelta(microseconds=1)


async def check(session: ReadSession) -> list[Finding]:
    """Hold every sealed record against what stands in its tables now."""
    findings: list[Finding] = []
    last = 0
    while seals := await part_queries.seals(session, last, AT_ONCE):
        alarm_ids = [seal.alarm_id for seal in seals]
        parts = await part_queries.of_alarms(session, alarm_ids)
        removed = await part_queries.removed(session, alarm_ids)
        for seal in seals:
            findings += examine(seal, parts[seal.alarm_id], removed[seal.alarm_id])
        last = seals[-1].journal_id
    return findings
