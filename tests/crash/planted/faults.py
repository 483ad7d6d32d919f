"""Mistakes a server might have, each at work while a file names it."""

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from cas_server.alarm import admission, press, queries, sounds
from cas_server.alarm.intake import Press
from cas_server.alarm.pictures import Upload
from cas_server.alarm.press import Pressed
from cas_server.db.pool import Connection
from cas_server.db.session import Database, ReadSession, Session
from cas_server.dispatch import offers
from cas_server.identity import codes
from cas_server.identity.presser import Presser
from cas_server.identity.sms import SmsPort
from cas_server.instansi import telling
from cas_server.journal import queries as journal
from cas_server.kit.clock import Clock
from cas_server.outbox import queries as outbox
from cas_server.outbox.loop import Handler
from cas_server.outbox.queries import Job
from cas_server.outbox.retry import Done, Outcome
from cas_server.pictures.darkroom import Darkroom
from cas_server.push import handlers
from cas_server.push.message import Notice, PushMessage
from cas_server.push.port import Answer, Delivered, Device
from cas_server.push.web_push import Browsers
from tests.crash.pace import pause, until

NAMED_IN = "planted"
COMMITS_LATE_S = 1.5
COMMITS_AT_THE_LATEST_S = 4.0

_behind: set[asyncio.Task[None]] = set()


def _works(fault: str) -> bool:
    """True while the file in the faults' folder names it."""
    try:
        return (Path(os.environ["CAS_FAULTS"]) / NAMED_IN).read_text() == fault
    except FileNotFoundError:
        return False


def _answer_before_commit() -> None:
    """The receipt leaves while the transaction is still open."""
    honest = admission.Admission.press

    async def early(
        self: admission.Admission,
        database: Database,
        presser: Presser,
        alarm_id: UUID,
        wish: Press,
    ) -> Pressed:
        if not _works("answer_before_commit"):
            return await honest(self, database, presser, alarm_id, wish)
        answer: asyncio.Future[Pressed] = asyncio.get_running_loop().create_future()

        async def store() -> None:
            async with database.transaction() as session:
                now = self._clock()
                answer.set_result(await press.press(session, presser, alarm_id, wish, now))
                await pause(COMMITS_LATE_S)

        task = asyncio.create_task(store())
        _behind.add(task)
        task.add_done_callback(_behind.discard)
        return await answer

    admission.Admission.press = early  # type: ignore[method-assign]


def _journal_by_id() -> None:
    """The reader goes on behind the highest id it has seen, and misses what commits late.

    Its marks are ids below zero, so that they are not taken for transactions. The first press is
    slow: it commits when this process's reader has come past its entry.
    """
    honest, stored = journal.since, press.press
    newest_read, late = 0, False
    by_id = journal._SINCE.replace("transaction_id >= $1::text::xid8", "id > $1::text::bigint")
    assert by_id != journal._SINCE

    async def since(session: ReadSession, mark: int) -> tuple[list[journal.Entry], int]:
        if not _works("journal_by_id"):
            return await honest(session, max(mark, 0))
        nonlocal newest_read
        if mark >= 0:
            newest_read = await session.sql.fetchval("SELECT coalesce(max(id), 0) FROM journal")
            return (await honest(session, mark))[0], -newest_read
        entries = [journal._entry(row) for row in await session.sql.fetch(by_id, str(-mark))]
        newest_read = max([-mark, *(entry.id for entry in entries)])
        return entries, -newest_read

    async def slowly(session: Session, *rest: Any, **by_name: Any) -> Pressed:
        nonlocal late
        pressed = await stored(session, *rest, **by_name)
        if _works("journal_by_id") and not late:
            late = True
            own = await session.sql.fetchval(
                "SELECT currval(pg_get_serial_sequence('journal', 'id'))"
            )
            await until(lambda: newest_read > own, COMMITS_AT_THE_LATEST_S)
        return pressed

    journal.since = since
    press.press = slowly


def _expiry_without_fence() -> None:
    """What is due is ended, whether or not it was answered meanwhile."""
    honest = offers.expire
    unfenced = offers._EXPIRE.replace("AND state = 'open'", "AND state <> 'expired'")
    assert unfenced != offers._EXPIRE

    async def expire(session: Any, alarm_id: UUID, now: datetime) -> list[tuple[UUID, UUID]]:
        if not _works("expiry_without_fence"):
            return await honest(session, alarm_id, now)
        return [tuple(row) for row in await session.sql.fetch(unfenced, alarm_id, now)]

    offers.expire = expire


def _outbox_in_memory() -> None:
    """A job leaves the database when it is taken up, not when it is done."""
    honest = outbox.claim
    take = """
        DELETE FROM outbox WHERE id IN (
            SELECT id FROM outbox WHERE run_at <= $1 ORDER BY run_at LIMIT $2
            FOR UPDATE SKIP LOCKED)
        RETURNING id, kind, payload::text, 1 AS attempts, 1 AS lease, created_at
    """

    async def claim(sql: Connection, now: datetime, lease: timedelta, limit: int) -> list[Job]:
        if not _works("outbox_in_memory"):
            return await honest(sql, now, lease, limit)
        rows = await sql.fetch(take, now, limit)
        return [Job(**{**row, "payload": msgspec.json.decode(row["payload"])}) for row in rows]

    outbox.claim = claim


def _sent_is_received() -> None:
    """The push service's 200 is taken for a phone that has rung."""
    honest = handlers._Handlers._record

    async def believing(
        self: Any, device: Device, notice: Notice, outcome: str, detail: str
    ) -> None:
        await honest(self, device, notice, outcome, detail)
        if _works("sent_is_received") and outcome == "sent" and notice.offer_id is not None:
            async with self._database.transaction() as session:
                whose = "SELECT personil_id FROM offer WHERE id = $1"
                personil_id = await session.sql.fetchval(whose, notice.offer_id)
                await queries.receive(session, personil_id, notice.offer_id, self._clock())

    handlers._Handlers._record = believing  # type: ignore[method-assign]


def _only_said() -> None:
    """A recording is answered and dropped; text messages and browsers are done without asking."""
    keep, codes_of, wake = sounds.add, codes.handlers, Browsers.send
    contacts_of = telling.handlers

    async def add(database: Database, darkroom: Darkroom, upload: Upload) -> Any:
        said = await keep(database, darkroom, upload)
        if _works("only_said"):
            async with database.transaction() as session:
                drop = "DELETE FROM alarm_sound WHERE id = $1"
                await session.sql.execute(drop, upload.content_id)
        return said

    def jobs(database: Database, port: SmsPort, clock: Clock) -> dict[str, Handler]:
        honest = codes_of(database, port, clock)

        async def deliver(job: Job) -> Outcome:
            return Done() if _works("only_said") else await honest[codes.JOB](job)

        return {**honest, codes.JOB: deliver}

    def contact_jobs(database: Database, port: SmsPort) -> dict[str, Handler]:
        honest = contacts_of(database, port)

        async def deliver(job: Job) -> Outcome:
            return Done() if _works("only_said") else await honest[telling.JOB](job)

        return {telling.JOB: deliver}

    async def send(self: Browsers, message: PushMessage, device: Device) -> Answer:
        return Delivered("said") if _works("only_said") else await wake(self, message, device)

    sounds.add, codes.handlers, telling.handlers = add, jobs, contact_jobs
    Browsers.send = send  # type: ignore[method-assign]


PLANT: Sequence[Any] = (
    _answer_before_commit, _journal_by_id, _expiry_without_fence, _outbox_in_memory,
    _sent_is_received, _only_said,
)  # fmt: skip
