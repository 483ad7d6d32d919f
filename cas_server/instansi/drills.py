"""Drills: begun at a site, answered by the desk, counted, and calling nobody."""

from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.errors import CasError, NotFound
from cas_server.identity.subject import Subject
from cas_server.instansi import drill_queries, queries
from cas_server.instansi.service import must_answer_for, note, own_site
from cas_server.instansi.views import Drill, OwnDrills

MOST_AN_HOUR = 12
COUNTED_FOR = timedelta(days=30)


class TooManyDrills(CasError):
    code = "too_many_drills"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self) -> None:
        super().__init__(f"a site may hold {MOST_AN_HOUR} drills an hour; go on later")


async def begin(
    session: Session, subject: Subject, drill_id: UUID, site_id: UUID, now: datetime
) -> Drill:
    """Begin a drill; repeating it changes nothing. No alarm comes of it, and no officer is called.

    Also where the Satuan has agreed: the desk is told so, and calls by radio whom it wants.
    """
    await own_site(session, subject, site_id)
    known = await drill_queries.drill(session, drill_id)
    if known is not None and known.site_id == site_id:
        return known
    if await drill_queries.count(session, site_id, now - timedelta(hours=1)) >= MOST_AN_HOUR:
        raise TooManyDrills
    if await drill_queries.begin(session, drill_id, site_id, subject.account_id, now):
        await note(session, "drill.began", subject, site_id, now, drill_id=str(drill_id))
    return await _own_drill(session, subject, drill_id)


async def see(session: ReadSession, subject: Subject, drill_id: UUID) -> Drill:
    """How far a drill of one's own Instansi has come."""
    return await _own_drill(session, subject, drill_id)


async def of_site(
    session: ReadSession, subject: Subject, site_id: UUID, now: datetime
) -> OwnDrills:
    """The drills of a site of one's own Instansi."""
    await own_site(session, subject, site_id)
    return await drill_queries.of_site(session, site_id, now - COUNTED_FOR)


async def end(session: Session, subject: Subject, drill_id: UUID, now: datetime) -> Drill:
    """The drill is over; ending it again changes nothing."""
    before = await _own_drill(session, subject, drill_id)
    if before.ended_at is None:
        await drill_queries.end(session, drill_id, now)
        await note(session, "drill.ended", subject, before.site_id, now, drill_id=str(drill_id))
    return await _own_drill(session, subject, drill_id)


async def answer(session: Session, subject: Subject, drill_id: UUID, now: datetime) -> Drill:
    """The desk has seen it: the time that a drill is held for. The first answer counts."""
    before = await drill_queries.drill(session, drill_id)
    if before is None:
        raise NotFound("drill", drill_id)
    await must_answer_for(session, subject, before.site_id)
    if await drill_queries.answer(session, drill_id, subject.account_id, now):
        await note(session, "drill.answered", subject, before.site_id, now, drill_id=str(drill_id))
    after = await drill_queries.drill(session, drill_id)
    assert after is not None, "drills are not deleted"
    return after


async def agree(
    session: Session, subject: Subject, site_id: UUID, now: datetime, *, agreed: bool
) -> None:
    """The Satuan says whether a site's drills may call officers."""
    await must_answer_for(session, subject, site_id)
    if await queries.agree_drills(session, site_id, agreed=agreed):
        await note(session, "site.drills_agreed", subject, site_id, now, agreed=agreed)


async def _own_drill(session: ReadSession, subject: Subject, drill_id: UUID) -> Drill:
    found = await drill_queries.drill(session, drill_id)
    if found is None:
        raise NotFound("drill", drill_id)
    await own_site(session, subject, found.site_id)
    return found
