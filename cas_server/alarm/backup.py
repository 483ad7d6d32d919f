"""A responder asks for more Personil: more places, the next ring, and the desk rings."""

from datetime import datetime
from uuid import UUID

from cas_server.alarm import queries, showing, state
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
    alarm = await hold(session, await alarm_of(session, offer_id, personil_id))
    state.must_be_open(AlarmStatus(alarm.status), closed=alarm.closed_at is not None)
    present = await responders(session, alarm.id)
    mine = state.responding(present, personil_id)
    if mine is None:
        raise NotFound("offer", offer_id)
    if not await _is_asked(session, alarm, mine):
        await _ask(session, subject, alarm, present, now)
    return await showing.offer_view(session, offer_id)


async def _is_asked(session: ReadSession, alarm: Locked, mine: Responding) -> bool:
    if mine.backup_asked_at is None:
        return False
    return alarm.backup_asked_at is not None or await offers.any_open(session, alarm.id)


async def _ask(
    session: Session, subject: Subject, alarm: Locked, present: list[Responding], now: datetime
) -> None:
    more = state.places_wanted(present, MORE) - alarm.backups
    await offers.ask_backup(session, alarm.id, subject.personil_id, now)
    await queries.change(session, alarm, backup_asked_at=now,
                         backups_more=alarm.backups_more + max(more, 0))  # fmt: skip
    await record(session, alarm, now, "backup.asked", subject.account_id,
                 personil_id=str(subject.personil_id))  # fmt: skip
    payload = {"alarm_id": str(alarm.id), "version": alarm.version + 1,
               "satuan_path": alarm.satuan_path, "reason": "backup"}  # fmt: skip
    await outbox.add(session, now, "push.desk", payload)
    # Nobody can take on what was cancelled: for those who are there the desk sends by hand.
    if alarm.status != AlarmStatus.CANCELLED:
        await widen(session, await hold(session, alarm.id), now)
