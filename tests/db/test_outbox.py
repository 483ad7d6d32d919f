"""Promised work is done at least once, by one worker at a time, and a late one changes nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from cas_server.db.bell import Bell
from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from cas_server.outbox import loop, queries
from cas_server.outbox.loop import LEASE, Handler, OutboxLoop
from cas_server.outbox.queries import Job
from cas_server.outbox.retry import Again, Done, GiveUp, Outcome

NOW = utc_now()


async def promise(database: Database, count: int, kind: str = "call") -> None:
    async with database.transaction() as session:
        for number in range(count):
            await queries.add(session, NOW, kind, {"number": number})


async def left(database: Database) -> int:
    async with database.reading() as session:
        count: int = await session.sql.fetchval("SELECT count(*) FROM outbox")
    return count


async def test_two_workers_that_claim_at_once_never_get_the_same_job(database: Database) -> None:
    await promise(database, 6)

    async with database.transaction() as one, database.transaction() as other:
        first = await queries.claim(one.sql, NOW, LEASE, 4)
        second = await queries.claim(other.sql, NOW, LEASE, 4)

    assert len(first) == 4
    assert len(second) == 2
    assert not {job.id for job in first} & {job.id for job in second}


async def test_a_claimed_job_is_nobody_elses_until_its_lease_ends(database: Database) -> None:
    await promise(database, 1)
    async with database.transaction() as session:
        [job] = await queries.claim(session.sql, NOW, LEASE, 10)

    async with database.transaction() as session:
        early = await queries.claim(session.sql, NOW + LEASE - timedelta(seconds=1), LEASE, 10)
    async with database.transaction() as session:
        [again] = await queries.claim(session.sql, NOW + LEASE, LEASE, 10)

    assert early == []
    assert (again.id, again.attempts) == (job.id, 2)


async def test_a_worker_that_lost_its_lease_can_no_longer_settle(database: Database) -> None:
    await promise(database, 1)
    async with database.transaction() as session:
        [lost] = await queries.claim(session.sql, NOW, LEASE, 10)
    async with database.transaction() as session:
        [held] = await queries.claim(session.sql, NOW + LEASE, LEASE, 10)

    async with database.transaction() as session:
        await queries.finish(session.sql, lost)
        await queries.postpone(session.sql, lost, NOW)
    async with database.transaction() as session:
        stolen = await queries.claim(session.sql, NOW + LEASE, LEASE, 10)

    assert stolen == []
    assert await left(database) == 1
    async with database.transaction() as session:
        await queries.finish(session.sql, held)
    assert await left(database) == 0


async def test_a_renewed_lease_lasts_longer_and_one_that_is_lost_is_not_renewed(
    database: Database,
) -> None:
    await promise(database, 2)
    async with database.transaction() as session:
        mine, lost = await queries.claim(session.sql, NOW, LEASE, 10)
        await session.sql.execute("UPDATE outbox SET lease = lease + 1 WHERE id = $1", lost.id)

    async with database.transaction() as session:
        await queries.renew(session.sql, [mine, lost], NOW + 2 * LEASE)
    async with database.transaction() as session:
        due = await queries.claim(session.sql, NOW + LEASE, LEASE, 10)
        later = await queries.claim(session.sql, NOW + 2 * LEASE, LEASE, 10)

    assert [job.id for job in due] == [lost.id]
    assert mine.id in [job.id for job in later]


async def test_a_job_that_takes_longer_than_a_lease_stays_with_its_worker(
    database: Database, bell: Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "LEASE", timedelta(seconds=0.4))
    monkeypatch.setattr(loop, "RENEW_EVERY_S", 0.05)
    began: list[int] = []
    other_looked = asyncio.Event()

    async def slow(job: Job) -> Outcome:
        began.append(job.attempts)
        await other_looked.wait()
        return Done()

    async with working(database, bell, call=slow), working(database, bell, call=slow):
        await promise(database, 1)
        ear = bell.ear()
        while not began:
            await ear.wait(0.1)
        await bell.ear().wait(1.2)  # nobody rings: three leases go by
        other_looked.set()
        while await left(database):
            await ear.wait(0.1)

    assert began == [1]


async def test_work_promised_by_a_transaction_that_failed_is_not_there(database: Database) -> None:
    async with database.transaction() as session:
        await queries.add(session, NOW, "call", {})
        session.discard()

    assert await left(database) == 0


@asynccontextmanager
async def working(database: Database, bell: Bell, **handlers: Handler) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(20):
        worker = tasks.create_task(OutboxLoop(database, bell, handlers, utc_now).run())
        yield
        worker.cancel()


async def test_a_job_that_fails_is_tried_again_and_then_done(
    database: Database, bell: Bell
) -> None:
    tries: list[int] = []
    done = asyncio.Event()

    async def second_time_lucky(job: Job) -> Outcome:
        tries.append(job.attempts)
        if job.attempts == 1:
            return Again("not yet")
        done.set()
        return Done()

    async with working(database, bell, call=second_time_lucky):
        await promise(database, 1)
        await done.wait()

    assert tries == [1, 2]


async def test_a_handler_that_raises_does_not_stop_the_others(
    database: Database, bell: Bell
) -> None:
    done = asyncio.Event()

    async def breaks(_: Job) -> Outcome:
        raise RuntimeError("a fault of ours")

    async def works(_: Job) -> Outcome:
        done.set()
        return Done()

    async with working(database, bell, broken=breaks, call=works):
        await promise(database, 1, "broken")
        await promise(database, 1, "call")
        await done.wait()


async def test_what_is_given_up_is_written_into_the_journal(database: Database, bell: Bell) -> None:
    ear = bell.ear()

    async def hopeless(_: Job) -> Outcome:
        return GiveUp("the phone is gone")

    async def given_up() -> list[str]:
        async with database.reading() as session:
            rows = await session.sql.fetch(
                "SELECT payload->>'why' AS why FROM journal WHERE kind = 'outbox.gave_up'"
            )
        return [row["why"] for row in rows]

    async with working(database, bell, call=hopeless):
        await promise(database, 1)
        while not await given_up():
            await ear.wait(1.0)

    assert await given_up() == ["the phone is gone"]
    assert await left(database) == 0


async def test_a_job_nobody_handles_is_given_up_and_not_tried_for_ever(
    database: Database, bell: Bell
) -> None:
    ear = bell.ear()
    async with working(database, bell):
        await promise(database, 1, "unheard_of")
        while await left(database):
            await ear.wait(1.0)
