"""Drills with officers: asked for by the Instansi's manager, answered by the site's Satuan."""

from datetime import datetime, timedelta
from uuid import UUID

from cas_server.db.session import Session
from cas_server.errors import Conflict, InvalidInput, NotFound
from cas_server.identity.subject import Subject
from cas_server.instansi import window_queries
from cas_server.instansi.service import must_answer_for, must_manage, note, own_site
from cas_server.instansi.views import DrillWindow, DrillWindowBody

LONGEST = timedelta(hours=24)
FARTHEST = timedelta(days=90)
SLOW_CLOCK = timedelta(minutes=5)
"""So far a window may seem to begin in the past: whoever asks for "now" takes a while to type."""
MOST_OF_SITE = 5
"""That are not over: a desk reads each."""


class TooManyWindows(Conflict):
    code = "too_many_windows"

    def __init__(self) -> None:
        super().__init__(
            f"a site may ask for {MOST_OF_SITE} windows at a time; wait for one to end"
        )


class WindowOver(Conflict):
    code = "window_over"

    def __init__(self) -> None:
        super().__init__("this window is over: the Instansi may ask for another one")


async def ask(
    session: Session,
    subject: Subject,
    ids: tuple[UUID, UUID],
    body: DrillWindowBody,
    now: datetime,
) -> DrillWindow:
    """Ask for officers in drills at the site `ids[0]`, as window `ids[1]`; again, the same."""
    site_id, window_id = ids
    await must_manage(session, subject)
    await own_site(session, subject, site_id)
    known = await window_queries.window(session, window_id)
    if known is not None:
        return _of(known, site_id)
    _must_fit(body, now)
    if await window_queries.count(session, site_id, now) >= MOST_OF_SITE:
        raise TooManyWindows
    wanted = DrillWindow(
        id=window_id, site_id=site_id, from_at=body.from_at, until_at=body.until_at, asked_at=now,
        agreed=None, answered_at=None,
    )  # fmt: skip
    if await window_queries.ask(session, subject.account_id, wanted):
        facts = {"window_id": str(window_id)}
        await note(session, "drill.window_asked", subject, site_id, now, **facts)
    return _of(await _window(session, window_id), site_id)


async def answer(
    session: Session, subject: Subject, window_id: UUID, now: datetime, *, agreed: bool
) -> DrillWindow:
    """The Satuan says yes or no, and may think otherwise until the window is over."""
    before = await _window(session, window_id)
    await must_answer_for(session, subject, before.site_id)
    if before.until_at <= now:
        raise WindowOver
    if await window_queries.answer(session, window_id, subject.account_id, now, agreed=agreed):
        facts = {"window_id": str(window_id), "agreed": agreed}
        await note(session, "drill.window_answered", subject, before.site_id, now, **facts)
    return await _window(session, window_id)


def _must_fit(body: DrillWindowBody, now: datetime) -> None:
    if body.from_at < now - SLOW_CLOCK:
        raise InvalidInput("from_at", "is over already; choose a time to come")
    if body.from_at > now + FARTHEST:
        raise InvalidInput("from_at", f"is more than {FARTHEST.days} days away; ask later")
    if body.until_at <= max(body.from_at, now):
        raise InvalidInput("until_at", "must come after from_at, and after now")
    if body.until_at - body.from_at > LONGEST:
        raise InvalidInput("until_at", "a window is at most 24 hours long; ask for several")


def _of(window: DrillWindow, site_id: UUID) -> DrillWindow:
    if window.site_id != site_id:
        raise NotFound("drill window", window.id)
    return window


async def _window(session: Session, window_id: UUID) -> DrillWindow:
    found = await window_queries.window(session, window_id)
    if found is None:
        raise NotFound("drill window", window_id)
    return found
