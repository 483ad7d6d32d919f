"""Drills: begun at a site, answered by the desk, timed and counted, and never an alarm."""

from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.errors import CasError, NotFound
from cas_server.identity.subject import Subject
from cas_server.instansi import drill_call_queries, drill_calls, drill_queries, window_queries
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
    """Begin a drill; repeating it changes nothing. No alarm comes of it, and no offer.

    In a window that the Satuan has agreed to, the nearest officers are told that it is a drill.
    """
    await own_site(session, subject, site_id)
    known = await drill_queries.drill(session, drill_id)
    if known is not None and known.site_id == site_id:
        return known
    if await drill_queries.count(session, site_id, now - timedelta(hours=1)) >= MOST_AN_HOUR:
        raise TooManyDrills
    agreed = await drill_queries.begin(session, drill_id, site_id, subject.account_id, now)
    if agreed is not None:
        facts = {"drill_id": str(drill_id), "personil_ids": await _no_more(session, site_id, now)}
        await note(session, "drill.began", subject, site_id, now, **facts)
    if agreed:
        await drill_calls.promise(session, drill_id, now)
    return await _own_drill(session, subject, drill_id)


async def see(session: ReadSession, subject: Subject, drill_id: UUID) -> Drill:
    """How far a drill of one's own Instansi has come."""
    return await _own_drill(session, subject, drill_id)


async def of_site(
    session: ReadSession, subject: Subject, site_id: UUID, now: datetime
) -> OwnDrills:
    """The drills of a site of one's own Instansi."""
    await own_site(session, subject, site_id)
    return OwnDrills(
        last_30_days=await drill_queries.count(session, site_id, now - COUNTED_FOR),
        drills=await drill_queries.of_site(session, site_id),
        windows=await window_queries.of_site(session, site_id, now),
    )


async def end(session: Session, subject: Subject, drill_id: UUID, now: datetime) -> Drill:
    """The drill is over; ending it again changes nothing."""
    before = await _own_drill(session, subject, drill_id)
    if before.ended_at is None:
        await drill_queries.end(session, drill_id, now)
        named = await _no_more(session, before.site_id, now)
        facts = {"drill_id": str(drill_id), "personil_ids": named}
        await note(session, "drill.ended", subject, before.site_id, now, **facts)
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


async def _no_more(session: Session, site_id: UUID, now: datetime) -> list[str]:
    """Officers' screens forget a drill that is over; whose."""
    return [str(each) for each in await drill_call_queries.end(session, site_id, now)]


async def _own_drill(session: ReadSession, subject: Subject, drill_id: UUID) -> Drill:
    found = await drill_queries.drill(session, drill_id)
    if found is None:
        raise NotFound("drill", drill_id)
    await own_site(session, subject, found.site_id)
    return found
