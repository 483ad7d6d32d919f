"""An Instansi sees and changes itself; its sites say that they are there."""

from datetime import datetime, timedelta
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.errors import CasError, InvalidInput, NotFound
from cas_server.identity.phones import normal_phone
from cas_server.identity.subject import Subject
from cas_server.instansi import drill_queries, queries, window_queries
from cas_server.instansi.views import (
    Line,
    OwnInstansi,
    OwnSite,
    SiteChange,
    SiteContactBody,
    SiteWatch,
)
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event

LOST_AFTER = timedelta(seconds=150)
"""A device says once a minute that it is there; two words that were lost are no alarm yet."""
FORGOTTEN_AFTER = timedelta(days=30)
DRILL_OVER_AFTER = timedelta(minutes=30)
MOST_DEVICES = 30
"""Of one site; a device that was heard longer ago than so many others is forgotten."""


class NotManager(NotFound):
    """To the other people of an Instansi it is as if there were nothing to change."""

    code = "not_manager"

    def __init__(self) -> None:
        CasError.__init__(self, "only the manager of your Instansi may see and change this")


def instansi_id(subject: Subject) -> UUID:
    """The Instansi an account belongs to; only for actions that only Instansi have."""
    if subject.holder_id is None:
        raise NotFound("Instansi of", "this account")
    return subject.holder_id


async def own(session: ReadSession, subject: Subject) -> OwnInstansi:
    """The Instansi of whoever asks, with its sites."""
    row = await queries.instansi_of(session, subject.account_id)
    if row is None:
        raise NotFound("Instansi of", "this account")
    sites = await queries.sites(session, row["id"], whole=row["manager"])
    return OwnInstansi(id=row["id"], name=row["name"], manager=row["manager"], sites=sites)


async def must_manage(session: ReadSession, subject: Subject) -> UUID:
    """The Instansi that the subject manages; NotManager for its other people."""
    row = await queries.instansi_of(session, subject.account_id)
    if row is None or not row["manager"]:
        raise NotManager
    return instansi_id(subject)


async def own_site(
    session: ReadSession, subject: Subject, site_id: UUID, *, whole: bool = False
) -> OwnSite:
    """A site of the subject's Instansi; NotFound when it is none of theirs."""
    found = await queries.sites(session, instansi_id(subject), site_id, whole=whole)
    if not found:
        raise NotFound("site", site_id)
    return found[0]


async def change_site(
    session: Session, subject: Subject, site_id: UUID, change: SiteChange, now: datetime
) -> OwnSite:
    """What responders will read there from now on; the journal keeps what was changed, not how."""
    holder = await must_manage(session, subject)
    before = await own_site(session, subject, site_id, whole=True)
    wanted = change.model_copy(update={"contacts": _normal(change.contacts)})
    changed = [
        field
        for field in SiteChange.model_fields
        if getattr(before, field) != getattr(wanted, field)
    ]
    if changed:
        await queries.change_site(session, holder, site_id, wanted, now)
        await note(session, "site.changed", subject, site_id, now, fields=changed)
    return await own_site(session, subject, site_id, whole=True)


def _normal(contacts: list[SiteContactBody]) -> list[SiteContactBody]:
    return [
        each.model_copy(update={"phone": _normal_phone(each.phone, at)})
        for at, each in enumerate(contacts)
    ]


def _normal_phone(typed: str, at: int) -> str:
    try:
        return normal_phone(typed) if typed.strip() else ""
    except InvalidInput:
        why = "this is not an Indonesian phone number"
        raise InvalidInput(f"contacts.{at}.phone", why) from None


async def note(
    session: Session, kind: str, subject: Subject, site_id: UUID, now: datetime, **facts: object
) -> None:
    """Write down what was done to a site, at the Satuan that answers for it."""
    ground = await queries.ground_of(session, site_id, "")
    payload = {"site_id": str(site_id), **facts}
    event = Event(kind, None, subject.account_id, ground, payload)
    await journal.append(session, now, event)


async def hear_line(
    session: Session, subject: Subject, site_id: UUID, line: Line, now: datetime
) -> None:
    """A device at the site is there. Said every minute, written down when it is new."""
    await own_site(session, subject, site_id)
    device = (line.device, line.label.strip(), subject.account_id)
    if await queries.hear(session, site_id, device, now):
        await queries.keep_newest(session, site_id, MOST_DEVICES)
        await note(session, "line.opened", subject, site_id, now)


async def close_line(
    session: Session, subject: Subject, site_id: UUID, device: str, now: datetime
) -> None:
    """The counter is closed on purpose: nobody need ask why it is silent."""
    await own_site(session, subject, site_id)
    if await queries.close_line(session, site_id, device):
        await note(session, "line.closed", subject, site_id, now)


async def must_answer_for(session: ReadSession, subject: Subject, site_id: UUID) -> None:
    """NotFound where the site is not on the ground of the subject's desk."""
    if await queries.ground_of(session, site_id, subject.satuan_path) is None:
        raise NotFound("site", site_id)


async def watch(session: ReadSession, subject: Subject, now: datetime) -> SiteWatch:
    """What a desk should know of the sites on its ground."""
    path = subject.satuan_path
    return SiteWatch(
        at=now,
        lost=await queries.lost(session, path, now - LOST_AFTER, now - FORGOTTEN_AFTER),
        drills=await drill_queries.running(session, path, now - DRILL_OVER_AFTER),
        windows=await window_queries.asked(session, path, now),
    )
