"""People end sign-ins of their own that they no longer want."""

from datetime import datetime
from uuid import UUID

from cas_server.db.session import Session
from cas_server.errors import NotFound
from cas_server.identity import sign_in_queries, staff_views
from cas_server.identity.subject import Subject
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event


async def end_one(session: Session, subject: Subject, sign_in_id: UUID, now: datetime) -> None:
    """End one; NotFound when it is somebody else's or has ended."""
    if not await sign_in_queries.end_one(session, subject.account_id, sign_in_id, now):
        raise NotFound("open sign-in", sign_in_id)
    await _note(session, subject, 1, now)


async def end_others(session: Session, subject: Subject, now: datetime) -> staff_views.EndedSignIns:
    """End all but the one that asks."""
    ended = await sign_in_queries.end_others(session, subject.account_id, subject.token_hash, now)
    await _note(session, subject, ended, now)
    return staff_views.EndedSignIns(ended=ended)


async def _note(session: Session, subject: Subject, ended: int, now: datetime) -> None:
    event = Event("account.sign_ins_ended", actor_id=subject.account_id, payload={"ended": ended})
    await journal.append(session, now, event)
