"""Handing an alarm to a neighbouring Satuan, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from cas_server.alarm import handing
from cas_server.alarm.handing_views import Handing, Neighbour
from cas_server.alarm.views import AlarmView
from cas_server.db.session import ReadTransaction, WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now

router = APIRouter(prefix="/v1", tags=["alarm"])

Giver = Annotated[Subject, Depends(allow(Action.HAND_ALARM))]


@router.get("/alarms/{alarm_id}/neighbours")
async def see_neighbours(
    alarm_id: UUID, subject: Giver, session: ReadTransaction
) -> list[Neighbour]:
    """Which desks could take it, the nearest first."""
    return await handing.neighbours(session, subject, alarm_id)


@router.post("/alarms/{alarm_id}/handing")
async def hand(
    alarm_id: UUID, body: Handing, subject: Giver, session: WriteTransaction
) -> AlarmView:
    """Give it to another Satuan's desk, where it rings until it is acknowledged. One's own desk
    goes on seeing it and acts no more. Officers and open calls stay."""
    return await handing.hand(session, subject, alarm_id, body.satuan_id, body.reason, utc_now())
