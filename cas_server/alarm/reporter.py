"""What whoever pressed does afterwards: move, say more, take it back, freely or under threat."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cas_server.alarm import joint, queries, showing
from cas_server.alarm.calling import hold, record, stand_down_rest, summon
from cas_server.alarm.intake import TimedPosition
from cas_server.alarm.press import follow, put
from cas_server.alarm.queries import Locked, Placed
from cas_server.alarm.state import move
from cas_server.alarm.views import AlarmKind, AlarmStatus, Arrival, OwnAlarmView
from cas_server.db.session import ReadSession, Session
from cas_server.dispatch.escalation import Summons
from cas_server.errors import Conflict, NotFound
from cas_server.identity.subject import Subject
from cas_server.kit.geo import Position

DETOUR = 1.4
"""Roads against the straight line, as they are in towns: a rule of thumb of road planning."""
TOWN_SPEED_M_PER_MIN = 500
"""30 km/h: through traffic, and getting onto the motorcycle first."""
_UNDER_DURESS = (
    Summons("polsek", "pimpinan", "duress"),
    Summons("polres", "pimpinan", "duress"),
)


class AlarmOver(Conflict):
    code = "alarm_over"

    def __init__(self) -> None:
        super().__init__("this alarm is over; whoever needs help presses again")


@dataclass(frozen=True, slots=True)
class Told:
    """What whoever pressed says of it; `note` may be empty."""

    kind: AlarmKind | None
    note: str


async def _hold_open(session: Session, subject: Subject, press_id: UUID) -> Locked:
    """Under duress it only looks over: what is said then is still heard."""
    alarm = await _hold_own(session, subject, press_id)
    if alarm.closed_at is not None or alarm.cancelled_at is not None:
        raise AlarmOver
    return alarm


async def _hold_own(session: Session, subject: Subject, press_id: UUID) -> Locked:
    alarm = await hold(session, press_id)
    if alarm.reporter_account_id != subject.account_id:
        raise NotFound("alarm", press_id)
    return alarm


async def show(session: ReadSession, subject: Subject, press_id: UUID) -> OwnAlarmView:
    """One's own alarm."""
    view = await showing.own_alarm(session, subject.account_id, press_id)
    if view is None:
        raise NotFound("alarm", press_id)
    return view


async def locate(
    session: Session, subject: Subject, press_id: UUID, fixes: list[TimedPosition], now: datetime
) -> int:
    """Follow the person in danger while the alarm is open; how many fixes were kept."""
    alarm = await _hold_own(session, subject, press_id)
    if alarm.closed_at is not None or not fixes:
        return 0
    await follow(session, alarm, fixes, now)
    await queries.change(session, alarm)
    await record(session, alarm, now, "reporter.moved", subject.account_id, fixes=len(fixes))
    return len(fixes)


async def describe(
    session: Session, subject: Subject, press_id: UUID, told: Told, now: datetime
) -> OwnAlarmView:
    """Say what it is and what else is known. The note itself is not written into the journal."""
    alarm = await _hold_open(session, subject, press_id)
    noted = bool(told.note) and await queries.add_note(session, alarm, told.note)
    if told.kind is not None and told.kind != alarm.kind:
        await queries.change(session, alarm, kind=told.kind)
        await record(session, alarm, now, "alarm.described", subject.account_id,
                     now_kind=told.kind, noted=noted)  # fmt: skip
    elif noted:
        await queries.change(session, alarm)
        await record(session, alarm, now, "alarm.described", subject.account_id, noted=True)
    return await show(session, subject, alarm.id)


async def pin(
    session: Session, subject: Subject, press_id: UUID, at: Position, now: datetime
) -> OwnAlarmView:
    """The person says where it is."""
    alarm = await _hold_open(session, subject, press_id)
    await put(session, alarm, Placed(at, "pin"), now, now)
    await queries.change(session, alarm)
    await record(session, alarm, now, "reporter.pinned", subject.account_id)
    return await show(session, subject, alarm.id)


async def arrival(session: ReadSession, subject: Subject, press_id: UUID) -> Arrival:
    """In about how many minutes somebody is there; under duress the phone must not show it."""
    metres = await showing.nearest_coming_m(session, subject.account_id, press_id)
    if metres is None:
        return Arrival(about_minutes=None)
    return Arrival(about_minutes=math.ceil(metres * DETOUR / TOWN_SPEED_M_PER_MIN))


async def cancel(
    session: Session,
    subject: Subject,
    press_id: UUID,
    reason: str,
    now: datetime,
    *,
    duress: bool,
) -> OwnAlarmView:
    """Take it back. Under duress the phone is told the same, and the server does the opposite."""
    alarm = await _hold_own(session, subject, press_id)
    if alarm.cancelled_at is None and alarm.duress_at is None and alarm.closed_at is None:
        if duress:
            await _escalate_duress(session, alarm, reason, now)
        else:
            await _cancel(session, alarm, reason, now)
    return await show(session, subject, alarm.id)


async def _cancel(session: Session, alarm: Locked, reason: str, now: datetime) -> None:
    status = move(AlarmStatus(alarm.status), AlarmStatus.CANCELLED)
    await stand_down_rest(session, alarm, now)
    await queries.change(session, alarm, status=status, cancelled_at=now, cancel_reason=reason,
                         unanswered_at=None)  # fmt: skip
    await record(session, alarm, now, "alarm.cancelled", alarm.reporter_account_id)
    await joint.separate_all(session, alarm, now)


async def _escalate_duress(session: Session, alarm: Locked, reason: str, now: datetime) -> None:
    # Whoever is forced needs officers of their own, whatever it was merged into.
    await joint.separate(session, alarm, now, rings=False)
    await summon(session, alarm, _UNDER_DURESS, now)
    # It rings again, also for a desk that had acknowledged it: what it knew has changed.
    await queries.change(
        session,
        alarm,
        duress_at=now,
        cancel_reason=reason,
        acknowledged_at=None,
        acknowledged_by=None,
        climb_at=now + timedelta(seconds=alarm.rules.climb_first_s),
        climbed=0,
    )
    await record(session, alarm, now, "alarm.duress", alarm.reporter_account_id)
