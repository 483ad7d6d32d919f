"""Sound recordings of an alarm over HTTP: sent by whoever pressed, heard by whoever helps."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from cas_server.alarm import sounds
from cas_server.alarm.pictures import Upload
from cas_server.alarm.views import SoundReceipt
from cas_server.db.session import DatabaseOf, ReadTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.pictures.darkroom import Darkroom

router = APIRouter(prefix="/v1", tags=["alarm"])

PATH = "/alarms/{alarm_id}/sounds/{sound_id}"
Sender = Annotated[Subject, Depends(allow(Action.ADD_PICTURE))]
Listener = Annotated[Subject, Depends(allow(Action.SEE_PICTURES))]

_BYTES = {"schema": {"type": "string", "format": "binary"}}
FORMS = {"audio/webm": _BYTES, "audio/ogg": _BYTES, "audio/mp4": _BYTES}
# The route reads the body itself, when there is a place for it.
UPLOAD = {
    "requestBody": {
        "required": True,
        "description": "One track of sound in WebM, Ogg or MP4, known by its content; "
        "at most 1.5 MB and 35 s",
        "content": FORMS,
    },
}
ADDED = {"model": SoundReceipt, "description": "Kept"}
RECORDING = {"content": FORMS, "description": "As it was recorded"}


@router.put(PATH, openapi_extra=UPLOAD, responses={HTTPStatus.CREATED: ADDED})
async def add_sound(
    alarm_id: UUID,
    sound_id: UUID,
    request: Request,
    response: Response,
    subject: Sender,
    database: DatabaseOf,
) -> SoundReceipt:
    """Add a recording to one's own open alarm, under an id made by the phone; repeats are harmless.

    It is kept as it is: one track of sound and nothing else, measured but never played here.
    """
    darkroom: Darkroom = request.app.state.darkroom
    upload = Upload(subject, alarm_id, sound_id, request.body)
    receipt, created = await sounds.add(database, darkroom, upload)
    response.status_code = HTTPStatus.CREATED if created else HTTPStatus.OK
    return receipt


@router.get(PATH, response_class=Response, responses={HTTPStatus.OK: RECORDING})
async def hear_sound(
    alarm_id: UUID, sound_id: UUID, subject: Listener, session: ReadTransaction
) -> Response:
    """For the desk of the subtree, officers while they are on the alarm, and whoever sent it."""
    shown = await sounds.hear(session, subject, alarm_id, sound_id)
    ending = shown.media_type.removeprefix("audio/")
    headers = {
        "cache-control": "no-store, private",
        # Opened as a page it is a file to keep: nothing of it was made anew by us.
        "content-disposition": f'attachment; filename="{sound_id}.{ending}"',
    }
    return Response(shown.content, media_type=shown.media_type, headers=headers)
