"""What is told to end ends, and leaves nothing locked behind it."""

import asyncio
import os
import signal

import asyncpg
import pytest

from cas_server.db.bell import Bell
from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from cas_server.outbox.loop import OutboxLoop

ENDS_WITHIN_S = 30.0
"""Far more than an end takes anywhere; a loop that goes on never gets there."""


async def backend_of(connection: asyncpg.Connection, what: str) -> int:
    """The server process whose newest statement is `what`, as soon as there is one."""
    for _ in range(600):
        found = await connection.fetch(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = 'cas' AND query LIKE $1",
            what,
        )
        if found:
            return int(found[0]["pid"])
        await connection.execute("SELECT pg_stat_clear_snapshot()")
        await asyncio.sleep(0.05)
    raise AssertionError(f"nobody runs {what}")


async def ends_when_told(task: asyncio.Task[None], pid: int) -> bool:
    """Whether a task ends that is cancelled while its server process answers nothing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        task.cancel()
        await asyncio.wait({task}, timeout=ENDS_WITHIN_S)
        return task.done()
    finally:
        os.kill(pid, signal.SIGCONT)
        task.cancel()


async def test_a_bell_whose_line_hangs_ends_when_told(dsn: str) -> None:
    other = await asyncpg.connect(dsn)
    bell = Bell(dsn)
    line = asyncio.create_task(bell.run())
    pid = await backend_of(other, "LISTEN%cas_bell%")
    ended = await ends_when_told(line, pid)
    await other.close()
    assert ended
    assert line.cancelled()


async def test_an_outbox_whose_statement_hangs_ends_when_told(
    database: Database, bell: Bell, dsn: str
) -> None:
    loop = OutboxLoop(database, bell, {}, utc_now)
    other = await asyncpg.connect(dsn)
    begun = other.transaction()
    await begun.start()
    await other.execute("LOCK outbox IN ACCESS EXCLUSIVE MODE")
    running = asyncio.create_task(loop.run())
    pid = await backend_of(other, "%FROM outbox%")
    ended = await ends_when_told(running, pid)
    await begun.rollback()
    await other.close()
    assert ended


@pytest.mark.parametrize("fault", ["cancelled", "argument"])
async def test_a_statement_that_was_parsed_and_never_run_holds_no_lock(
    database: Database, dsn: str, fault: str
) -> None:
    parsed = asyncio.Event()

    async def parse_and_stop() -> None:
        async with database.statement() as sql:
            statement = await sql.prepare("UPDATE outbox SET lease = $1")
            parsed.set()
            if fault == "argument":
                await statement.fetch("not a number")
            await asyncio.Event().wait()

    user = asyncio.create_task(parse_and_stop())
    await parsed.wait()
    if fault == "cancelled":
        user.cancel()
    (outcome,) = await asyncio.gather(user, return_exceptions=True)

    assert isinstance(outcome, asyncio.CancelledError | asyncpg.DataError)
    other = await asyncpg.connect(dsn)
    await other.execute("SET lock_timeout = '5s'")
    await other.execute("TRUNCATE outbox")
    await other.close()
