"""One's own alarms over HTTP: seen, followed, described, and taken back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from cas_server.alarm import reporter, showing
from cas_server.alarm.intake import TimedPosition
from cas_server.alarm.views import AlarmKind, Arrival, OwnAlarmView
from cas_server.db.session import ReadTransaction, WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now
from cas_server.kit.geo import Position
from cas_server.kit.wire import Flag, Moment, Place, Wire
from cas_server.presence.views import FixView

router = APIRouter(prefix="/v1/own-alarms", tags=["alarm"])

Follower = Annotated[Subject, Depends(allow(Action.FOLLOW_OWN_ALARM))]
Canceller = Annotated[Subject, Depends(allow(Action.CANCEL_ALARM))]


class ReporterFixes(Wire):
    """Where the person in danger was; the newest is where the alarm is now."""

    fixes: list[FixView] = Field(min_length=1, max_length=1_000)


class Kept(Wire):
    """How many were stored."""

    accepted: int


class Cancellation(Wire):
    """`duress`: the person was made to cancel. The answer looks the same."""

    reason: str = Field("", max_length=500)
    duress: Flag = False


class Description(Wire):
    """What it is, and what else the police should know; either may be left out."""

    kind: AlarmKind | None = None
    note: str = Field("", max_length=1_000)


@router.get("")
async def see_own_alarms(subject: Follower, session: ReadTransaction) -> list[OwnAlarmView]:
    """One's own alarms that are open or ended within the hour."""
    own = await showing.own_alarms(session, [subject.account_id], utc_now())
    return own[subject.account_id]


@router.get("/past")
async def see_past_own_alarms(
    subject: Follower,
    session: ReadTransaction,
    before: Annotated[Moment | None, Query(description="raised before this")] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> list[OwnAlarmView]:
    """One's own alarms that are over, the newest first."""
    return await showing.own_past(session, subject.account_id, before or utc_now(), limit)


@router.get("/{alarm_id}")
async def see_own_alarm(
    alarm_id: UUID, subject: Follower, session: ReadTransaction
) -> OwnAlarmView:
    """One of one's own alarms."""
    return await reporter.show(session, subject, alarm_id)


@router.post("/{alarm_id}/fixes")
async def locate_own_alarm(
    alarm_id: UUID, body: ReporterFixes, subject: Follower, session: WriteTransaction
) -> Kept:
    """Follow the person in danger while the alarm is open."""
    fixes = [
        TimedPosition(Position(fix.lat, fix.lon, fix.accuracy_m), fix.fixed_at)
        for fix in body.fixes
    ]
    kept = await reporter.locate(session, subject, alarm_id, fixes, utc_now())
    return Kept(accepted=kept)


@router.post("/{alarm_id}/cancellation")
async def cancel_own_alarm(
    alarm_id: UUID, body: Cancellation, subject: Canceller, session: WriteTransaction
) -> OwnAlarmView:
    """Take it back; the desk still closes it."""
    return await reporter.cancel(
        session, subject, alarm_id, body.reason, utc_now(), duress=body.duress
    )


@router.post("/{alarm_id}/description")
async def describe_own_alarm(
    alarm_id: UUID, body: Description, subject: Follower, session: WriteTransaction
) -> OwnAlarmView:
    """Say more, once the alarm is on its way; a note is added to what was said before."""
    told = reporter.Told(body.kind, body.note.strip())
    return await reporter.describe(session, subject, alarm_id, told, utc_now())


@router.post("/{alarm_id}/place")
async def place_own_alarm(
    alarm_id: UUID, body: Place, subject: Follower, session: WriteTransaction
) -> OwnAlarmView:
    """Put the alarm where the person says it is, when the phone does not know or is wrong."""
    return await reporter.pin(session, subject, alarm_id, body.position(), utc_now())


@router.get("/{alarm_id}/arrival")
async def see_arrival(alarm_id: UUID, subject: Follower, session: ReadTransaction) -> Arrival:
    """In about how many minutes the nearest who comes is there."""
    return await reporter.arrival(session, subject, alarm_id)
