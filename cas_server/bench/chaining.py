"""The worker's chain alone, for measuring what it costs the presses beside it.

python -m cas_server.bench.chaining READY, where READY is a file made once all before is chained.
"""

import asyncio
import sys
from pathlib import Path

import uvloop

from cas_server.db.bell import Bell
from cas_server.db.pool import create_pool
from cas_server.db.session import Database
from cas_server.evidence.chain import Chain, ChainLoop
from cas_server.kit.clock import utc_now
from cas_server.settings import Settings


async def chain(ready: Path) -> None:
    """Chain what is there, say so, and follow the journal until this process is ended."""
    settings = Settings()
    assert settings.database_url is not None, "whoever starts this says which database"
    dsn = settings.database_url.get_secret_value()
    bell = Bell(dsn)
    database = Database(create_pool(dsn, 2), bell)
    await Chain(database, settings, utc_now).extend()
    await asyncio.to_thread(ready.touch)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(bell.run())
        tasks.create_task(ChainLoop(database, bell, settings, utc_now).run())


if __name__ == "__main__":
    uvloop.run(chain(Path(sys.argv[1])))
