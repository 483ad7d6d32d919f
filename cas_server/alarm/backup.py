"""A responder asks for more Personil: more places, the next ring, and the desk rings."""

from datetime import datetime
from uuid import UUID

from cas_server.alarm import joint_queries, queries, showing, state
from cas_server.alarm.calling import hold, record, responders, widen
from cas_server.alarm.queries import Locked
from cas_server.alarm.reports import alarm_of
from cas_server.alarm.state import Responding
from cas_server.alarm.views import AlarmStatus, OfferView
from cas_server.db.session import ReadSession, Session
from cas_server.dispatch import offers
from cas_server.errors import NotFound
from cas_server.identity.subject import Subject
from cas_server.outbox import queries as outbox

MORE = 2
"""So many more may come for one request, beside those who are on it."""


async def ask(session: Session, subject: Subject, offer_id: UUID, now: datetime) -> OfferView:
    """Call more; repeated while the desk has not acted or somebody is still asked, no change."""
    personil_id = subject.personil_id
    alarm, lead = await _hold(session, await alarm_of(session, offer_id, personil_id))
    state.must_be_open(AlarmStatus(alarm.status), closed=alarm.closed_at is not None)
    mine = state.responding(await responders(session, alarm.id), personil_id)
    if mine is None:
        raise NotFound("offer", offer_id)
    if not await _is_asked(session, lead, mine):
        await offers.ask_backup(session, alarm.id, personil_id, now)
        if lead.id != alarm.id:
            await queries.change(session, alarm)
            await _write_down(session, subject, alarm, now)
        await _call_more(session, subject, lead, now)
    return await showing.offer_view(session, offer_id)


async def _hold(session: Session, alarm_id: UUID) -> tuple[Locked, Locked]:
    """The alarm, and the one to which more are called: officers come to that which leads."""
    # In the order of whoever ends both: the one that leads first.
    await hold(session, await joint_queries.lead_of(session, alarm_id))
    alarm = await hold(session, alarm_id)
    return alarm, await hold(session, alarm.merged_into) if alarm.merged_into else alarm


async def _is_asked(session: ReadSession, alarm: Locked, mine: Responding) -> bool:
    if mine.backup_asked_at is None:
        return False
    return alarm.backup_asked_at is not None or await offers.any_open(session, alarm.id)


async def _write_down(session: Session, subject: Subject, alarm: Locked, now: datetime) -> None:
    await record(session, alarm, now, "backup.asked", subject.account_id,
                 personil_id=str(subject.personil_id))  # fmt: skip


async def _call_more(session: Session, subject: Subject, alarm: Locked, now: datetime) -> None:
    more = state.places_wanted(await responders(session, alarm.id), MORE) - alarm.backups
    await queries.change(session, alarm, backup_asked_at=now,
                         backups_more=alarm.backups_more + max(more, 0))  # fmt: skip
    await _write_down(session, subject, alarm, now)
    payload = {"alarm_id": str(alarm.id), "version": alarm.version + 1,
               "satuan_path": alarm.satuan_path, "reason": "backup"}  # fmt: skip
    await outbox.add(session, now, "push.desk", payload)
    # Nobody can take on what was cancelled: for those who are there the desk sends by hand.
    if alarm.status != AlarmStatus.CANCELLED:
        await widen(session, await hold(session, alarm.id), now)
