"""Going on duty and off, and being bound to an alarm."""

from uuid import UUID

import pytest
import pytest_asyncio

from cas_server.db.session import Session
from cas_server.errors import NotFound
from cas_server.kit.ids import new_id
from cas_server.presence import positions, queries, service
from cas_server.presence.track import NEW, judge
from cas_server.presence.views import Availability, DutyView
from tests.presence.stage import NOON, Regency, Report, after, make_personil, make_regency


@pytest_asyncio.fixture
async def regency(session: Session) -> Regency:
    return await make_regency(session)


@pytest_asyncio.fixture
async def budi(session: Session, regency: Regency) -> UUID:
    return await make_personil(session, regency.kota)


async def begin(session: Session, personil_id: UUID) -> DutyView:
    return await service.begin_duty(session, personil_id, Availability.AVAILABLE, NOON)


async def stand_somewhere(session: Session, personil_id: UUID) -> None:
    _, fix, _ = judge(NEW, Report(), NOON)
    assert await positions.enter(session.sql, {personil_id: fix}, NOON) == {personil_id}


async def journal_kinds(session: Session) -> list[str]:
    return [r["kind"] for r in await session.sql.fetch("SELECT kind FROM journal ORDER BY id")]


async def test_going_on_duty_says_since_when_and_is_written_down_once(
    session: Session, budi: UUID
) -> None:
    first = await begin(session, budi)
    again = await service.begin_duty(session, budi, Availability.AVAILABLE, after(60))

    assert first == again
    assert first.since == NOON
    [entry] = await session.sql.fetch(
        "SELECT kind, satuan_path, payload->>'personil_id' FROM journal"
    )
    assert tuple(entry) == ("duty.began", "BJN/KOTA/", str(budi))


async def test_a_break_is_seen_by_the_nearest_search(session: Session, budi: UUID) -> None:
    await begin(session, budi)
    await stand_somewhere(session, budi)

    duty = await service.begin_duty(session, budi, Availability.BREAK, after(5))

    assert duty.availability is Availability.BREAK
    assert await session.sql.fetchval("SELECT available FROM last_position") is False
    assert await journal_kinds(session) == ["duty.began", "duty.changed"]


async def test_an_unknown_personil_cannot_go_on_duty(session: Session) -> None:
    with pytest.raises(NotFound):
        await begin(session, new_id())


async def test_going_off_duty_leaves_no_position_behind(session: Session, budi: UUID) -> None:
    await begin(session, budi)
    await stand_somewhere(session, budi)

    view = await service.end_duty(session, budi, after(10))
    again = await service.end_duty(session, budi, after(20))

    assert view == again == queries.OFF_DUTY
    assert await session.sql.fetchval("SELECT count(*) FROM last_position") == 0
    assert await journal_kinds(session) == ["duty.began", "duty.ended"]


async def test_nobody_walks_away_from_an_alarm_unsaid(session: Session, budi: UUID) -> None:
    alarm_id = new_id()
    await begin(session, budi)
    await service.occupy(session, budi, alarm_id, after(1))

    with pytest.raises(service.StillOnAlarm) as refused:
        await service.end_duty(session, budi, after(2))
    with pytest.raises(service.StillOnAlarm):
        await service.begin_duty(session, budi, Availability.BREAK, after(2))

    assert refused.value.facts() == {"alarm_id": str(alarm_id)}


async def test_on_an_alarm_a_phone_that_says_available_again_stays_busy(
    session: Session, budi: UUID
) -> None:
    alarm_id = new_id()
    await begin(session, budi)
    await stand_somewhere(session, budi)
    assert await service.occupy(session, budi, alarm_id, after(1))

    duty = await begin(session, budi)

    assert duty.availability is Availability.BUSY
    assert duty.alarm_id == alarm_id
    assert await session.sql.fetchval("SELECT available FROM last_position") is False


async def test_release_makes_available_and_a_repeat_changes_nothing(
    session: Session, budi: UUID
) -> None:
    alarm_id = new_id()
    await begin(session, budi)
    await service.occupy(session, budi, alarm_id, after(1))

    assert await service.free(session, budi, alarm_id, after(2))
    assert not await service.free(session, budi, alarm_id, after(3))

    duty = await queries.duty_of(session, budi)
    assert duty is not None
    assert duty.availability is Availability.AVAILABLE
    assert duty.alarm_id is None


async def test_release_from_an_earlier_alarm_does_not_free_from_the_later_one(
    session: Session, budi: UUID
) -> None:
    earlier, later = new_id(), new_id()
    await begin(session, budi)
    await service.occupy(session, budi, earlier, after(1))
    await service.occupy(session, budi, later, after(2))

    assert not await service.free(session, budi, earlier, after(3))

    duty = await queries.duty_of(session, budi)
    assert duty is not None
    assert duty.alarm_id == later


async def test_whoever_is_off_duty_cannot_be_bound(session: Session, budi: UUID) -> None:
    assert not await service.occupy(session, budi, new_id(), NOON)
    with pytest.raises(NotFound):
        await service.must_be_on_duty(session, budi, "BJN/")


async def test_a_polsek_sees_its_own_and_the_polres_sees_all(
    session: Session, regency: Regency, budi: UUID
) -> None:
    siti = await make_personil(session, regency.dander, "Siti")
    await begin(session, budi)
    await begin(session, siti)
    await stand_somewhere(session, budi)

    everybody = await queries.on_duty(session, "BJN/")
    [own] = await queries.on_duty(session, "BJN/KOTA/")

    assert {p.personil_id for p in everybody} == {budi, siti}
    assert own.personil_id == budi
    assert own.satuan_name == "Polsek Kota"
    assert own.position is not None
    assert own.position.lat == pytest.approx(-7.1502)
    with pytest.raises(NotFound):
        await service.must_be_on_duty(session, siti, "BJN/KOTA/")


async def test_watchers_are_told_of_positions_and_availability_written_since(
    session: Session, budi: UUID
) -> None:
    await begin(session, budi)
    await stand_somewhere(session, budi)

    [first] = await queries.changed_since(session, after(-1), {})
    assert first.view().personil_id == budi
    assert await queries.changed_since(session, NOON, {}) == []
    assert await queries.changed_since(session, after(-1), {budi: first.changed_at}) == []

    await service.begin_duty(session, budi, Availability.BREAK, after(5))

    [changed] = await queries.changed_since(session, NOON, {budi: first.changed_at})
    assert changed.view().availability is Availability.BREAK
