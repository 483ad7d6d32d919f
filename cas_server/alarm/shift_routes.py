"""The hand-over between shifts of one desk, over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from cas_server.alarm import shift_notes
from cas_server.alarm.shift_views import ShiftNote, ShiftNoteBody
from cas_server.db.session import ReadTransaction, WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now

router = APIRouter(prefix="/v1", tags=["alarm"])

OnWatch = Annotated[Subject, Depends(allow(Action.HAND_OVER))]


@router.get("/shift-notes")
async def see_shift_notes(
    subject: OnWatch, session: ReadTransaction, limit: Annotated[int, Query(ge=1, le=100)] = 10
) -> list[ShiftNote]:
    """What earlier shifts of one's own desk left, the newest first."""
    return await shift_notes.notes(session, subject, limit)


@router.put("/shift-notes/{note_id}")
async def write_shift_note(
    note_id: UUID, body: ShiftNoteBody, subject: OnWatch, session: WriteTransaction
) -> ShiftNote:
    """Leave a note to the next shift; repeating it changes nothing."""
    return await shift_notes.write(session, subject, note_id, body.text, utc_now())


@router.post("/shift-notes/{note_id}/taking")
async def take_shift_note(note_id: UUID, subject: OnWatch, session: WriteTransaction) -> ShiftNote:
    """Take it over: who has read it, and when."""
    return await shift_notes.take(session, subject, note_id, utc_now())
