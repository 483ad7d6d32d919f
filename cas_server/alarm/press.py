"""The press: taken whatever is wrong with it, stored once, and answered the same every time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cas_server.alarm import calling, queries, showing
from cas_server.alarm.calling import hold, record
from cas_server.alarm.intake import Press, TimedPosition
from cas_server.alarm.queries import Known, NewAlarm, Situation
from cas_server.alarm.views import PressReceipt
from cas_server.db.session import ReadSession, Session
from cas_server.dispatch import service as dispatch
from cas_server.dispatch.policy import SKILLS_FOR, Need
from cas_server.dispatch.service import Call
from cas_server.errors import Conflict, Unavailable
from cas_server.identity.roles import Role
from cas_server.identity.subject import Subject
from cas_server.kit.geo import Position

LAST_KNOWN_FOR = timedelta(hours=12)
"""Older than this, a last known position says more about yesterday than about now."""


class IdInUse(Conflict):
    code = "id_in_use"

    def __init__(self, alarm_id: UUID) -> None:
        super().__init__(f"another account has pressed with the id {alarm_id}; make a new one")


@dataclass(frozen=True, slots=True)
class Pressed:
    """The receipt, and whether this request made the alarm."""

    receipt: PressReceipt
    created: bool


async def press(
    session: Session, subject: Subject, alarm_id: UUID, wish: Press, now: datetime
) -> Pressed:
    """Raise an alarm, join an open one, or say again what was said before."""
    await queries.one_press_at_a_time(session, subject.account_id)
    known = await _whereabouts(session, subject, wish, now)
    met = await queries.situation(
        session,
        alarm_id,
        subject.account_id,
        known.position if known else None,
        subject.satuan_id,
        now,
    )
    if met is None:
        raise Unavailable("the regency: no Satuan has been imported yet, so it")
    if met.known_id is not None:
        return await _again(session, subject, alarm_id, wish)
    if met.open_id is not None:
        await _join(session, alarm_id, met.open_id, known, now)
        return await _again(session, subject, alarm_id, wish)
    return await _raise(session, subject, _Raising(alarm_id, wish, known, met, now))


@dataclass(frozen=True, slots=True)
class _Raising:
    alarm_id: UUID
    wish: Press
    known: Known | None
    met: Situation
    now: datetime


async def _raise(session: Session, subject: Subject, raising: _Raising) -> Pressed:
    met, now, wish = raising.met, raising.now, raising.wish
    alarm = _new_alarm(subject, raising)
    if not await queries.insert(session, alarm, subject.account_id):
        return await _again(session, subject, raising.alarm_id, wish)
    in_danger = subject.holder_id if subject.role is Role.PERSONIL else None
    count = await call_first_ring(session, alarm, met, in_danger)
    receipt = PressReceipt(
        alarm_id=alarm.id,
        joined=False,
        received_at=now,
        satuan_name=met.satuan_name,
        satuan_phone=met.satuan_phone,
        personil_called=count,
        next_check_at=alarm.next_check_at,
        dropped=list(wish.dropped),
    )
    return Pressed(receipt, created=True)


async def call_first_ring(
    session: Session, alarm: NewAlarm, met: Situation, in_danger: UUID | None = None
) -> int:
    """Call for a row that was just inserted; how many were called."""
    call = Call(
        alarm_id=alarm.id,
        version=1,
        at=_position(alarm),
        satuan_path=met.satuan_path,
        polres_path=met.polres_path,
        polres_paths=met.polres_paths,
        need=Need(met.satuan_path, SKILLS_FOR.get(alarm.kind, frozenset()), in_danger),
        rules=met.rules,
    )
    called = await dispatch.call_from(session, call, 1, alarm.raised_at, near=met.near)
    if called.ring > 1 or not called.count:
        await calling.settle(session, await hold(session, alarm.id), called, alarm.raised_at)
    return called.count


def _position(alarm: NewAlarm) -> Position | None:
    if alarm.lat is None or alarm.lon is None:
        return None
    return Position(alarm.lat, alarm.lon, alarm.accuracy_m or 0.0)


def _new_alarm(subject: Subject, raising: _Raising) -> NewAlarm:
    met, now, wish, known = raising.met, raising.now, raising.wish, raising.known
    at = known.position if known else None
    return NewAlarm(
        id=raising.alarm_id,
        kind=wish.kind,
        silent=wish.silent,
        note=wish.note,
        demo=subject.demo,
        raised_at=now,
        pressed_at=wish.pressed_at,
        battery_percent=wish.battery_percent,
        reporter_account_id=subject.account_id,
        reporter_role=subject.role,
        reporter_name=subject.name,
        reporter_phone=met.account_phone,
        site_id=known.site_id if known else None,
        channel="app",
        lon=at.lon if at else None,
        lat=at.lat if at else None,
        accuracy_m=at.accuracy_m if at else None,
        position_source=known.source if known else "none",
        position_at=known.at if known else None,
        satuan_id=met.satuan_id,
        satuan_path=met.satuan_path,
        wilayah_code=met.wilayah_code,
        wilayah_name=met.wilayah_name,
        next_check_at=now + met.rules.accept_within,
        climb_at=now + timedelta(seconds=met.rules.climb_first_s),
    )


async def _whereabouts(
    session: ReadSession, subject: Subject, wish: Press, now: datetime
) -> Known | None:
    """The phone's own word; else where it was last seen; else the Instansi's site.

    An Instansi that names its site is at that site even when its phone knows a position.
    """
    site = None
    if subject.role is Role.INSTANSI and subject.holder_id is not None:
        site = await queries.site(session, subject.holder_id, wish.site_id)
    if site is not None and (wish.site_id is not None or wish.position is None):
        return site
    if wish.position is not None:
        at = now - timedelta(seconds=wish.position.age_s)
        return Known(wish.position.position, "gps", at, site.site_id if site else None)
    since = now - LAST_KNOWN_FOR
    return await queries.last_known(session, subject.account_id, subject.holder_id, since)


async def _join(
    session: Session, press_id: UUID, alarm_id: UUID, known: Known | None, now: datetime
) -> None:
    alarm = await hold(session, alarm_id)
    await queries.join(session, press_id, alarm.id, now)
    if known is not None and known.source == "gps":
        await follow(session, alarm, [TimedPosition(known.position, known.at or now)], now)
    await queries.change(session, alarm)
    await record(session, alarm, now, "alarm.repeated", alarm.reporter_account_id)


async def follow(
    session: Session, alarm: queries.Locked, fixes: list[TimedPosition], now: datetime
) -> None:
    """Keep fixes of the person in danger; the newest is where the alarm is now."""
    newest = max(fixes, key=lambda fix: fix.at)
    await queries.add_fixes(session, alarm.id, [(fix.position, fix.at) for fix in fixes], now)
    if alarm.at is not None:
        await queries.move(session, alarm.id, newest.position, newest.at)
        return
    met = await queries.situation(
        session, alarm.id, alarm.reporter_account_id or alarm.id, newest.position, None, now
    )
    assert met is not None, "an alarm exists, so a Satuan does"
    await queries.place(session, alarm, newest.position, newest.at, met)
    await calling.call_first(session, await hold(session, alarm.id), now)


async def _again(session: ReadSession, subject: Subject, press_id: UUID, wish: Press) -> Pressed:
    said = await showing.receipt(session, press_id, subject.account_id, list(wish.dropped))
    if said is None:
        raise IdInUse(press_id)
    return Pressed(said, created=False)
