"""What whoever pressed adds: where it is, what it is, and when somebody will be there."""

from uuid import UUID

import pytest

from cas_server.alarm import reporter
from cas_server.alarm.intake import TimedPosition
from cas_server.alarm.reporter import AlarmOver, Told
from cas_server.alarm.views import AlarmKind
from cas_server.dispatch.views import ResponderState
from cas_server.kit.geo import Position, distance_m
from tests.db.story import Story
from tests.factories import Person, make_instansi, make_masyarakat, make_personil


async def told_where(story: Story, who: Person, alarm_id: UUID, at: Position) -> None:
    fix = TimedPosition(at, story.now)
    await reporter.locate(story.session, who.subject, alarm_id, [fix], story.now)


async def raised_from_memory(story: Story, who: Person) -> UUID:
    """An alarm at the place pressed from an hour ago."""
    await story.cancel(who, await story.raised(who, story.regency.centre))
    await story.pass_s(3_600)
    return await story.raised(who)


async def off_by_m(story: Story, alarm_id: UUID, there: Position) -> float:
    place = (await story.view(alarm_id)).where.place
    assert place is not None
    return distance_m(place.position(), there)


async def test_a_remembered_place_that_was_wrong_calls_those_near_the_right_one(
    story: Story,
) -> None:
    warga = await make_masyarakat(story.session)
    there = story.regency.at(6_000)
    await make_personil(story.session, story.regency.kota, story.regency.at(300))
    near = await make_personil(story.session, story.regency.kota, story.regency.at(6_200))
    alarm_id = await raised_from_memory(story, warga)
    assert near.holder_id not in await story.called(alarm_id, 1)

    await told_where(story, warga, alarm_id, there)

    assert near.holder_id in await story.called(alarm_id, 1)
    assert (await story.view(alarm_id)).where.source == "gps"
    assert await off_by_m(story, alarm_id, there) < 1


async def test_a_remembered_place_that_was_right_is_confirmed_and_calls_nobody_anew(
    story: Story,
) -> None:
    warga = await make_masyarakat(story.session)
    await make_personil(story.session, story.regency.kota, story.regency.at(300))
    alarm_id = await raised_from_memory(story, warga)
    before = (await story.view(alarm_id)).offers

    await told_where(story, warga, alarm_id, story.regency.at(100))

    alarm = await story.view(alarm_id)
    assert (alarm.where.source, alarm.offers) == ("gps", before)


async def test_without_a_position_a_pin_calls_those_near_it(story: Story) -> None:
    warga = await make_masyarakat(story.session)
    near = await make_personil(story.session, story.regency.kota, story.regency.at(300))
    alarm_id = await story.raised(warga)

    await reporter.pin(story.session, warga.subject, alarm_id, story.regency.centre, story.now)

    assert (await story.view(alarm_id)).where.source == "pin"
    assert near.holder_id in await story.called(alarm_id, 1)


@pytest.mark.parametrize(("accuracy_m", "moves"), [(900.0, False), (10.0, True)])
async def test_a_pin_is_believed_more_than_a_phone_that_is_not_sure(
    story: Story, accuracy_m: float, *, moves: bool
) -> None:
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga)
    await reporter.pin(story.session, warga.subject, alarm_id, story.regency.centre, story.now)

    await story.pass_s(5)
    there = story.regency.at(400)
    await told_where(story, warga, alarm_id, Position(there.lat, there.lon, accuracy_m))

    assert (await off_by_m(story, alarm_id, there) < 1) is moves
    assert (await story.view(alarm_id)).where.source == ("gps" if moves else "pin")


async def test_an_alarm_at_a_site_stays_there_whatever_the_phone_thinks(story: Story) -> None:
    bank, _ = await make_instansi(story.session, story.regency.centre)
    alarm_id = await story.raised(bank)

    await told_where(story, bank, alarm_id, story.regency.at(3_000))

    assert (await story.view(alarm_id)).where.source == "site"
    assert await off_by_m(story, alarm_id, story.regency.centre) < 1


async def test_what_is_said_later_is_added_and_said_twice_stands_once(story: Story) -> None:
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, story.regency.centre, note="ada maling")

    for told in (Told(AlarmKind.FIRE, "dua orang"), Told(None, "dua orang"), Told(None, "")):
        await reporter.describe(story.session, warga.subject, alarm_id, told, story.now)

    alarm = await story.view(alarm_id)
    assert (alarm.kind, alarm.note) == ("fire", "ada maling\ndua orang")


async def test_an_alarm_that_is_over_takes_no_more(story: Story) -> None:
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, story.regency.centre)
    await story.cancel(warga, alarm_id)

    with pytest.raises(AlarmOver):
        await reporter.pin(story.session, warga.subject, alarm_id, story.regency.at(9), story.now)


async def test_the_reporter_is_told_in_about_how_many_minutes_somebody_is_there(
    story: Story,
) -> None:
    warga = await make_masyarakat(story.session)
    officer = await make_personil(story.session, story.regency.kota, story.regency.at(1_000))
    alarm_id = await story.raised(warga, story.regency.centre)

    async def minutes() -> int | None:
        return (await reporter.arrival(story.session, warga.subject, alarm_id)).about_minutes

    assert await minutes() is None
    await story.accept(officer, alarm_id)
    # 1 km, by roads 1.4 km, at 500 m a minute.
    assert await minutes() == 3
    await story.step(officer, alarm_id, ResponderState.ON_SCENE)
    assert await minutes() is None
