"""What the command centre does: acknowledge, assign, release, close, press for a caller."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from cas_server.alarm import calling, joint_queries, meeting, queries, reveals, showing
from cas_server.alarm.calling import (
    hold,
    record,
    responders,
    stand_down_rest,
    supersede,
    tell,
    widen_if_over,
)
from cas_server.alarm.meeting import Whence
from cas_server.alarm.press import IdInUse, call_first_ring
from cas_server.alarm.queries import Locked, NewAlarm
from cas_server.alarm.response import follow_responders, move_responder
from cas_server.alarm.views import AlarmKind, AlarmStatus, AlarmView, Disposition
from cas_server.db.session import ReadSession, Session
from cas_server.dispatch import offers
from cas_server.dispatch.views import Part, ResponderState
from cas_server.errors import Conflict, InvalidInput, NotFound, Unavailable
from cas_server.identity.subject import Subject
from cas_server.identity.views import Verification
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.kit.geo import Position
from cas_server.kit.ids import new_id
from cas_server.presence import service as presence
from cas_server.vault.masks import mask_name, mask_phone

CALLER = "caller"
"""The role of a reporter who has no account."""


class AlreadyDone(Conflict):
    """Somebody at the desk was first; `winner` names them."""

    code: ClassVar[str] = "already_done"

    def __init__(self, what: str, winner: str) -> None:
        self._winner = winner
        super().__init__(f"{winner} has {what} this alarm already")

    def facts(self) -> dict[str, str]:
        return {"winner": self._winner}


class MergedAway(Conflict):
    """Officers are sent to the alarm that leads; `number` is that one's."""

    code: ClassVar[str] = "merged"

    def __init__(self, number: int) -> None:
        self._number = number
        super().__init__(f"this alarm is merged into alarm {number}: act there, or separate it")

    def facts(self) -> dict[str, str]:
        return {"number": str(self._number)}


Bell = Literal["new", "unanswered", "backup"]
"""Why an alarm rings at the desk: nobody there has seen it, nobody comes, more are asked for."""

_SILENCED = {"unanswered": "alarm.unanswered_acknowledged", "backup": "backup.acknowledged"}


@dataclass(frozen=True, slots=True)
class CallerPress:
    """A press on behalf of somebody who called, radioed or walked in."""

    caller_name: str
    caller_phone: str | None
    channel: str
    at: Position | None
    kind: AlarmKind
    note: str | None
    silent: bool


async def hold_mine(session: Session, subject: Subject, alarm_id: UUID) -> Locked:
    """The alarm, locked, if it stands in the subject's subtree."""
    alarm = await hold(session, alarm_id)
    if not alarm.satuan_path.startswith(subject.satuan_path):
        raise NotFound("alarm", alarm_id)
    return alarm


async def show(session: ReadSession, subject: Subject, alarm_id: UUID) -> AlarmView:
    """One alarm that the subject's desk sees."""
    views = await showing.desk_views(session, [alarm_id])
    if not views or not views[0].seen_from(subject.satuan_path):
        raise NotFound("alarm", alarm_id)
    return views[0]


async def acknowledge(
    session: Session, subject: Subject, alarm_id: UUID, now: datetime, bell: Bell | None = None
) -> AlarmView:
    """Say "I have seen it"; also silences an alarm that rings again: nobody came, or backup is
    asked for. With `bell` it silences that one only."""
    alarm = await hold_mine(session, subject, alarm_id)
    still_open(await show(session, subject, alarm.id))
    silences = alarm.rings_again and bell in (None, _ringing(alarm))
    quiet: dict[str, None] = {"unanswered_at": None, "backup_asked_at": None} if silences else {}
    if alarm.acknowledged_at is None:
        by = subject.account_id
        await queries.change(
            session, alarm, acknowledged_at=now, acknowledged_by=by, climb_at=None, **quiet
        )
        await record(session, alarm, now, "alarm.acknowledged", by)
    elif silences:
        await queries.change(session, alarm, **quiet)
        kind = _SILENCED[_ringing(alarm)]
        await record(session, alarm, now, kind, subject.account_id)
    view = await show(session, subject, alarm.id)
    assert view.acknowledged is not None
    if view.acknowledged.account_id != subject.account_id and not silences:
        raise AlreadyDone("acknowledged", view.acknowledged.name)
    return view


def _ringing(alarm: Locked) -> Bell:
    # Where both ring, the console names this one, and both are silenced.
    return "backup" if alarm.unanswered_at is None else "unanswered"


def still_open(view: AlarmView) -> None:
    """Refuse, with the name of whoever closed it."""
    if view.closed is not None:
        raise AlreadyDone("closed", view.closed.by.name)


def lead_only(view: AlarmView) -> None:
    """Refuse to call or send anybody for an alarm that another leads for."""
    if view.merged_into is not None:
        raise MergedAway(view.merged_into.number)


async def assign(
    session: Session, subject: Subject, alarm_id: UUID, personil_id: UUID, now: datetime
) -> AlarmView:
    """Send somebody by hand: an order, so it needs no acceptance and has no limit of places."""
    alarm = await hold_mine(session, subject, alarm_id)
    view = await show(session, subject, alarm.id)
    still_open(view)
    lead_only(view)
    await presence.must_be_on_duty(session, personil_id, subject.satuan_path)
    active = [one for one in await responders(session, alarm.id) if one.active]
    # Whoever has reported was free again, and may be sent once more.
    if not any(one.personil_id == personil_id and one.reported_at is None for one in active):
        others = [one for one in active if one.personil_id != personil_id]
        chosen: Part = "backup" if any(one.part == "primary" for one in others) else "primary"
        await supersede(session, alarm, personil_id, now)
        await offers.take_up(session, alarm.id, personil_id, chosen, now, subject.account_id)
        offer_id = await offers.assign(session, new_id(), alarm.id, personil_id, now)
        await presence.occupy(session, personil_id, alarm.id, now)
        await tell(session, alarm, [(offer_id, personil_id)], now, "assigned")
        await record(session, alarm, now, "personil.assigned", subject.account_id,
                     offer_id=str(offer_id), personil_id=str(personil_id),
                     part=chosen)  # fmt: skip
        await follow_responders(session, alarm, now)
    return await show(session, subject, alarm.id)


async def call(session: Session, subject: Subject, alarm_id: UUID, now: datetime) -> AlarmView:
    """Call the nearest for an alarm that was held because its network pressed too often."""
    alarm = await hold_mine(session, subject, alarm_id)
    view = await show(session, subject, alarm.id)
    still_open(view)
    lead_only(view)
    if alarm.call_held:
        if alarm.at is None:
            raise InvalidInput("alarm_id", "this alarm has no place yet; send somebody by hand")
        await queries.change(session, alarm, call_held=False)
        await record(session, alarm, now, "alarm.released", subject.account_id)
        await calling.call_first(session, await hold(session, alarm.id), now)
    return await show(session, subject, alarm.id)


async def release(
    session: Session,
    subject: Subject,
    alarm_id: UUID,
    personil_id: UUID,
    reason: str,
    now: datetime,
) -> AlarmView:
    """Take somebody off the alarm, whether they have it already or were only asked."""
    alarm = await hold_mine(session, subject, alarm_id)
    active = {one.personil_id for one in await responders(session, alarm.id) if one.active}
    ended = await offers.stand_down_one(session, alarm.id, personil_id, now)
    for offer_id, _ in ended:
        await record(session, alarm, now, "offer.stood_down", subject.account_id,
                     offer_id=str(offer_id), personil_id=str(personil_id),
                     reason=reason)  # fmt: skip
    if personil_id in active:
        await move_responder(session, alarm, personil_id, ResponderState.RELEASED, reason, now,
                             actor_id=subject.account_id)  # fmt: skip
        ended = ended or await offers.latest_of(session, alarm.id, personil_id)
    elif ended:
        await queries.change(session, alarm)
        # No deadline is left that would do it later.
        await widen_if_over(session, await hold(session, alarm.id), now)
    else:
        raise NotFound("responder", personil_id)
    await tell(session, alarm, ended, now, "stood_down")
    return await show(session, subject, alarm.id)


async def close(
    session: Session,
    subject: Subject,
    alarm_id: UUID,
    disposition: Disposition,
    note: str,
    now: datetime,
) -> AlarmView:
    """End an alarm for good, with those merged into it; everybody on it or asked for it is told."""
    alarm = await hold_mine(session, subject, alarm_id)
    still_open(await show(session, subject, alarm.id))
    await _end(session, subject, alarm, disposition, note, now)
    # What was merged into it ends with it, also in another Polsek than the one that closes.
    async with session.beyond_the_wall():
        for each in await joint_queries.under(session, alarm.id):
            below = await hold(session, each)
            await _end(session, subject, below, Disposition.DUPLICATE, note, now)
    return await show(session, subject, alarm.id)


async def _end(
    session: Session,
    subject: Subject,
    alarm: Locked,
    disposition: Disposition,
    note: str,
    now: datetime,
) -> None:
    await stand_down_rest(session, alarm, now)
    for one in await responders(session, alarm.id):
        if one.active:
            await _dismiss(session, alarm, one.personil_id, now)
    status = alarm.status if alarm.status == AlarmStatus.CANCELLED else AlarmStatus.RESOLVED
    await queries.change(session, alarm, status=status, closed_at=now, closed_by=subject.account_id,
                         disposition=disposition, closing_note=note, climb_at=None,
                         unanswered_at=None)  # fmt: skip
    await record(session, alarm, now, "alarm.closed", subject.account_id,
                 disposition=disposition)  # fmt: skip


async def _dismiss(session: Session, alarm: Locked, personil_id: UUID, now: datetime) -> None:
    await offers.step(session, alarm.id, personil_id, ResponderState.RELEASED, now, "closed")
    await presence.free(session, personil_id, alarm.id, now)
    theirs = await offers.latest_of(session, alarm.id, personil_id)
    await tell(session, alarm, theirs, now, "stood_down")


async def press_for_caller(
    session: Session, subject: Subject, alarm_id: UUID, wish: CallerPress, now: datetime
) -> tuple[AlarmView, bool]:
    """Raise an alarm for somebody else; the operator has thereby acknowledged it."""
    whence = Whence(subject.account_id, wish.at, subject.satuan_id)
    met = await meeting.look(session, alarm_id, whence, now)
    if met is None:
        raise Unavailable("the regency: no Satuan has been imported yet, so it")
    at = wish.at
    alarm = NewAlarm(
        id=alarm_id,
        kind=wish.kind,
        silent=wish.silent,
        note=wish.note,
        demo=subject.demo,
        raised_at=now,
        pressed_at=None,
        battery_percent=None,
        reporter_account_id=None,
        reporter_role=CALLER,
        reporter_name=mask_name(wish.caller_name),
        reporter_phone=mask_phone(wish.caller_phone) if wish.caller_phone else None,
        site_id=None,
        channel=wish.channel,
        lon=at.lon if at else None,
        lat=at.lat if at else None,
        accuracy_m=at.accuracy_m if at else None,
        position_source="desk" if at else "none",
        position_at=now if at else None,
        satuan_id=met.satuan_id,
        satuan_path=met.satuan_path,
        wilayah_code=met.wilayah_code,
        wilayah_name=met.wilayah_name,
        next_check_at=now + met.rules.accept_within,
        climb_at=None,
        verification=Verification.DESK,
        acknowledged_at=now,
        acknowledged_by=subject.account_id,
    )
    created = await queries.insert(session, alarm, subject.account_id)
    if created:
        seen = Event("alarm.acknowledged", alarm_id, subject.account_id, met.satuan_path)
        await journal.append(session, now, seen)
        await reveals.keep_caller(session, alarm_id, wish.caller_name, wish.caller_phone)
        await call_first_ring(session, alarm, met)
    view = (await showing.desk_views(session, [alarm_id]))[0]
    # A point across the border belongs to the neighbour, but whoever took the call sees it.
    taker = view.acknowledged.account_id if view.acknowledged else None
    theirs = view.seen_from(subject.satuan_path) or taker == subject.account_id
    if not created and (view.reporter.role != CALLER or not theirs):
        raise IdInUse(alarm_id)
    return view, created
