"""Duplicates over HTTP: an alarm put under another of the same event, and taken out again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from cas_server.alarm import merging
from cas_server.alarm.views import AlarmView
from cas_server.db.session import WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now
from cas_server.kit.wire import Wire

router = APIRouter(prefix="/v1", tags=["alarm"])

Merger = Annotated[Subject, Depends(allow(Action.MERGE_ALARMS))]


class Merging(Wire):
    """The alarm of the same event that leads from now on."""

    lead_id: UUID


@router.put("/alarms/{alarm_id}/merging")
async def merge(
    alarm_id: UUID, body: Merging, subject: Merger, session: WriteTransaction
) -> AlarmView:
    """Say that it is a duplicate: who was asked is stood down, who is on it goes over to the other,
    and its reporter sees how far that one is. Repeating it changes nothing."""
    return await merging.merge(session, subject, alarm_id, body.lead_id, utc_now())


@router.delete("/alarms/{alarm_id}/merging")
async def separate(alarm_id: UUID, subject: Merger, session: WriteTransaction) -> AlarmView:
    """Say that it is an event of its own after all: it calls its next ring. Whoever has gone over
    to the other stays there. Repeating it changes nothing."""
    return await merging.separate(session, subject, alarm_id, utc_now())
