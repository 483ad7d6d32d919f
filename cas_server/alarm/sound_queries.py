"""SQL of the recordings of an alarm: few, kept with it, and gone with its reporter."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cas_server.alarm.picture_queries import Whose
from cas_server.db.session import ReadSession, Session
from cas_server.pictures.sound import Sound

_STANDING = """
SELECT a.id AS alarm_id, a.reporter_account_id, a.closed_at,
       (SELECT count(*) FROM alarm_sound WHERE alarm_id = a.id) AS sounds,
       s.received_at, s.size_bytes, s.length_ms, s.alarm_id AS kept_under
FROM alarm a LEFT JOIN alarm_sound s ON s.id = $2
WHERE a.id = coalesce((SELECT alarm_id FROM alarm_alias WHERE id = $1), $1)
"""
_INSERT = """
INSERT INTO alarm_sound
    (id, alarm_id, received_at, size_bytes, length_ms, media_type, sha256, content)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING RETURNING id
"""
_CONTENT = """
SELECT s.content, s.media_type, a.id AS alarm_id, a.satuan_path, a.closed_at,
       a.reporter_account_id
FROM alarm_sound s JOIN alarm a ON a.id = s.alarm_id
WHERE s.id = $2 AND a.id = coalesce((SELECT alarm_id FROM alarm_alias WHERE id = $1), $1)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm that somebody wants to add a recording to; `kept` None: this one is new."""

    alarm_id: UUID
    reporter_account_id: UUID | None
    is_closed: bool
    sounds: int
    kept: "Kept | None"


@dataclass(frozen=True, slots=True)
class Kept:
    """A recording that is there already."""

    alarm_id: UUID
    received_at: datetime
    size_bytes: int
    length_ms: int


@dataclass(frozen=True, slots=True)
class NewSound:
    """One row to be."""

    id: UUID
    alarm_id: UUID
    received_at: datetime
    sha256: bytes
    sound: Sound
    content: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """A recording and whose alarm it is of."""

    content: bytes
    media_type: str
    whose: Whose


async def standing(session: ReadSession, alarm_id: UUID, sound_id: UUID) -> Standing | None:
    """What a new recording meets, by the alarm's own id or one that joined it."""
    row = await session.sql.fetchrow(_STANDING, alarm_id, sound_id)
    if row is None:
        return None
    kept = None
    if row["kept_under"] is not None:
        kept = Kept(row["kept_under"], row["received_at"], row["size_bytes"], row["length_ms"])
    closed = row["closed_at"] is not None
    return Standing(row["alarm_id"], row["reporter_account_id"], closed, row["sounds"], kept)


async def insert(session: Session, new: NewSound) -> bool:
    """False when it is there already."""
    values = (new.id, new.alarm_id, new.received_at, len(new.content), new.sound.length_ms,
              new.sound.media_type, new.sha256, new.content)  # fmt: skip
    return await session.sql.fetchval(_INSERT, *values) is not None


async def content(session: ReadSession, alarm_id: UUID, sound_id: UUID) -> Shown | None:
    """One recording; None when the alarm has no such one."""
    row = await session.sql.fetchrow(_CONTENT, alarm_id, sound_id)
    if row is None:
        return None
    closed = row["closed_at"] is not None
    whose = Whose(row["alarm_id"], row["satuan_path"], closed, row["reporter_account_id"], None)
    return Shown(row["content"], row["media_type"], whose)
