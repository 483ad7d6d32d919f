"""Looking up a reporter over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field, StringConstraints

from cas_server.alarm import reveal
from cas_server.alarm.reveal import Terms
from cas_server.alarm.views import RevealedReporter
from cas_server.db.session import WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now
from cas_server.kit.wire import Wire
from cas_server.settings import Settings

router = APIRouter(prefix="/v1", tags=["alarm"])

# A dangerous act: the desk proves itself again when its last proof is old (`roles.DANGEROUS`).
Revealer = Annotated[Subject, Depends(allow(Action.REVEAL_REPORTER))]

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=500)]


class RevealBody(Wire):
    """Why the reporter has to be known or called; it is kept, and read later."""

    reason: Reason = Field(description="in words: whoever checks this later reads them")


async def _terms(request: Request) -> Terms:
    settings: Settings = request.app.state.settings
    return Terms(settings.reveals_per_hour, settings.tell_reveals)


@router.post("/alarms/{alarm_id}/reveals")
async def reveal_reporter(
    alarm_id: UUID,
    body: RevealBody,
    response: Response,
    subject: Revealer,
    session: WriteTransaction,
    terms: Annotated[Terms, Depends(_terms)],
) -> RevealedReporter:
    """Name and number in full, for whoever handles the alarm; each look is written down."""
    response.headers["cache-control"] = "no-store"
    return await reveal.reveal(session, subject, alarm_id, body.reason, utc_now(), terms)
