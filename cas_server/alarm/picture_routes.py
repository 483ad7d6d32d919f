"""Pictures of an alarm over HTTP: sent by whoever pressed, seen by whoever helps."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from cas_server.alarm import pictures
from cas_server.alarm.pictures import Upload
from cas_server.alarm.views import PictureReceipt
from cas_server.db.session import DatabaseOf, ReadTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.pictures.darkroom import Darkroom

router = APIRouter(prefix="/v1", tags=["alarm"])

PATH = "/alarms/{alarm_id}/pictures/{picture_id}"
Sender = Annotated[Subject, Depends(allow(Action.ADD_PICTURE))]
Looker = Annotated[Subject, Depends(allow(Action.SEE_PICTURES))]

_BYTES = {"schema": {"type": "string", "format": "binary"}}
# The route reads the body itself, when there is a place for it.
UPLOAD = {
    "requestBody": {
        "required": True,
        "description": "JPEG, PNG or WebP, known by its content; at most 8 MB and 40 megapixels",
        "content": {"image/jpeg": _BYTES, "image/png": _BYTES, "image/webp": _BYTES},
    },
}
ADDED = {"model": PictureReceipt, "description": "Kept"}
JPEG = {"content": {"image/jpeg": _BYTES}, "description": "A JPEG, at most 1,600 pixels a side"}


@router.put(PATH, openapi_extra=UPLOAD, responses={HTTPStatus.CREATED: ADDED})
async def add_picture(
    alarm_id: UUID,
    picture_id: UUID,
    request: Request,
    response: Response,
    subject: Sender,
    database: DatabaseOf,
) -> PictureReceipt:
    """Add a picture to one's own open alarm, under an id made by the phone; repeats are harmless.

    It is kept as a new, smaller JPEG: upright, without place, time or anything else it carried.
    """
    darkroom: Darkroom = request.app.state.darkroom
    upload = Upload(subject, alarm_id, picture_id, request.body)
    receipt, created = await pictures.add(database, darkroom, upload)
    response.status_code = HTTPStatus.CREATED if created else HTTPStatus.OK
    return receipt


@router.get(PATH, response_class=Response, responses={HTTPStatus.OK: JPEG})
async def see_picture(
    alarm_id: UUID, picture_id: UUID, subject: Looker, session: ReadTransaction
) -> Response:
    """For the desk of the subtree, officers while they are on the alarm, and whoever sent it."""
    content = await pictures.show(session, subject, alarm_id, picture_id)
    headers = {
        "cache-control": "no-store, private",
        "content-disposition": f'inline; filename="{picture_id}.jpg"',
    }
    return Response(content, media_type="image/jpeg", headers=headers)
