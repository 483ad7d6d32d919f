"""The press: taken whatever is wrong with it, stored once, and answered the same every time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cas_server.alarm import calling, meeting, queries, reveals, showing
from cas_server.alarm.calling import hold, record
from cas_server.alarm.intake import HeldPosition, Press, TimedPosition
from cas_server.alarm.meeting import Known, Situation, Whence
from cas_server.alarm.queries import NewAlarm, Placed
from cas_server.alarm.raising import Raising, new_alarm
from cas_server.alarm.views import PressReceipt
from cas_server.db.session import ReadSession, Session
from cas_server.dispatch import service as dispatch
from cas_server.dispatch.policy import SKILLS_FOR, Need
from cas_server.dispatch.service import Call
from cas_server.errors import Conflict, Unavailable
from cas_server.identity.presser import Presser
from cas_server.identity.roles import Role
from cas_server.identity.subject import Subject
from cas_server.identity.views import Verification
from cas_server.kit import fault
from cas_server.kit.geo import Position, distance_m
from cas_server.kit.network import network_of

LAST_KNOWN_FOR = timedelta(hours=12)
"""Older than this, a last known position says more about yesterday than about now."""


ELSEWHERE_M = 500
"""So far from a place that was only supposed, others are the nearest."""
BETTER_THAN_PIN_M = 50
"""A person knows better where they are than a phone that is less sure than this."""


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
    session: Session, presser: Presser, alarm_id: UUID, wish: Press, now: datetime
) -> Pressed:
    """Raise an alarm, join an open one, or say again what was said before.

    For a known account the transaction begins with `queries.one_press_at_a_time`; a press without
    one has nobody whose presses it could wait for.
    """
    known = await _whereabouts(session, presser.subject, wish, now)
    met = await meeting.look(session, alarm_id, _whence(presser, known), now)
    if met is None:
        raise no_regency()
    raising = Raising(alarm_id, presser, wish, known, met, now)
    if met.known_id is not None:
        return await _again(session, raising)
    if met.open_id is not None:
        await _join(session, alarm_id, met.open_id, known, now)
        return await _again(session, raising)
    return await raise_alarm(session, raising)


def no_regency() -> Unavailable:
    """What a press is answered before there is any Satuan: the phone keeps trying."""
    return Unavailable("the regency: no Satuan has been imported yet, so it")


async def repeated(session: ReadSession, press_id: UUID) -> Pressed:
    """What an unverified press was answered, again."""
    said = await showing.receipt(session, press_id, None, [])
    assert said is not None, "asked only for presses that were just stored"
    return Pressed(said, created=False)


def fixed_at(position: HeldPosition, now: datetime) -> datetime:
    """When the phone was there, by our clock."""
    return now - timedelta(seconds=position.age_s)


def _whence(presser: Presser, known: Known | None) -> Whence:
    subject = presser.subject
    at, network = known.position if known else None, network_of(presser.address)
    if subject is None:
        return Whence(None, at, network=network)
    # Its own account stands among those of its device.
    accounts = presser.device_accounts or (subject.account_id,)
    key_id = presser.signed.key_id if presser.signed else None
    return Whence(subject.account_id, at, subject.satuan_id, accounts, network, key_id)


async def raise_alarm(session: Session, raising: Raising) -> Pressed:
    """Store a new alarm and call its first ring, unless it is held."""
    met, now, wish, subject = raising.met, raising.now, raising.wish, raising.presser.subject
    alarm = new_alarm(raising)
    in_danger = subject.holder_id if subject and subject.role is Role.PERSONIL else None
    call = _call(alarm, met, in_danger)
    # As nearly always, somebody is near: then alarm and offers are one statement.
    called = None if raising.held else dispatch.first_ring(call, met.near, now)
    if not await queries.insert(session, alarm, alarm.reporter_account_id, called):
        return await _again(session, raising)
    fault.point("press.raised")
    if subject is None and wish.callback_phone:
        await reveals.keep_caller(session, alarm.id, "", wish.callback_phone)
    count = len(called.plan.chosen) if called else 0
    if called is None and not raising.held:
        count = await _call_first(session, call, met, now)
    receipt = PressReceipt(
        alarm_id=alarm.id,
        joined=False,
        received_at=now,
        satuan_name=met.satuan_name,
        satuan_phone=met.satuan_phone,
        personil_called=count,
        next_check_at=None if raising.held else alarm.next_check_at,
        verification=alarm.verification,
        desk_first=raising.held,
        dropped=list(wish.dropped),
    )
    return Pressed(receipt, created=True)


async def call_first_ring(session: Session, alarm: NewAlarm, met: Situation) -> int:
    """Call for a row that was just inserted; how many were called."""
    return await _call_first(session, _call(alarm, met), met, alarm.raised_at)


def _call(alarm: NewAlarm, met: Situation, in_danger: UUID | None = None) -> Call:
    return Call(
        alarm_id=alarm.id,
        version=1,
        at=_position(alarm),
        satuan_path=met.satuan_path,
        polres_path=met.polres_path,
        polres_paths=met.polres_paths,
        need=Need(met.satuan_path, SKILLS_FOR.get(alarm.kind, frozenset()), in_danger),
        rules=met.rules,
    )


async def _call_first(session: Session, call: Call, met: Situation, now: datetime) -> int:
    called = await dispatch.call_from(session, call, 1, now, near=met.near)
    if called.ring > 1 or not called.count:
        await calling.settle(session, await hold(session, call.alarm_id), called, now)
    return called.count


def _position(alarm: NewAlarm) -> Position | None:
    if alarm.lat is None or alarm.lon is None:
        return None
    return Position(alarm.lat, alarm.lon, alarm.accuracy_m or 0.0)


async def _whereabouts(
    session: ReadSession, subject: Subject | None, wish: Press, now: datetime
) -> Known | None:
    """The phone's own word; else where it was last seen; else the Instansi's site.

    An Instansi that names its site is at that site even when its phone knows a position.
    """
    site = None
    if subject and subject.role is Role.INSTANSI and subject.holder_id is not None:
        site = await meeting.site(session, subject.holder_id, wish.site_id)
    if site is not None and (wish.site_id is not None or wish.position is None):
        return site
    if wish.position is not None:
        at = fixed_at(wish.position, now)
        return Known(wish.position.position, "gps", at, site.site_id if site else None)
    if subject is None:
        return None
    since = now - LAST_KNOWN_FOR
    return await meeting.last_known(session, subject.account_id, subject.holder_id, since)


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
    """Keep fixes of the person in danger; the newest is where the alarm is now.

    A site stays where it is, whatever the phone at its counter thinks.
    """
    newest = max(fixes, key=lambda fix: fix.at)
    await queries.add_fixes(session, alarm.id, [(fix.position, fix.at) for fix in fixes], now)
    if alarm.position_source == "site" or _is_vague_beside_pin(alarm, newest.position):
        return
    await put(session, alarm, Placed(newest.position, "gps"), newest.at, now)


def _is_vague_beside_pin(alarm: queries.Locked, position: Position) -> bool:
    return alarm.position_source == "pin" and position.accuracy_m > BETTER_THAN_PIN_M


async def put(
    session: Session, alarm: queries.Locked, there: Placed, fixed_at: datetime, now: datetime
) -> None:
    """Set where a locked alarm is. Where it was not known, or wrongly, those near are called."""
    knew = alarm.position_source == there.source
    if alarm.at is not None and (knew or distance_m(alarm.at, there.at) < ELSEWHERE_M):
        await queries.move(session, alarm.id, there.at, fixed_at)
        if not knew:
            await queries.change(session, alarm, position_source=there.source)
        return
    whence = Whence(alarm.reporter_account_id, there.at)
    met = await meeting.look(session, alarm.id, whence, now)
    assert met is not None, "an alarm exists, so a Satuan does"
    await queries.place(session, alarm, there, fixed_at, met)
    alone = not alarm.call_held and alarm.merged_into is None
    if alone and (alarm.at is None or calling.is_waiting(alarm)):
        await calling.call_first(session, await hold(session, alarm.id), now)


async def _again(session: Session, raising: Raising) -> Pressed:
    subject, dropped = raising.presser.subject, list(raising.wish.dropped)
    account_id = subject.account_id if subject else None
    said = await showing.receipt(session, raising.alarm_id, account_id, dropped)
    if said is None and subject is not None:
        return await _claim(session, raising, subject)
    if said is None:
        raise IdInUse(raising.alarm_id)
    return Pressed(said, created=False)


async def _claim(session: Session, raising: Raising, subject: Subject) -> Pressed:
    """Whoever proves themselves gets the alarm that was raised under their id without proof.

    Else somebody on the way could keep a press from being believed by sending a forged one first.
    """
    alarm = await hold(session, raising.alarm_id)
    if alarm.verification != Verification.UNVERIFIED:
        raise IdInUse(raising.alarm_id)
    if alarm.id != raising.alarm_id:
        await queries.unfold(session, raising.alarm_id)
        return await raise_alarm(session, raising)
    row = new_alarm(raising)
    await queries.claim(session, alarm, row)
    await record(session, alarm, raising.now, "alarm.verified", subject.account_id)
    known = raising.known
    if known is not None and known.source == "gps":
        fix = TimedPosition(known.position, known.at or raising.now)
        await follow(session, await hold(session, alarm.id), [fix], raising.now)
    if alarm.call_held and alarm.at is not None:
        await calling.call_first(session, await hold(session, alarm.id), raising.now)
    return await _again(session, raising)
