"""Short sounds that whoever pressed adds to the own open alarm; heard by whom pictures are for."""

import hashlib
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cas_server.alarm import queries, sound_queries
from cas_server.alarm.calling import hold, record
from cas_server.alarm.pictures import AlarmClosed, Upload, may_see
from cas_server.alarm.sound_queries import Kept, NewSound, Shown
from cas_server.alarm.views import SoundReceipt
from cas_server.db.session import Database, ReadSession
from cas_server.errors import Conflict, NotFound
from cas_server.identity.subject import Subject
from cas_server.kit.clock import utc_now
from cas_server.pictures.darkroom import Darkroom
from cas_server.pictures.sound import Sound, heard

MOST_PER_ALARM = 5


class TooManySounds(Conflict):
    code: ClassVar[str] = "too_many_sounds"

    def __init__(self) -> None:
        super().__init__(f"this alarm has {MOST_PER_ALARM} recordings, which is the limit")

    def facts(self) -> dict[str, str]:
        return {"most": str(MOST_PER_ALARM)}


class SoundIdInUse(Conflict):
    code: ClassVar[str] = "id_in_use"

    def __init__(self, sound_id: UUID) -> None:
        super().__init__(f"another recording has the id {sound_id}; make a new one")


async def add(database: Database, darkroom: Darkroom, upload: Upload) -> tuple[SoundReceipt, bool]:
    """Keep a recording; the receipt, and whether it is new.

    It waits for the same few places as pictures do: as many bodies are in memory, and no more.
    """
    async with database.glance() as session:
        kept = await _fitting(session, upload)
    if kept is not None:
        return _receipt(upload, kept), False
    async with darkroom.place(str(upload.subject.account_id)):
        content = await upload.read()
        sound = heard(content)
        return await _store(database, upload, (sound, content), utc_now())


async def _fitting(session: ReadSession, upload: Upload) -> Kept | None:
    """None when the alarm takes the recording; the kept one when it has it already."""
    met = await sound_queries.standing(session, upload.alarm_id, upload.content_id)
    if met is None or met.reporter_account_id != upload.subject.account_id:
        raise NotFound("alarm", upload.alarm_id)
    if met.kept is not None:
        if met.kept.alarm_id != met.alarm_id:
            raise SoundIdInUse(upload.content_id)
        return met.kept
    if met.is_closed:
        raise AlarmClosed
    if met.sounds >= MOST_PER_ALARM:
        raise TooManySounds
    return None


async def _store(
    database: Database, upload: Upload, made: tuple[Sound, bytes], now: datetime
) -> tuple[SoundReceipt, bool]:
    sound, content = made
    async with database.transaction() as session:
        alarm = await hold(session, upload.alarm_id)
        kept = await _fitting(session, upload)  # meanwhile it may have been closed, or be there
        if kept is not None:
            return _receipt(upload, kept), False
        sha256 = hashlib.sha256(content)
        row = NewSound(upload.content_id, alarm.id, now, sha256.digest(), sound, content)
        if not await sound_queries.insert(session, row):
            raise SoundIdInUse(upload.content_id)
        await queries.change(session, alarm)
        await record(session, alarm, now, "sound.added", upload.subject.account_id,
                     sound_id=str(row.id), size_bytes=len(content), length_ms=sound.length_ms,
                     sha256=sha256.hexdigest())  # fmt: skip
    return _receipt(upload, Kept(alarm.id, now, len(content), sound.length_ms)), True


def _receipt(upload: Upload, kept: Kept) -> SoundReceipt:
    return SoundReceipt(
        id=upload.content_id,
        alarm_id=kept.alarm_id,
        received_at=kept.received_at,
        size_bytes=kept.size_bytes,
        length_ms=kept.length_ms,
    )


async def hear(session: ReadSession, subject: Subject, alarm_id: UUID, sound_id: UUID) -> Shown:
    """One recording, for whom it is meant to help."""
    shown = await sound_queries.content(session, alarm_id, sound_id)
    if shown is None or not await may_see(session, subject, shown.whose):
        raise NotFound("sound", sound_id)
    return shown
