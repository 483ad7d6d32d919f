"""What every change of an alarm shares: writing it down, calling the next ring, telling staff."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cas_server.alarm import queries, state
from cas_server.alarm.queries import Locked
from cas_server.alarm.state import Responding
from cas_server.alarm.views import AlarmStatus
from cas_server.db.session import ReadSession, Session
from cas_server.dispatch import escalation, offers
from cas_server.dispatch import service as dispatch
from cas_server.dispatch.escalation import Summons
from cas_server.dispatch.policy import SKILLS_FOR, Need
from cas_server.dispatch.service import Call, Called
from cas_server.dispatch.views import ResponderState
from cas_server.errors import NotFound
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.kit import fault
from cas_server.outbox import queries as outbox
from cas_server.registry import queries as registry

_ENDED = (AlarmStatus.RESOLVED, AlarmStatus.CANCELLED)


def is_over(alarm: Locked) -> bool:
    """True when nobody is called for it any more."""
    return alarm.status in _ENDED or alarm.closed_at is not None


async def hold(session: Session, alarm_id: UUID) -> Locked:
    """The alarm, locked until this transaction ends."""
    alarm = await queries.lock(session, alarm_id)
    if alarm is None:
        raise NotFound("alarm", alarm_id)
    return alarm


async def record(
    session: Session,
    alarm: Locked,
    now: datetime,
    kind: str,
    actor_id: UUID | None = None,
    **facts: Any,
) -> None:
    """Write one line of the alarm's story."""
    event = Event(kind, alarm.id, actor_id, alarm.satuan_path, facts)
    await journal.append(session, now, event)


async def responders(session: ReadSession, alarm_id: UUID) -> list[Responding]:
    """Everybody who has ever taken the alarm on, the earliest first."""
    return [
        Responding(
            row["personil_id"],
            row["name"],
            row["part"],
            ResponderState(row["state"]),
            row["backup_asked_at"],
            row["reported_at"],
        )
        for row in await offers.responders(session, alarm_id)
    ]


async def widen_if_over(session: Session, alarm: Locked, now: datetime) -> None:
    """Call the next ring when people are missing and nobody of this ring is waited for."""
    missing = is_waiting(alarm) or await _is_backup_missing(session, alarm)
    if missing and await dispatch.ring_is_over(session, alarm.id, alarm.ring):
        await widen(session, alarm, now)


def is_waiting(alarm: Locked) -> bool:
    """True while somebody still has to be found for it."""
    raised = alarm.status == AlarmStatus.RAISED and alarm.closed_at is None
    return raised and alarm.merged_into is None


async def _is_backup_missing(session: ReadSession, alarm: Locked) -> bool:
    """True while somebody asked for backup and there are places left."""
    if alarm.backups_more == 0 or is_over(alarm):
        return False
    present = await responders(session, alarm.id)
    return not (state.is_full(present, alarm.backups) or state.all_reported(present))


async def widen(session: Session, alarm: Locked, now: datetime) -> None:
    """Call the ring after the present one; after the last, the command centre rings."""
    ring = escalation.next_ring(alarm.ring)
    if ring is None:
        await settle(session, alarm, Called(alarm.ring, 0, ()), now)
        return
    # The nearest officer may be of the Polres next door, also when a desk's act calls them.
    async with session.beyond_the_wall():
        call = await _call(session, alarm)
        await settle(session, alarm, await dispatch.call_from(session, call, ring, now), now)
    fault.point("ring.widened")


async def call_first(session: Session, alarm: Locked, now: datetime) -> None:
    """Call the first ring of an alarm that could or should not call before, unless it is over."""
    if is_over(alarm):
        return
    async with session.beyond_the_wall():
        call = await _call(session, alarm)
        called = await dispatch.call_from(session, call, 1, now)
        # Nobody is new near the place; somebody who was asked before may still come.
        if called.count or await dispatch.ring_is_over(session, alarm.id, alarm.ring):
            await settle(session, alarm, called, now)


async def _call(session: ReadSession, alarm: Locked) -> Call:
    beyond = (await registry.cover(session, alarm.at)).polres_beyond if alarm.at else ()
    return Call(
        alarm_id=alarm.id,
        version=alarm.version + 1,
        at=alarm.at,
        satuan_path=alarm.satuan_path,
        polres_path=alarm.polres_path,
        polres_paths=(alarm.polres_path, *beyond),
        need=Need(alarm.satuan_path, SKILLS_FOR.get(alarm.kind, frozenset()), alarm.in_danger),
        rules=alarm.rules,
    )


async def settle(session: Session, alarm: Locked, called: Called, now: datetime) -> None:
    """Write what calling came to: the ring, the staff told, and whether nobody is left."""
    await summon(session, alarm, called.summons, now)
    if called.count or alarm.at is None or alarm.unanswered_at is not None:
        await queries.change(session, alarm, ring=called.ring)
        return
    if alarm.backups_more and not is_waiting(alarm):
        # Somebody is on it: it is their request that nobody answers.
        await queries.change(session, alarm, ring=called.ring, backup_asked_at=now)
        await record(session, alarm, now, "backup.unanswered")
    else:
        await queries.change(session, alarm, ring=called.ring, unanswered_at=now)
        await record(session, alarm, now, "alarm.unanswered")
    payload = {
        "alarm_id": str(alarm.id),
        "version": alarm.version + 1,
        "satuan_path": alarm.satuan_path,
        "reason": "unanswered",
    }
    await outbox.add(session, now, "push.desk", payload)


async def summon(
    session: Session, alarm: Locked, summons: Sequence[Summons], now: datetime
) -> None:
    """Tell staff of the Polsek or the Polres, and write down that they were told."""
    for one in summons:
        path = alarm.satuan_path if one.level == "polsek" else alarm.polres_path
        await queries.escalate(session, alarm.id, now, one.reason, path, one.role)
        payload = {
            "alarm_id": str(alarm.id),
            "version": alarm.version + 1,
            "satuan_path": path,
            "role": one.role,
            "reason": one.reason,
        }
        await outbox.add(session, now, "push.staff", payload)
        await record(session, alarm, now, "alarm.escalated", reason=one.reason, role=one.role,
                     level=one.level)  # fmt: skip


async def tell(
    session: Session, alarm: Locked, ended: Sequence[tuple[UUID, UUID]], now: datetime, message: str
) -> None:
    """Push one message to the Personil of some offers: (offer, Personil) of each."""
    for offer_id, personil_id in ended:
        payload = dispatch.push(alarm.id, alarm.version + 1, personil_id, message, offer_id)
        await outbox.add(session, now, "push.personil", payload)


async def supersede(session: Session, alarm: Locked, personil_id: UUID, now: datetime) -> None:
    """End what somebody was still asked, because they come anyway: written down, and not told to
    them, who would take it for a reason to turn back."""
    for offer_id, _ in await offers.stand_down_one(session, alarm.id, personil_id, now):
        await record(session, alarm, now, "offer.superseded", offer_id=str(offer_id),
                     personil_id=str(personil_id))  # fmt: skip


async def stand_down_rest(session: Session, alarm: Locked, now: datetime) -> None:
    """End every open offer and tell those who had one."""
    ended = await offers.stand_down(session, alarm.id, now)
    await tell(session, alarm, ended, now, "stood_down")
    for offer_id, personil_id in ended:
        await record(session, alarm, now, "offer.stood_down", offer_id=str(offer_id),
                     personil_id=str(personil_id))  # fmt: skip
