"""Alarms over HTTP for the desk."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from cas_server.alarm import desk, networks, showing
from cas_server.alarm.desk import Bell, CallerPress
from cas_server.alarm.timeline import timeline
from cas_server.alarm.views import (
    AlarmKind,
    AlarmView,
    Disposition,
    FoldedPress,
    TimelineEntry,
)
from cas_server.db.session import ReadTransaction, WriteTransaction
from cas_server.dispatch import service as dispatch
from cas_server.dispatch.views import DecisionView
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now
from cas_server.kit.wire import Flag, Moment, Place, Wire

router = APIRouter(prefix="/v1", tags=["alarm"])

Looker = Annotated[Subject, Depends(allow(Action.SEE_ALARMS))]


class Assignment(Wire):
    """Whom to send."""

    personil_id: UUID


class ClosingBody(Wire):
    """How it ended; the note says it in words."""

    disposition: Disposition
    note: str = Field(min_length=1, max_length=2_000)


class CallerPressBody(Wire):
    """A press for somebody who called, radioed or walked in."""

    caller_name: str = Field("", max_length=200)
    caller_phone: str | None = Field(None, max_length=40)
    channel: Literal["phone", "radio", "walk_in", "other"] = "phone"
    position: Place | None = None
    kind: AlarmKind = AlarmKind.UNKNOWN
    note: str | None = Field(None, max_length=2_000)
    silent: Flag = False


class AlarmList(Wire):
    """Alarms of the subject's subtree."""

    alarms: list[AlarmView]


@router.get("/alarms")
async def list_alarms(
    subject: Looker,
    session: ReadTransaction,
    *,
    open_only: Annotated[bool, Query(alias="open")] = True,
    before: Moment | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AlarmList:
    """Open alarms, the least doubtful and of those the oldest first; or closed ones raised
    before `before`, the newest first."""
    if open_only:
        return AlarmList(alarms=await showing.open_alarms(session, subject.satuan_path))
    until: datetime = before or utc_now()
    past = await showing.past_alarms(session, subject.satuan_path, until, limit)
    return AlarmList(alarms=past)


@router.get("/alarms/{alarm_id}")
async def see_alarm(alarm_id: UUID, subject: Looker, session: ReadTransaction) -> AlarmView:
    """One alarm of the subtree."""
    return await desk.show(session, subject, alarm_id)


@router.get("/alarms/{alarm_id}/timeline")
async def see_timeline(
    alarm_id: UUID, subject: Looker, session: ReadTransaction
) -> list[TimelineEntry]:
    """Everything that happened, in order."""
    alarm = await desk.show(session, subject, alarm_id)
    return await timeline(session, alarm.id)


@router.get("/alarms/{alarm_id}/decisions")
async def see_decisions(
    alarm_id: UUID, subject: Looker, session: ReadTransaction
) -> list[DecisionView]:
    """Why these and not others: every ring with every candidate."""
    alarm = await desk.show(session, subject, alarm_id)
    return await dispatch.why(session, alarm.id)


@router.put(
    "/desk/alarms/{alarm_id}",
    responses={HTTPStatus.CREATED: {"model": AlarmView, "description": "Raised"}},
    summary="Press for a caller",
)
async def press_for_caller(
    alarm_id: UUID,
    body: CallerPressBody,
    response: Response,
    subject: Annotated[Subject, Depends(allow(Action.PRESS_FOR_CALLER))],
    session: WriteTransaction,
) -> AlarmView:
    """Raise an alarm for somebody else; repeating it changes nothing."""
    at = body.position.position() if body.position else None
    wish = CallerPress(
        body.caller_name, body.caller_phone, body.channel, at, body.kind, body.note, body.silent
    )
    view, created = await desk.press_for_caller(session, subject, alarm_id, wish, utc_now())
    response.status_code = HTTPStatus.CREATED if created else HTTPStatus.OK
    return view


@router.post("/alarms/{alarm_id}/acknowledgement")
async def acknowledge(
    alarm_id: UUID,
    subject: Annotated[Subject, Depends(allow(Action.ACKNOWLEDGE))],
    session: WriteTransaction,
    bell: Annotated[Bell | None, Query(description="what rang when the hand moved")] = None,
) -> AlarmView:
    """The desk has seen it. The second at the desk gets 409 and the first one's name.

    Name the `bell`: a request that comes late silences no other than the one that was heard.
    """
    return await desk.acknowledge(session, subject, alarm_id, utc_now(), bell)


@router.post("/alarms/{alarm_id}/calls")
async def call(
    alarm_id: UUID,
    subject: Annotated[Subject, Depends(allow(Action.ASSIGN))],
    session: WriteTransaction,
) -> AlarmView:
    """Call the nearest for an alarm that was held; for any other nothing changes."""
    return await desk.call(session, subject, alarm_id, utc_now())


@router.get("/alarms/{alarm_id}/folded-presses")
async def see_folded(
    alarm_id: UUID,
    subject: Looker,
    session: ReadTransaction,
    limit: Annotated[int, Query(ge=1, le=5_000)] = 500,
) -> list[FoldedPress]:
    """The unverified presses that this entry of the queue stands for, the earliest first."""
    alarm = await desk.show(session, subject, alarm_id)
    return await networks.folded(session, alarm.id, limit)


@router.post("/alarms/{alarm_id}/assignments")
async def assign(
    alarm_id: UUID,
    body: Assignment,
    subject: Annotated[Subject, Depends(allow(Action.ASSIGN))],
    session: WriteTransaction,
) -> AlarmView:
    """Send somebody by hand."""
    return await desk.assign(session, subject, alarm_id, body.personil_id, utc_now())


@router.delete("/alarms/{alarm_id}/assignments/{personil_id}")
async def release(
    alarm_id: UUID,
    personil_id: UUID,
    subject: Annotated[Subject, Depends(allow(Action.ASSIGN))],
    session: WriteTransaction,
    reason: Annotated[str, Query(max_length=500)] = "",
) -> AlarmView:
    """Take somebody off the alarm."""
    return await desk.release(session, subject, alarm_id, personil_id, reason, utc_now())


@router.post("/alarms/{alarm_id}/closing")
async def close(
    alarm_id: UUID,
    body: ClosingBody,
    subject: Annotated[Subject, Depends(allow(Action.CLOSE_ALARM))],
    session: WriteTransaction,
) -> AlarmView:
    """End it for good."""
    return await desk.close(session, subject, alarm_id, body.disposition, body.note, utc_now())
