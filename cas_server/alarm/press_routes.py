"""The press over HTTP."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from cas_server.alarm.admission import Admission
from cas_server.alarm.intake import read
from cas_server.alarm.views import PressReceipt
from cas_server.identity.presser import Presser, attest
from cas_server.identity.roles import Action
from cas_server.kit import fault, meters

presser_of = attest(Action.PRESS)


class PromptRoute(APIRoute):
    """Declared as every other route, but not run as one: the framework's own part was a tenth.

    What the framework says to a wrong method, or to an id that is none, it still says itself.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        alarm_id = _id(scope["path_params"]["alarm_id"])
        if alarm_id is None or scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive, send)
        answer = await press_alarm(alarm_id, request, await presser_of(request))
        await answer(scope, receive, send)


router = APIRouter(prefix="/v1", tags=["alarm"], route_class=PromptRoute)

# The route reads the body itself, so the schema is named here; `schemas.py` writes it out.
PRESS_BODY = {
    "requestBody": {
        "required": False,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PressBody"}}},
    },
}
RAISED = {"model": PressReceipt, "description": "Raised: stored for good before this was sent"}


@router.put(
    "/alarms/{alarm_id}",
    response_model=PressReceipt,
    openapi_extra=PRESS_BODY,
    responses={HTTPStatus.CREATED: RAISED},
    summary="Press",
)
async def press_alarm(
    alarm_id: UUID, request: Request, presser: Annotated[Presser, Depends(presser_of)]
) -> Response:
    """Repeat the same request until any 2xx: 201 raised it, 200 says the same again.

    A field that cannot be used is dropped and named in the answer; the press itself is taken.
    It is taken, too, without a signature, with a bad one or without any sign-in: then it is
    `unverified`, and when many of these come from one network, the desk looks before it calls.
    """
    wish = read(await request.body())
    fault.point("press.received")
    admission: Admission = request.app.state.admission
    with meters.Pressing() as pressing:
        pressed = await admission.press(request.app.state.database, presser, alarm_id, wish)
        pressing.outcome = "raised" if pressed.created else "repeated"
    status = HTTPStatus.CREATED if pressed.created else HTTPStatus.OK
    receipt = pressed.receipt.model_dump_json()
    fault.point("press.answering")
    return Response(receipt, status, media_type="application/json")


def _id(told: str) -> UUID | None:
    try:
        return UUID(told)
    except ValueError:
        return None
