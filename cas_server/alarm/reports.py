"""What an officer on the scene reports: it ends their task, and the desk closes on it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cas_server.alarm import queries, report_queries, showing, state
from cas_server.alarm.calling import hold, record, responders, stand_down_rest
from cas_server.alarm.report_views import OfficerReport
from cas_server.alarm.views import AlarmStatus, Disposition, OfferView
from cas_server.db.session import ReadSession, Session
from cas_server.dispatch import offers
from cas_server.errors import NotFound
from cas_server.identity.subject import Subject
from cas_server.presence import service as presence


@dataclass(frozen=True, slots=True)
class Found:
    """What it was, in one word and in a few."""

    disposition: Disposition
    note: str


async def file(
    session: Session, subject: Subject, offer_id: UUID, found: Found, now: datetime
) -> OfferView:
    """Report, or report anew until the desk has closed; whoever has reported is free again.

    The note itself is not written into the journal, like the reporter's.
    """
    personil_id = subject.personil_id
    alarm = await hold(session, await alarm_of(session, offer_id, personil_id))
    state.must_be_open(AlarmStatus(alarm.status), closed=alarm.closed_at is not None)
    mine = state.responding(await responders(session, alarm.id), personil_id)
    if mine is None:
        raise NotFound("offer", offer_id)
    state.must_have_arrived(mine.state)
    if await report_queries.file(
        session, alarm.id, personil_id, (found.disposition, found.note), now
    ):
        await queries.change(session, alarm)
        await record(session, alarm, now, "report.filed", subject.account_id,
                     personil_id=str(personil_id), disposition=found.disposition)  # fmt: skip
        await presence.free(session, personil_id, alarm.id, now)
        if state.all_reported(await responders(session, alarm.id)):
            await queries.change(session, alarm, backup_asked_at=None)
            await stand_down_rest(session, alarm, now)
    return await showing.offer_view(session, offer_id)


async def own(session: ReadSession, personil_id: UUID, offer_id: UUID) -> OfficerReport:
    """What one has reported of an alarm oneself."""
    alarm_id = await alarm_of(session, offer_id, personil_id)
    found = await report_queries.reports(session, alarm_id, personil_id)
    if not found:
        raise NotFound("report of the offer", offer_id)
    return found[0]


async def alarm_of(session: ReadSession, offer_id: UUID, personil_id: UUID) -> UUID:
    """The alarm behind a Personil's own offer."""
    alarm_id = await offers.alarm_of_offer(session, offer_id, personil_id)
    if alarm_id is None:
        raise NotFound("offer", offer_id)
    return alarm_id
