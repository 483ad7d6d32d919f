"""Going on duty and off, and being bound to an alarm."""

from datetime import datetime
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.errors import Conflict, NotFound
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.presence import queries
from cas_server.presence.queries import OFF_DUTY, Duty
from cas_server.presence.views import Availability, DutyView


class StillOnAlarm(Conflict):
    """Whoever has taken on an alarm cannot walk away from it unsaid."""

    code = "still_on_alarm"

    def __init__(self, alarm_id: UUID) -> None:
        self.alarm_id = alarm_id
        super().__init__(f"you are on alarm {alarm_id}; be released from it first")

    def facts(self) -> dict[str, str]:
        return {"alarm_id": str(self.alarm_id)}


class NotOnDuty(Conflict):
    code = "not_on_duty"

    def __init__(self) -> None:
        super().__init__("you are off duty, and off duty nobody's position is kept")


async def see_duty(session: ReadSession, personil_id: UUID) -> DutyView:
    """A Personil's duty as it is now."""
    duty = await queries.duty_of(session, personil_id)
    return duty.view() if duty else OFF_DUTY


async def begin_duty(
    session: Session,
    personil_id: UUID,
    availability: Availability,
    now: datetime,
    actor_id: UUID | None = None,
) -> DutyView:
    """On duty with this availability, whatever was before; on an alarm one stays busy."""
    before = await queries.duty_locked(session, personil_id)
    if before and before.alarm_id and availability is Availability.BREAK:
        raise StillOnAlarm(before.alarm_id)
    duty = await queries.begin(session, personil_id, availability, now)
    if duty is None:
        raise NotFound("Personil", personil_id)
    if before is None:
        await queries.begin_stretch(session, personil_id, duty)
        await _record(session, "duty.began", personil_id, duty, now, actor_id)
    elif before != duty:
        await _record(session, "duty.changed", personil_id, duty, now, actor_id)
    return duty.view()


async def end_duty(
    session: Session, personil_id: UUID, now: datetime, actor_id: UUID | None = None
) -> DutyView:
    """Off duty: the live position is deleted in the same transaction. A repeat changes nothing."""
    duty = await queries.duty_locked(session, personil_id)
    if duty is None:
        return OFF_DUTY
    if duty.alarm_id is not None:
        raise StillOnAlarm(duty.alarm_id)
    await queries.end(session, personil_id)
    await queries.end_stretch(session, personil_id, duty, now)
    await _record(session, "duty.ended", personil_id, duty, now, actor_id)
    return OFF_DUTY


async def must_be_on_duty(session: ReadSession, personil_id: UUID, satuan_path: str) -> None:
    """NotFound unless the Personil is on duty at this Satuan or below."""
    duty = await queries.duty_of(session, personil_id)
    if duty is None or not duty.satuan_path.startswith(satuan_path):
        raise NotFound("Personil on duty", personil_id)


async def occupy(session: Session, personil_id: UUID, alarm_id: UUID, now: datetime) -> bool:
    """Bind to an alarm: busy, and from now on the track is kept. False when off duty.

    An earlier alarm gives way; releasing it later does not free from this one. Whoever binds
    several Personil in one transaction does so in the order of their ids.
    """
    duty = await queries.occupy(session, personil_id, alarm_id, now)
    if duty is None:
        return await queries.duty_of(session, personil_id) is not None
    await _record(session, "duty.changed", personil_id, duty, now)
    return True


async def free(session: Session, personil_id: UUID, alarm_id: UUID, now: datetime) -> bool:
    """Release from this alarm: available again. False, and no change, when not bound to it."""
    # Whoever came from the Polres next door is freed by the desk of the alarm.
    async with session.beyond_the_wall():
        duty = await queries.free(session, personil_id, alarm_id, now)
    if duty is None:
        return False
    await _record(session, "duty.changed", personil_id, duty, now)
    return True


async def _record(
    session: Session,
    kind: str,
    personil_id: UUID,
    duty: Duty,
    now: datetime,
    actor_id: UUID | None = None,
) -> None:
    payload = {
        "personil_id": str(personil_id),
        "availability": duty.availability.value,
        "on_alarm_id": str(duty.alarm_id) if duty.alarm_id else None,
    }
    event = Event(kind, actor_id=actor_id, satuan_path=duty.satuan_path, payload=payload)
    await journal.append(session, now, event)
