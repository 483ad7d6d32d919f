"""Runs outbox and deadlines; holds the map from job kind to handler."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cas_server import handover
from cas_server.administration import mending
from cas_server.alarm.deadlines import DeadlineLoop
from cas_server.db.bell import Bell
from cas_server.db.pool import create_pool
from cas_server.db.session import Database
from cas_server.evidence.chain import ChainLoop
from cas_server.identity import codes, sms
from cas_server.instansi import drill_calls, telling
from cas_server.kit.clock import utc_now
from cas_server.metrics.beat import BeatLoop
from cas_server.outbox.loop import OutboxLoop
from cas_server.privacy.retention import RetentionLoop
from cas_server.push import handlers as push
from cas_server.push import ports
from cas_server.settings import Settings
from cas_server.vault.service import attach


@asynccontextmanager
async def working(settings: Settings, dsn: str) -> AsyncIterator[None]:
    """Work on one database while the block runs; any number of workers may share it."""
    bell = Bell(dsn)
    database = attach(Database(create_pool(dsn, settings.pool_size), bell), settings)
    texts = sms.open_port(settings)
    phones = ports.configured(settings)
    handlers = {
        **push.handlers(database, phones, utc_now),
        **codes.handlers(database, texts, utc_now),
        **telling.handlers(database, texts),
        **mending.handlers(database),
        **drill_calls.handlers(database, utc_now),
    }
    outbox = OutboxLoop(database, bell, handlers, utc_now)
    deadlines = DeadlineLoop(database, bell, utc_now)
    retention = RetentionLoop(database, settings, utc_now)
    chain = ChainLoop(database, bell, settings, utc_now)
    contacts = telling.TellingLoop(database, settings, utc_now)
    beat = BeatLoop(database, utc_now)
    try:
        async with asyncio.TaskGroup() as tasks:
            loops = [bell.run(), phones.run(), outbox.run(), deadlines.run(), chain.run(),
                     retention.run(), contacts.run(), beat.run()]  # fmt: skip
            running = [tasks.create_task(loop) for loop in loops]
            yield
            for task in running:
                task.cancel()
    finally:
        await phones.close()
        await texts.close()
        await database.close()


async def work(settings: Settings, dsn: str, stop: asyncio.Event) -> None:
    """Work until `stop` is set; a loop that dies takes the process with it, to be restarted."""
    async with working(settings, dsn):
        handover.tell_ready()
        await stop.wait()
