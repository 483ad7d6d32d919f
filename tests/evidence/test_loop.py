"""The worker's loop chains, signs and publishes by itself."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cas_server.db.bell import Bell
from cas_server.db.session import Database
from cas_server.evidence import published
from cas_server.evidence.chain import ChainLoop
from cas_server.kit.clock import utc_now
from cas_server.settings import Settings
from tests.evidence.stage import judged, write

WITHIN_S = 30.0


class TellingClock:
    """The real time; whoever waits is woken whenever the loop has looked at it."""

    def __init__(self) -> None:
        self._looked = asyncio.Event()

    def __call__(self) -> datetime:
        self._looked.set()
        return utc_now()

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(WITHIN_S):
            while not is_so():
                self._looked.clear()
                await self._looked.wait()


async def test_what_is_written_is_sealed_and_published_without_being_asked(
    database: Database, bell: Bell, tmp_path: Path, heads_file: Path
) -> None:
    settings = Settings(state_dir=tmp_path, evidence_head_every_s=0.1)
    clock = TellingClock()

    def sealed(size: int) -> bool:
        return heads_file.is_file() and published.read(heads_file)[-1].size >= size

    async with asyncio.TaskGroup() as tasks:
        loop = tasks.create_task(ChainLoop(database, bell, settings, clock).run())
        await write(database, 3)
        await clock.until(lambda: sealed(3))
        await write(database, 2)
        await clock.until(lambda: sealed(5))
        loop.cancel()

    verdict = await judged(database, heads_file)
    assert (verdict.is_sound, verdict.proven) == (True, 5)
