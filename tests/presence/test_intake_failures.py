"""What a failure costs the fixes that wait: delay, and nothing else."""

import asyncio

import asyncpg
import pytest
import structlog

from cas_server.db.bell import Bell
from cas_server.db.pool import create_pool
from cas_server.db.session import Database
from cas_server.errors import Unavailable
from cas_server.kit.ids import new_id
from cas_server.presence import intake
from cas_server.presence.intake import Intake
from cas_server.presence.track import Verdict
from tests.presence.intake_stage import Stage, holding
from tests.presence.stage import (
    Report,
    after,
    until,
)


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
