"""The whole picture for one watcher, read in one transaction."""

from datetime import datetime

from cas_server.alarm import showing
from cas_server.db.session import ReadSession
from cas_server.identity.roles import Role
from cas_server.identity.subject import Subject
from cas_server.live import topics
from cas_server.live.messages import DeskSnapshot, PersonilSnapshot, ReporterSnapshot
from cas_server.presence import queries as presence
from cas_server.presence import service as duty


async def of(
    session: ReadSession, subject: Subject, satuan_path: str, now: datetime
) -> DeskSnapshot | PersonilSnapshot | ReporterSnapshot:
    """What `subject` sees now; `satuan_path` is the part of it a desk asked for."""
    if topics.sees_desk(subject.role):
        return DeskSnapshot(
            at=now,
            alarms=await showing.open_alarms(session, satuan_path),
            personil=await presence.on_duty(session, satuan_path),
        )
    if subject.role is Role.PERSONIL:
        return PersonilSnapshot(
            at=now,
            duty=await duty.see_duty(session, subject.personil_id),
            offers=await showing.offers_of(session, subject.personil_id),
            alarms=await showing.own_alarms(session, subject.account_id, now),
        )
    alarms = await showing.own_alarms(session, subject.account_id, now)
    return ReporterSnapshot(at=now, alarms=alarms)
