"""Fixes of many Personil, written together: what is kept, what is not, and what a failure costs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
import structlog

from cas_server.db.bell import Bell
from cas_server.db.pool import create_pool
from cas_server.db.session import Database
from cas_server.errors import Unavailable
from cas_server.kit.ids import new_id
from cas_server.presence import intake, service
from cas_server.presence.intake import Intake
from cas_server.presence.track import Verdict
from cas_server.presence.views import Availability
from tests.presence.stage import (
    NOON,
    Regency,
    Report,
    StoppedClock,
    after,
    make_personil,
    make_regency,
    until,
)

ANY_WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"


class Stage:
    """An intake over a real database, with a clock that stands."""

    def __init__(self, database: Database, regency: Regency) -> None:
        self.database = database
        self.regency = regency
        self.clock = StoppedClock()
        self.intake = Intake(database, self.clock)

    async def on_duty(self, name: str = "Budi") -> UUID:
        async with self.database.transaction() as session:
            personil_id = await make_personil(session, self.regency.kota, name)
            await service.begin_duty(session, personil_id, Availability.AVAILABLE, NOON)
        return personil_id

    async def occupy(self, personil_id: UUID, alarm_id: UUID) -> None:
        async with self.database.transaction() as session:
            await service.occupy(session, personil_id, alarm_id, self.clock())

    async def end(self, personil_id: UUID) -> None:
        async with self.database.transaction() as session:
            await service.end_duty(session, personil_id, self.clock())

    async def rows(self, statement: str) -> list[Any]:
        async with self.database.statement() as sql:
            return [tuple(row) for row in await sql.fetch(statement)]

    @asynccontextmanager
    async def without(self, table: str) -> AsyncIterator[None]:
        """While a table is missing, every statement that needs it fails."""
        await self.rows(f"ALTER TABLE {table} RENAME TO {table}_elsewhere")
        try:
            yield
        finally:
            await self.rows(f"ALTER TABLE {table}_elsewhere RENAME TO {table}")

    async def live(self) -> list[UUID]:
        return [row[0] for row in await self.rows("SELECT personil_id FROM last_position")]


@pytest_asyncio.fixture
async def stage(database: Database) -> Stage:
    async with database.transaction() as session:
        regency = await make_regency(session)
    return Stage(database, regency)


@asynccontextmanager
async def holding(dsn: str, statement: str, personil_id: UUID) -> AsyncIterator[asyncpg.Connection]:
    """Another connection, in the middle of a transaction that has run `statement`."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(statement, personil_id)
            yield connection
    finally:
        await connection.close()


async def test_the_first_fix_on_duty_makes_a_live_position_with_everything_it_says(
    stage: Stage,
) -> None:
    budi = await stage.on_duty()
    stage.clock.pass_s(1)

    assert stage.intake.offer(budi, Report(mock=True)) is Verdict.ACCEPTED
    await stage.intake.flush()

    [row] = await stage.rows(
        "SELECT personil_id, satuan_path, available, ST_Y(at), ST_X(indexed_at), accuracy_m,"
        " speed_mps, heading_deg, battery_percent, mock, fixed_at, changed_at FROM last_position"
    )
    assert row == (
        budi, "BJN/KOTA/", True, -7.1502, 111.8817, 10.0, 4.0, 90.0, 80, True, NOON, after(1),
    )  # fmt: skip
    assert await stage.rows("SELECT mock_fixes FROM duty") == [(1,)]


async def test_a_small_move_leaves_the_indexed_point_alone_and_a_large_one_takes_it_along(
    stage: Stage,
) -> None:
    budi = await stage.on_duty()
    start, together = Report(), "SELECT ST_Equals(at, indexed_at) FROM last_position"

    for seconds, north_m, still_together in ((0, 0, True), (5, 20, False), (10, 30, True)):
        stage.clock.now = after(seconds)
        stage.intake.offer(budi, start.moved(seconds, north_m))
        await stage.intake.flush()
        assert await stage.rows(together) == [(still_together,)]


async def test_of_many_fixes_in_one_tick_the_newest_wins(stage: Stage) -> None:
    budi = await stage.on_duty()
    stage.clock.pass_s(10)

    for seconds in (0, 3, 6):
        stage.intake.offer(budi, Report().moved(seconds))
    await stage.intake.flush()

    assert await stage.rows("SELECT fixed_at FROM last_position") == [(after(6),)]


async def test_a_fix_that_another_process_has_overtaken_does_not_move_anybody_back(
    stage: Stage,
) -> None:
    budi = await stage.on_duty()
    other_process = Intake(stage.database, stage.clock)
    stage.clock.pass_s(10)
    other_process.offer(budi, Report().moved(8))
    await other_process.flush()

    stage.intake.offer(budi, Report().moved(5))
    await stage.intake.flush()

    assert await stage.rows("SELECT fixed_at FROM last_position") == [(after(8),)]


async def test_after_a_crash_has_emptied_the_live_table_the_next_fix_refills_it(
    stage: Stage,
) -> None:
    budi = await stage.on_duty()
    stage.intake.offer(budi, Report())
    await stage.intake.flush()
    await stage.occupy(budi, new_id())
    await stage.rows("TRUNCATE last_position")

    stage.clock.pass_s(5)
    stage.intake.offer(budi, Report().moved(5))
    await stage.intake.flush()

    assert await stage.rows("SELECT personil_id, available FROM last_position") == [(budi, False)]


async def test_off_duty_no_position_is_stored_and_none_is_remembered(stage: Stage) -> None:
    async with stage.database.transaction() as session:
        budi = await make_personil(session, stage.regency.kota)

    stage.intake.offer(budi, Report())
    await stage.intake.flush()

    assert await stage.live() == []
    # Nothing of him is left to compare with: a fix from anywhere would be his first.
    assert stage.intake.offer(budi, Report(lat=6.0)) is Verdict.ACCEPTED


async def test_what_is_kept_out_is_counted(stage: Stage) -> None:
    budi = await stage.on_duty()

    verdicts = [
        stage.intake.offer(budi, report)
        for report in (
            Report().moved(-300),
            Report().moved(-400),
            Report().moved(60),
            Report(),
            Report(lat=-6.0).moved(5),
            Report(),
        )
    ]
    await stage.intake.flush()

    assert verdicts == ["old", "old", "future", "accepted", "impossible", "unordered"]
    counts = "SELECT old_fixes, future_fixes, impossible_fixes, mock_fixes FROM duty"
    assert await stage.rows(counts) == [(2, 1, 1, 0)]


async def test_history_is_kept_along_an_alarm_only_and_once(stage: Stage) -> None:
    budi, siti = await stage.on_duty(), await stage.on_duty("Siti")
    alarm_id = new_id()
    stage.clock.pass_s(10)
    await stage.occupy(budi, alarm_id)
    stage.clock.pass_s(400)
    batch = [Report().moved(seconds) for seconds in (405, 5, 15, 200, 400)]

    verdicts = await stage.intake.take(budi, batch)
    await stage.intake.take(budi, batch)
    await stage.intake.take(siti, batch)

    assert verdicts == ["accepted", "old", "old", "old", "accepted"]
    track = await stage.rows("SELECT alarm_id, personil_id, fixed_at FROM track ORDER BY fixed_at")
    assert track == [(alarm_id, budi, after(seconds)) for seconds in (15, 200, 400, 405)]


async def test_a_fix_on_its_way_does_not_bring_back_somebody_who_is_going_off_duty(
    stage: Stage, dsn: str
) -> None:
    budi = await stage.on_duty()
    stage.intake.offer(budi, Report())

    async with holding(dsn, "DELETE FROM duty WHERE personil_id = $1", budi):
        await stage.intake.flush()
        assert await stage.live() == []
    await stage.intake.flush()

    assert await stage.live() == []


async def test_going_off_duty_waits_for_a_fix_that_was_first_and_then_deletes_it(
    stage: Stage, dsn: str
) -> None:
    budi = await stage.on_duty()
    hold_as_a_tick_does = "SELECT FROM duty WHERE personil_id = $1 FOR SHARE"

    async with holding(dsn, hold_as_a_tick_does, budi) as tick:
        ending = asyncio.create_task(stage.end(budi))
        await until(lambda: tick.fetchval(ANY_WAITING))
        await tick.execute(
            "INSERT INTO last_position (personil_id, satuan_path, available, at, indexed_at,"
            " accuracy_m, fixed_at, changed_at) VALUES ($1, 'BJN/KOTA/', true,"
            " ST_SetSRID(ST_Point(111, -7), 4326), ST_SetSRID(ST_Point(111, -7), 4326), 1,"
            " now(), now())",
            budi,
        )
        assert not ending.done()
    await ending

    assert await stage.live() == []


async def test_fixes_and_going_off_duty_at_once_a_hundred_times_over_leave_nothing_behind(
    stage: Stage,
) -> None:
    crowd = [await stage.on_duty(f"Personil {number}") for number in range(20)]
    intakes = [Intake(stage.database, stage.clock) for _ in range(4)]

    async def report(process: Intake) -> None:
        for seconds in range(25):
            for personil_id in crowd:
                process.offer(personil_id, Report().moved(seconds))
            await process.flush()

    async with asyncio.TaskGroup() as tasks:
        for process in intakes:
            tasks.create_task(report(process))
        for personil_id in crowd:
            tasks.create_task(stage.end(personil_id))

    assert await stage.rows("SELECT personil_id FROM duty") == []
    assert await stage.live() == []


async def test_one_row_that_somebody_holds_delays_nobody_else(stage: Stage, dsn: str) -> None:
    budi, siti = await stage.on_duty(), await stage.on_duty("Siti")
    for personil_id in (budi, siti):
        await stage.intake.take(personil_id, [Report()])
    stage.clock.pass_s(5)

    async with holding(dsn, "UPDATE last_position SET mock = mock WHERE personil_id = $1", budi):
        for personil_id in (budi, siti):
            stage.intake.offer(personil_id, Report().moved(5))
        await stage.intake.flush()
        newest = "SELECT personil_id FROM last_position WHERE fixed_at > '2026-03-01 12:00Z'"
        assert await stage.rows(newest) == [(siti,)]
    await stage.intake.flush()

    assert len(await stage.rows(newest)) == 2


async def test_while_the_database_is_away_the_newest_are_kept_and_stored_when_it_is_back(
    stage: Stage, bell: Bell
) -> None:
    away = Database(create_pool("postgresql://cas@/nowhere?host=/nonexistent", 1), bell)
    budi = await stage.on_duty()
    alarm_id = new_id()
    await stage.occupy(budi, alarm_id)
    waiting = Intake(away, stage.clock)
    stage.clock.pass_s(10)

    for seconds in (1, 2):
        waiting.offer(budi, Report().moved(seconds))
        with pytest.raises(Unavailable):
            await waiting.flush()
    waiting._database = stage.database
    await waiting.flush()

    assert await stage.rows("SELECT fixed_at FROM last_position") == [(after(2),)]
    assert len(await stage.rows("SELECT FROM track")) == 2


async def test_running_it_writes_by_itself_and_only_when_there_is_something(stage: Stage) -> None:
    budi = await stage.on_duty()

    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(stage.intake.run())
        stage.intake.offer(budi, Report())
        await until(stage.live)
        running.cancel()


async def test_a_tick_that_fails_is_said_and_tried_again(stage: Stage) -> None:
    budi = await stage.on_duty()

    async def said() -> bool:
        await stage.rows("SELECT 1")
        return bool(lines)

    async with asyncio.TaskGroup() as tasks:
        async with stage.without("last_position"):
            with structlog.testing.capture_logs() as lines:
                running = tasks.create_task(stage.intake.run())
                stage.intake.offer(budi, Report())
                await until(said)
        await until(stage.live)
        running.cancel()

    assert lines[0]["event"] == "intake.tick_failed"
    assert lines[0]["waiting"] == 1


async def test_what_could_not_be_written_is_written_next_time_and_nothing_twice(
    stage: Stage,
) -> None:
    budi = await stage.on_duty()
    await stage.occupy(budi, new_id())
    stage.intake.offer(budi, Report(mock=True))

    for missing in ("last_position", "track"):
        async with stage.without(missing):
            with pytest.raises(asyncpg.UndefinedTableError):
                await stage.intake.flush()
    await stage.intake.flush()
    await stage.intake.flush()

    assert await stage.live() == [budi]
    assert await stage.rows("SELECT personil_id FROM track") == [(budi,)]
    assert await stage.rows("SELECT mock_fixes FROM duty") == [(1,)]


async def test_counts_survive_a_tick_that_could_not_write_them(stage: Stage) -> None:
    budi = await stage.on_duty()
    stage.intake.offer(budi, Report().moved(300))

    async with stage.without("duty"):
        with pytest.raises(asyncpg.UndefinedTableError):
            await stage.intake.flush()
    await stage.intake.flush()

    assert await stage.rows("SELECT future_fixes FROM duty") == [(1,)]


async def test_what_waits_for_a_database_that_is_away_has_an_end(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_HISTORY", 3)
    budi, siti = await stage.on_duty(), await stage.on_duty("Siti")
    await stage.occupy(budi, new_id())
    await stage.intake.take(budi, [Report()])
    stage.clock.pass_s(60)

    async with stage.without("last_position"):
        for seconds in range(1, 6):
            stage.intake.offer(budi, Report().moved(seconds))
            stage.intake.offer(siti, Report().moved(seconds))
        with pytest.raises(asyncpg.UndefinedTableError):
            await stage.intake.flush()
    await stage.intake.flush()

    kept = await stage.rows("SELECT personil_id, fixed_at FROM track ORDER BY fixed_at")
    assert kept == [(budi, after(seconds)) for seconds in (0, 3, 4, 5)]


async def test_a_batch_is_answered_only_when_the_row_that_somebody_held_is_written(
    stage: Stage, dsn: str
) -> None:
    budi = await stage.on_duty()
    await stage.intake.take(budi, [Report()])
    stage.clock.pass_s(5)

    hold = "UPDATE last_position SET mock = mock WHERE personil_id = $1"
    async with holding(dsn, hold, budi):
        taking = asyncio.create_task(stage.intake.take(budi, [Report().moved(5)]))
        # Those who write take turns: when the second is done, the batch has had its own.
        await stage.intake.flush()
        await stage.intake.flush()
        assert not taking.done()

    assert await taking == [Verdict.ACCEPTED]
    assert await stage.rows("SELECT fixed_at FROM last_position") == [(after(5),)]
