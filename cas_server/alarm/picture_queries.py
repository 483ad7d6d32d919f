"""SQL of the pictures of an alarm: few, kept with it, and gone with its reporter."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cas_server.db.session import ReadSession, Session

_STANDING = """
SELECT a.id AS alarm_id, a.reporter_account_id, a.closed_at,
       (SELECT count(*) FROM alarm_picture
        WHERE alarm_id = a.id AND personil_id IS NOT DISTINCT FROM $3) AS pictures,
       EXISTS (SELECT FROM responder WHERE alarm_id = a.id AND personil_id = $3
               AND state <> 'released') AS on_it,
       p.received_at, p.size_bytes, p.alarm_id AS kept_under
FROM alarm a LEFT JOIN alarm_picture p ON p.id = $2
WHERE a.id = coalesce((SELECT alarm_id FROM alarm_alias WHERE id = $1), $1)
"""
_INSERT = """
INSERT INTO alarm_picture (id, alarm_id, received_at, size_bytes, sha256, content, personil_id)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING id
"""
_CONTENT = """
SELECT p.content, p.personil_id, a.id AS alarm_id, a.satuan_path, a.closed_at, a.reporter_account_id
FROM alarm_picture p JOIN alarm a ON a.id = p.alarm_id
WHERE p.id = $2 AND a.id = coalesce((SELECT alarm_id FROM alarm_alias WHERE id = $1), $1)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm that somebody wants to add a picture to; `kept` None: this one is new.

    `pictures` counts the sender's own; `on_it`: the sender is a responder of it.
    """

    alarm_id: UUID
    reporter_account_id: UUID | None
    is_closed: bool
    pictures: int
    on_it: bool
    kept: "Kept | None"


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that is there already."""

    alarm_id: UUID
    received_at: datetime
    size_bytes: int


@dataclass(frozen=True, slots=True)
class NewPicture:
    """One row to be."""

    id: UUID
    alarm_id: UUID
    received_at: datetime
    sha256: bytes
    content: bytes
    personil_id: UUID | None = None
    """The responder who took it; None: the reporter."""


@dataclass(frozen=True, slots=True)
class Whose:
    """The alarm and sender of a picture or sound: what says who may have it.

    `personil_id`: the responder who took it; None: the reporter.
    """

    alarm_id: UUID
    satuan_path: str
    is_closed: bool
    reporter_account_id: UUID | None
    personil_id: UUID | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture and whose it is."""

    content: bytes
    whose: Whose


async def standing(
    session: ReadSession, alarm_id: UUID, picture_id: UUID, personil_id: UUID | None
) -> Standing | None:
    """What a new picture meets, by the alarm's own id or one that joined it."""
    row = await session.sql.fetchrow(_STANDING, alarm_id, picture_id, personil_id)
    if row is None:
        return None
    kept = None
    if row["kept_under"] is not None:
        kept = Kept(row["kept_under"], row["received_at"], row["size_bytes"])
    closed = row["closed_at"] is not None
    return Standing(
        row["alarm_id"], row["reporter_account_id"], closed, row["pictures"], row["on_it"], kept
    )


async def insert(session: Session, picture: NewPicture) -> bool:
    """False when it is there already."""
    values = (picture.id, picture.alarm_id, picture.received_at, len(picture.content),
              picture.sha256, picture.content, picture.personil_id)  # fmt: skip
    return await session.sql.fetchval(_INSERT, *values) is not None


async def content(session: ReadSession, alarm_id: UUID, picture_id: UUID) -> Shown | None:
    """One picture; None when the alarm has no such one."""
    row = await session.sql.fetchrow(_CONTENT, alarm_id, picture_id)
    if row is None:
        return None
    closed = row["closed_at"] is not None
    whose = Whose(
        row["alarm_id"],
        row["satuan_path"],
        closed,
        row["reporter_account_id"],
        row["personil_id"],
    )
    return Shown(row["content"], whose)
