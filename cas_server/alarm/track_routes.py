"""Officers' tracks over HTTP: a POST, because every look is an act that is written down."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from cas_server.alarm import looking
from cas_server.db.session import WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now
from cas_server.presence.views import TrackLook, TracksShown

router = APIRouter(prefix="/v1", tags=["alarm"])


@router.post("/alarms/{alarm_id}/track-looks")
async def look_at_tracks(
    alarm_id: UUID,
    body: TrackLook,
    subject: Annotated[Subject, Depends(allow(Action.SEE_TRACKS))],
    session: WriteTransaction,
) -> TracksShown:
    """Where responders went along an alarm of the subtree; the look and its reason are kept."""
    return await looking.look(session, subject, alarm_id, body, utc_now())
