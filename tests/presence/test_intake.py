"""Fixes of many Personil, written together: what is kept, and what is not."""

import asyncio

from cas_server.kit.ids import new_id
from cas_server.presence.intake import Intake
from cas_server.presence.track import Verdict
from tests.presence.intake_stage import ANY_WAITING, Stage, holding
from tests.presence.stage import (
    NOON,
    Report,
    after,
    make_personil,
    until,
)


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
