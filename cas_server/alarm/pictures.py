"""Pictures that the reporter or a responder adds to an open alarm, and who may look at them."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cas_server.alarm import picture_queries, queries
from cas_server.alarm.calling import hold, record, responders
from cas_server.alarm.picture_queries import Kept, NewPicture, Standing, Whose
from cas_server.alarm.views import PictureReceipt
from cas_server.db.session import Database, ReadSession
from cas_server.errors import Conflict, NotFound
from cas_server.identity.roles import Role
from cas_server.identity.subject import Subject
from cas_server.kit.clock import utc_now
from cas_server.pictures.darkroom import Darkroom

MOST_PER_ALARM = 10


class AlarmClosed(Conflict):
    code: ClassVar[str] = "alarm_closed"

    def __init__(self) -> None:
        super().__init__("this alarm is closed and takes nothing more; press again if need be")


class TooManyPictures(Conflict):
    code: ClassVar[str] = "too_many_pictures"

    def __init__(self) -> None:
        super().__init__(f"you have sent {MOST_PER_ALARM} pictures, which is the limit of an alarm")

    def facts(self) -> dict[str, str]:
        return {"most": str(MOST_PER_ALARM)}


class PictureIdInUse(Conflict):
    code: ClassVar[str] = "id_in_use"

    def __init__(self, picture_id: UUID) -> None:
        super().__init__(f"another picture has the id {picture_id}; make a new one")


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture or sound for an alarm; its bytes are read when there is a place for them.

    `personil_id`: it is sent as a responder, not as whoever pressed.
    """

    subject: Subject
    alarm_id: UUID
    content_id: UUID
    read: Callable[[], Awaitable[bytes]]
    personil_id: UUID | None = None


async def add(
    database: Database, darkroom: Darkroom, upload: Upload
) -> tuple[PictureReceipt, bool]:
    """Keep a picture; the receipt, and whether it is new.

    No connection is held while it comes in and is developed: presses need them.
    """
    async with database.glance() as session:
        kept = await _fitting(session, upload)
    if kept is not None:
        return _receipt(upload, kept), False
    sender = str(upload.subject.account_id)
    async with darkroom.place(sender):
        made = await darkroom.develop(await upload.read(), sender)
    return await _store(database, upload, made, utc_now())


async def _fitting(session: ReadSession, upload: Upload) -> Kept | None:
    """None when the alarm takes the picture; the kept one when it has it already."""
    met = await picture_queries.standing(
        session, upload.alarm_id, upload.content_id, upload.personil_id
    )
    if met is None or not _may_add(upload, met):
        raise NotFound("alarm", upload.alarm_id)
    if met.kept is not None:
        if met.kept.alarm_id != met.alarm_id:
            raise PictureIdInUse(upload.content_id)
        return met.kept
    if met.is_closed:
        raise AlarmClosed
    if met.pictures >= MOST_PER_ALARM:
        raise TooManyPictures
    return None


def _may_add(upload: Upload, met: Standing) -> bool:
    if upload.personil_id is not None:
        return met.on_it
    return met.reporter_account_id == upload.subject.account_id


async def _store(
    database: Database, upload: Upload, made: bytes, now: datetime
) -> tuple[PictureReceipt, bool]:
    async with database.transaction() as session:
        alarm = await hold(session, upload.alarm_id)
        kept = await _fitting(session, upload)  # meanwhile it may have been closed, or be there
        if kept is not None:
            return _receipt(upload, kept), False
        sha256 = hashlib.sha256(made)
        picture = NewPicture(
            upload.content_id, alarm.id, now, sha256.digest(), made, upload.personil_id
        )
        if not await picture_queries.insert(session, picture):
            raise PictureIdInUse(upload.content_id)
        await queries.change(session, alarm)
        kind = "picture.added" if upload.personil_id is None else "report.picture_added"
        await record(session, alarm, now, kind, upload.subject.account_id,
                     picture_id=str(picture.id), size_bytes=len(made),
                     sha256=sha256.hexdigest())  # fmt: skip
    return _receipt(upload, Kept(alarm.id, now, len(made))), True


def _receipt(upload: Upload, kept: Kept) -> PictureReceipt:
    return PictureReceipt(
        id=upload.content_id,
        alarm_id=kept.alarm_id,
        received_at=kept.received_at,
        size_bytes=kept.size_bytes,
    )


async def show(session: ReadSession, subject: Subject, alarm_id: UUID, picture_id: UUID) -> bytes:
    """One picture, for whom it is meant to help."""
    shown = await picture_queries.content(session, alarm_id, picture_id)
    if shown is None or not await may_see(session, subject, shown.whose):
        raise NotFound("picture", picture_id)
    return shown.content


async def may_see(session: ReadSession, subject: Subject, whose: Whose) -> bool:
    """The desk of the subtree, officers while they are on the alarm, and whoever sent it."""
    if whose.personil_id is None and whose.reporter_account_id == subject.account_id:
        return True
    if subject.role is Role.PERSONIL:
        on_it = {one.personil_id for one in await responders(session, whose.alarm_id) if one.active}
        return subject.personil_id in on_it and not whose.is_closed
    if subject.role in (Role.OPERATOR, Role.PIMPINAN):
        return whose.satuan_path.startswith(subject.satuan_path)
    return False
