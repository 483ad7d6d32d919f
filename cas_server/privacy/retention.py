"""Deletes by age, in small batches, and forgets people whose open alarm was closed."""

import asyncio
from datetime import datetime, timedelta

import structlog

from cas_server.db.session import DATABASE_FAULTS, Database, Session
from cas_server.journal import queries as journal
from cas_server.journal.lawful import TRACKS_REMOVED, moment
from cas_server.journal.queries import Event
from cas_server.kit.clock import Clock
from cas_server.kit.ending import end_if_told
from cas_server.privacy import queries, retention_queries, service
from cas_server.settings import Settings

BATCH = 500
PAUSE_S = 0.05
ERASURES_EVERY_S = 60.0
ROUND_EVERY = timedelta(hours=1)

log = structlog.get_logger()


def limits(settings: Settings, now: datetime) -> dict[str, datetime]:
    """Before which time each kind goes."""
    days = {
        "tracks": settings.keep_tracks_days,
        "alarms": settings.keep_alarms_days,
        "pushes": settings.keep_pushes_days,
        "notes": settings.keep_notes_days,
        "stretches": settings.keep_stretches_days,
        "codes": settings.keep_codes_days,
        "credentials": settings.keep_credentials_days,
        "attempts": settings.keep_attempts_days,
    }
    return {what: now - timedelta(days=number) for what, number in days.items()}


async def would_go(database: Database, settings: Settings, now: datetime) -> dict[str, int]:
    """How much a round would delete or empty now; changes nothing."""
    async with database.reading() as session:
        return {
            what: await retention_queries.count(session, what, before)
            for what, before in limits(settings, now).items()
        }


async def one_round(database: Database, settings: Settings, now: datetime) -> dict[str, int]:
    """Delete all that is due, batch by batch; how much of each kind went."""
    gone = {}
    for what, before in limits(settings, now).items():
        gone[what] = await _all_of(database, what, before, now)
    if any(gone.values()):
        log.info("retention.done", **gone)
        async with database.transaction() as session:
            await journal.append(session, now, Event("retention.done", payload=gone))
    return gone


async def _all_of(database: Database, what: str, before: datetime, now: datetime) -> int:
    total = 0
    while True:
        async with database.transaction() as session:
            if not await retention_queries.try_be_first(session):
                return total
            count = await _batch(session, what, before, now)
        total += count
        if count < BATCH:
            return total
        # Presses go first: a batch is short, and so is the way between two of them.
        await asyncio.sleep(PAUSE_S)


async def _batch(session: Session, what: str, before: datetime, now: datetime) -> int:
    if what == "alarms":
        forgotten = await queries.forget_alarms(session, before, BATCH, now)
        await service.tell_forgotten(session, forgotten, now)
        return len(forgotten)
    count = await retention_queries.delete(session, what, before, BATCH)
    if what == "tracks" and count:
        # With the first rows that go: an audit must know why a sealed record has lost some.
        await journal.append(
            session, now, Event(TRACKS_REMOVED, payload={"before": moment(before)})
        )
    return count


async def forget_who_waited(database: Database, now: datetime) -> int:
    """Do the erasures that waited for an alarm to be closed; how many."""
    async with database.glance() as looking:
        due = await queries.erasures_due(looking, BATCH)
    for account_id in due:
        async with database.transaction() as session:
            await queries.lock_presses(session, account_id)
            if await queries.has_open_alarm(session, account_id):
                continue
            await service.forget(session, account_id, now)
    return len(due)


class RetentionLoop:
    """Erasures each minute, ages each hour; any number of processes may run one."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    async def run(self) -> None:
        """For ever; a fault is told and tried again."""
        due = self._clock()
        while True:
            # First a rest: what starts now has more urgent things to do.
            await asyncio.sleep(ERASURES_EVERY_S)
            now = self._clock()
            try:
                await forget_who_waited(self._database, now)
                if now >= due:
                    await one_round(self._database, self._settings, now)
                    due = now + ROUND_EVERY
            except DATABASE_FAULTS as error:
                end_if_told()
                log.warning("retention.failed", error=type(error).__name__)
