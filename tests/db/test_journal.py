"""A reader of the journal misses nothing and hears nothing twice, however late a commit is."""

from contextlib import AsyncExitStack

from cas_server.db.session import Database, Session
from cas_server.journal import queries
from cas_server.journal.queries import Event
from cas_server.journal.reader import Reader
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id


async def write(database: Database, *kinds: str) -> None:
    async with database.transaction() as session:
        await queries.append_all(session, utc_now(), [Event(kind) for kind in kinds])


async def kinds(reader: Reader) -> list[str]:
    return [entry.kind for entry in await reader.new()]


async def test_a_slow_transaction_that_commits_late_is_not_missed(database: Database) -> None:
    reader = Reader(database)
    await reader.start()
    async with AsyncExitStack() as slow:
        session = await slow.enter_async_context(database.transaction())
        await queries.append(session, utc_now(), Event("slow.written"))
        await write(database, "fast.written")
        at_once = await kinds(reader)
        again = await kinds(reader)

    assert at_once == ["fast.written"]
    assert again == []
    assert await kinds(reader) == ["slow.written"]
    assert await kinds(reader) == []


async def test_a_cursor_by_id_would_have_missed_it(database: Database) -> None:
    """Shows that the danger is real: the late row stands below the id that was seen last."""
    by_id = "SELECT id, kind FROM journal WHERE id > $1 ORDER BY id"
    async with AsyncExitStack() as slow:
        session = await slow.enter_async_context(database.transaction())
        await queries.append(session, utc_now(), Event("slow.written"))
        await write(database, "fast.written")
        async with database.reading() as looking:
            seen = await looking.sql.fetch(by_id, 0)

    async with database.reading() as looking:
        later = await looking.sql.fetch(by_id, seen[-1]["id"])
    assert [row["kind"] for row in seen] == ["fast.written"]
    assert later == []


async def test_many_slow_writers_that_end_in_any_order_are_each_heard_once(
    database: Database,
) -> None:
    reader = Reader(database)
    await reader.start()
    heard: list[str] = []
    async with AsyncExitStack() as first, AsyncExitStack() as second, AsyncExitStack() as third:
        for number, stack in enumerate((first, second, third)):
            session = await stack.enter_async_context(database.transaction())
            await queries.append(session, utc_now(), Event(f"slow.{number}"))
        for number, stack in enumerate((second, first, third)):
            await write(database, f"fast.{number}")
            heard += await kinds(reader)
            await stack.aclose()
            heard += await kinds(reader)

    heard += await kinds(reader)
    assert sorted(heard) == ["fast.0", "fast.1", "fast.2", "slow.0", "slow.1", "slow.2"]
    assert heard.index("slow.1") < heard.index("slow.0") < heard.index("slow.2")


async def test_a_transaction_that_is_rolled_back_is_never_heard(database: Database) -> None:
    reader = Reader(database)
    await reader.start()
    async with database.transaction() as session:
        await queries.append(session, utc_now(), Event("never.happened"))
        session.discard()
    await write(database, "did.happen")

    assert await kinds(reader) == ["did.happen"]


async def test_a_reader_that_just_started_wants_nothing_of_the_past(database: Database) -> None:
    await write(database, "long.ago")
    reader = Reader(database)
    await reader.start()

    await write(database, "just.now")

    assert await kinds(reader) == ["just.now"]


async def test_what_was_read_is_forgotten_once_it_is_final(database: Database) -> None:
    """The memory of a reader is what is still uncertain, not all it ever read."""
    reader = Reader(database)
    await reader.start()
    for _ in range(5):
        await write(database, *["a.b"] * 20)
        await reader.new()

    assert len(reader._read) <= 20  # the newest transaction's own, at most


async def test_an_alarms_story_is_told_in_the_order_it_was_written(database: Database) -> None:
    alarm_id = new_id()
    async with database.transaction() as session:
        for kind in ("alarm.raised", "ring.called", "offer.made"):
            await queries.append(session, utc_now(), Event(kind, alarm_id))

    async with database.reading() as looking:
        told = [entry.kind for entry in await queries.of_alarm(looking, alarm_id)]

    assert told == ["alarm.raised", "ring.called", "offer.made"]


async def test_what_is_new_is_found_by_the_index_however_long_the_journal_has_become(
    session: Session,
) -> None:
    """The plan is made once for all marks: it must not suppose that a third of all is new."""
    await session.sql.execute("""
        INSERT INTO journal (transaction_id, at, kind, payload)
        SELECT n::text::xid8, now(), 'past.written', '{}' FROM generate_series(1, 30000) n;
        ANALYZE journal
    """)
    await session.sql.execute(f"PREPARE reading (text) AS {queries._SINCE}")

    plan = await session.sql.fetch("EXPLAIN EXECUTE reading ('29990')")

    await session.sql.execute("DEALLOCATE reading")
    told = "\n".join(row[0] for row in plan)
    assert "Index Scan using ix_journal_transaction_id_id" in told
    assert "Seq Scan" not in told
