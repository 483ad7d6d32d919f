"""SQL of the notes one shift at a desk leaves to the next; each stays as it was written."""

from datetime import datetime
from uuid import UUID

from cas_server.alarm.shift_views import ShiftNote, shift_of
from cas_server.alarm.views import ByAt
from cas_server.db.session import ReadSession, Session
from cas_server.errors import Conflict, NotFound
from cas_server.identity.subject import Subject
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event

_NOTES = """
SELECT n.id, n.text, n.written_at, n.written_by, w.name AS writer,
    n.taken_at, n.taken_by, t.name AS taker
FROM shift_note n
LEFT JOIN staff_name w ON w.id = n.written_by LEFT JOIN staff_name t ON t.id = n.taken_by
WHERE n.satuan_id = $1 AND ($2::uuid IS NULL OR n.id = $2)
ORDER BY n.written_at DESC LIMIT $3
"""
_WRITE = """
INSERT INTO shift_note (id, satuan_id, satuan_path, text, written_at, written_by)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING RETURNING id
"""
_TAKE = """
UPDATE shift_note SET taken_at = $3, taken_by = $4
WHERE id = $1 AND satuan_id = $2 AND taken_at IS NULL AND written_by <> $4 RETURNING id
"""


class OwnNote(Conflict):
    """A shift cannot hand over to itself."""

    code = "own_note"

    def __init__(self) -> None:
        super().__init__("you wrote this note yourself; somebody of the next shift takes it over")


class IdTaken(Conflict):
    """Another note stands under this id."""

    code = "id_taken"

    def __init__(self, note_id: UUID) -> None:
        super().__init__(f"note_id {note_id} is another note's; make a new id")


async def notes(session: ReadSession, subject: Subject, most: int) -> list[ShiftNote]:
    """Those of the subject's own Satuan, the newest first."""
    return await _read(session, subject.satuan_id, None, most)


async def write(
    session: Session, subject: Subject, note_id: UUID, text: str, now: datetime
) -> ShiftNote:
    """Leave a note; repeating it changes nothing."""
    values = (note_id, subject.satuan_id, subject.satuan_path, text, now, subject.account_id)
    if await session.sql.fetchval(_WRITE, *values) is not None:
        await _record(session, subject, note_id, "shift_note.written", now)
    found = await _read(session, subject.satuan_id, note_id, 1)
    if not found or found[0].text != text or found[0].written.account_id != subject.account_id:
        raise IdTaken(note_id)
    return found[0]


async def take(session: Session, subject: Subject, note_id: UUID, now: datetime) -> ShiftNote:
    """Say that one has read it and goes on from there; the first to say so is kept."""
    by = (subject.satuan_id, now, subject.account_id)
    if await session.sql.fetchval(_TAKE, note_id, *by) is not None:
        await _record(session, subject, note_id, "shift_note.taken", now)
    found = await _read(session, subject.satuan_id, note_id, 1)
    if not found:
        raise NotFound("shift note", note_id)
    if found[0].taken is None:
        raise OwnNote
    return found[0]


async def _record(
    session: Session, subject: Subject, note_id: UUID, kind: str, now: datetime
) -> None:
    """That it was done, and not what it says: the journal is kept for ever."""
    facts = {"note_id": str(note_id)}
    event = Event(kind, None, subject.account_id, subject.satuan_path, facts)
    await journal.append(session, now, event)


async def _read(
    session: ReadSession, satuan_id: UUID | None, note_id: UUID | None, most: int
) -> list[ShiftNote]:
    rows = await session.sql.fetch(_NOTES, satuan_id, note_id, most)
    return [
        ShiftNote(
            id=row["id"],
            shift=shift_of(row["written_at"]),
            text=row["text"],
            written=_by(row["written_by"], row["writer"], row["written_at"]),
            taken=_by(row["taken_by"], row["taker"], row["taken_at"]) if row["taken_at"] else None,
        )
        for row in rows
    ]


def _by(account_id: UUID, name: str | None, at: datetime) -> ByAt:
    return ByAt(account_id=account_id, name=name or "", at=at)
