"""The worker's sign of life, for those who would not notice its end until an alarm waits."""

import asyncio

import structlog

from cas_server.db.session import DATABASE_FAULTS, Database
from cas_server.kit.clock import Clock
from cas_server.kit.ending import end_if_told
from cas_server.metrics import queries

BEAT_EVERY_S = 5.0


class BeatLoop:
    """Any number of workers may beat; one that does is enough."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self) -> None:
        while True:
            try:
                async with self._database.transaction() as session:
                    await queries.beat(session, queries.WORKER, self._clock())
            except DATABASE_FAULTS as fault:
                end_if_told()
                structlog.get_logger().warning("beat.waiting", error=type(fault).__name__)
            await asyncio.sleep(BEAT_EVERY_S)
