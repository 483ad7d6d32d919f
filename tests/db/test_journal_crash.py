"""PostgreSQL crashes and gives numbers of transactions out once more: readers go on."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import suppress

import asyncpg
import pytest

from cas_server.db.bell import Bell
from cas_server.db.migrate import upgrade
from cas_server.db.pool import create_pool
from cas_server.db.session import Database
from cas_server.embedded import Cluster, temporary_cluster
from cas_server.errors import Unavailable
from cas_server.journal.reader import Reader
from tests.db.test_journal import kinds, write

DATABASE = "cas"
NUMBERS_WITHOUT_A_TRACE = 300
NEWEST = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    with temporary_cluster(print) as cluster:
        cluster.create_database(DATABASE)
        asyncio.run(upgrade(cluster.url(DATABASE)))
        yield cluster


async def give_up_transactions(dsn: str) -> int:
    """Take numbers and write nothing; the newest number there is."""
    sql = await asyncpg.connect(dsn)
    for _ in range(NUMBERS_WITHOUT_A_TRACE):
        await sql.execute("BEGIN; SELECT pg_current_xact_id(); ROLLBACK")
    newest: int = await sql.fetchval(NEWEST)
    await sql.close()
    return newest


def crash(cluster: Cluster) -> None:
    """All at once, so that what stands in memory only is gone; then it starts again."""
    postmaster = int((cluster.data / "postmaster.pid").read_text().split()[0])
    children = f"/proc/{postmaster}/task/{postmaster}/children"
    with open(children) as file:
        everybody = [postmaster, *map(int, file.read().split())]
    for pid in everybody:
        os.kill(pid, signal.SIGKILL)
    cluster.start(print)


@pytest.mark.parametrize("has_read", [True, False], ids=["reading", "just-started"])
async def test_what_is_written_after_a_crash_is_heard_by_who_read_before_it(
    own_cluster: Cluster, *, has_read: bool
) -> None:
    dsn = own_cluster.url(DATABASE)
    database = Database(create_pool(dsn, 2), Bell(dsn))
    reader = Reader(database)
    await write(database, "before.started")
    if has_read:
        await reader.start()
    walwriter = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'"
    os.kill(int(own_cluster.run_sql("postgres", walwriter)), signal.SIGSTOP)
    await write(database, "before.written")
    given_up = await give_up_transactions(dsn)
    if has_read:
        assert await kinds(reader) == ["before.written"]
    else:
        await reader.start()

    await asyncio.to_thread(crash, own_cluster)
    newest = int(own_cluster.run_sql(DATABASE, NEWEST))
    with suppress(Unavailable):  # the connections of before
        await kinds(reader)
    await write(database, "after.written")

    assert newest < given_up, "the crash has not taken the numbers back, so this shows nothing"
    assert await kinds(reader) == ["after.written"]
    await database.close()
