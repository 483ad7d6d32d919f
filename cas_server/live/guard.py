"""A sign-in that ends takes its sockets with it: one look a second for all of a process."""

import asyncio
from datetime import datetime

import structlog

from cas_server.db.session import DATABASE_FAULTS, Database
from cas_server.identity import connected_queries
from cas_server.kit.clock import Clock
from cas_server.kit.ending import end_if_told
from cas_server.live.routes import Lives

LOOK_EVERY_S = 1.0

log = structlog.get_logger()


class Guard:
    """Reads the sign-ins themselves, so it does not matter which process ended them, or how."""

    def __init__(self, database: Database, lives: Lives, clock: Clock) -> None:
        self._database = database
        self._lives = lives
        self._clock = clock

    async def run(self) -> None:
        """Look for ever; while the database is away nobody is sent away."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.look(self._clock())
            except DATABASE_FAULTS as error:
                end_if_told()
                log.warning("guard.waiting", error=type(error).__name__)

    async def look(self, now: datetime) -> None:
        """Close what stands on an ended sign-in; whoever watches uses theirs."""
        lives = self._lives.by_sign_in()
        if not lives:
            return
        async with self._database.glance() as session:
            looked = await connected_queries.look(session, lives.keys(), now)
        for sign_in_id in looked.over:
            for life in lives[sign_in_id]:
                life.end()
        if looked.untouched:
            async with self._database.glance() as session:
                await connected_queries.touch(session, looked.untouched, now)
