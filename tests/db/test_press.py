"""A press is taken whatever is wrong with it, and repeats of it are one alarm."""

from datetime import timedelta
from uuid import UUID

import pytest

from cas_server.alarm import reporter
from cas_server.alarm.intake import TimedPosition
from cas_server.alarm.press import IdInUse
from cas_server.dispatch.views import OfferState
from cas_server.kit.geo import Position, distance_m
from cas_server.kit.ids import new_id
from tests.db.story import Story
from tests.factories import make_instansi, make_masyarakat, make_personil


async def test_a_repeat_of_the_same_press_is_answered_with_the_same_words(story: Story) -> None:
    await make_personil(story.session, story.regency.kota, story.regency.at(300))
    warga, press_id = await make_masyarakat(story.session), new_id()

    said = await story.press(warga, story.regency.centre, press_id=press_id, note="tolong")
    await story.pass_s(45)
    again = await story.press(warga, story.regency.at(5_000), press_id=press_id, note="tolong")

    assert (said.created, again.created) == (True, False)
    assert again.receipt == said.receipt


async def test_an_id_that_somebody_else_pressed_is_not_taken_over(story: Story) -> None:
    one, other = [await make_masyarakat(story.session) for _ in range(2)]
    alarm_id = await story.raised(one, story.regency.centre)

    with pytest.raises(IdInUse):
        await story.press(other, story.regency.at(3_000), press_id=alarm_id)


@pytest.mark.parametrize(
    ("seconds", "north_m", "joins"),
    [(59, 0, True), (60, 0, False), (10, 190, True), (10, 210, False)],
)
async def test_repeats_within_a_minute_and_200_metres_join_the_open_alarm(
    story: Story, seconds: float, north_m: float, *, joins: bool
) -> None:
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, story.regency.centre)

    await story.pass_s(seconds)
    again = await story.press(warga, story.regency.at(north_m))

    assert again.receipt.joined is joins
    assert (again.receipt.alarm_id == alarm_id) is joins


@pytest.mark.parametrize(("north_m", "joins"), [(1_500, True), (2_600, False)])
async def test_a_phone_that_moves_stays_one_alarm_as_far_as_anybody_can_have_come(
    story: Story, north_m: float, *, joins: bool
) -> None:
    warga, key_id = await make_masyarakat(story.session), new_id()
    first = await story.press(warga, story.regency.centre, key_id=key_id)

    await story.pass_s(50)
    again = await story.press(warga, story.regency.at(north_m), key_id=key_id)

    assert again.receipt.joined is joins
    alarm = await story.view(again.receipt.alarm_id)
    assert (alarm.id == first.receipt.alarm_id) is joins
    assert alarm.where.place is not None
    assert distance_m(alarm.where.place.position(), story.regency.at(north_m)) < 1


@pytest.mark.parametrize("other_key", [True, False])
async def test_a_press_from_afar_that_another_phone_may_have_sent_is_an_alarm_of_its_own(
    story: Story, *, other_key: bool
) -> None:
    warga, key_id = await make_masyarakat(story.session), new_id()
    await story.press(warga, story.regency.centre, key_id=key_id)

    await story.pass_s(50)
    elsewhere = story.regency.at(1_500)
    again = await story.press(warga, elsewhere, key_id=new_id() if other_key else None)

    assert not again.receipt.joined


async def test_a_press_that_joined_moves_the_alarm_and_calls_nobody_anew(story: Story) -> None:
    await make_personil(story.session, story.regency.kota, story.regency.at(300))
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, story.regency.centre)
    before = await story.view(alarm_id)

    await story.pass_s(10)
    await story.press(warga, story.regency.at(150))

    alarm = await story.view(alarm_id)
    assert alarm.offers == before.offers
    assert alarm.version > before.version
    assert alarm.where.place is not None
    assert distance_m(alarm.where.place.position(), story.regency.at(150)) < 1


async def test_two_people_side_by_side_raise_two_alarms(story: Story) -> None:
    one, other = [await make_masyarakat(story.session) for _ in range(2)]

    raised = [await story.raised(who, story.regency.centre) for who in (one, other)]

    assert raised[0] != raised[1]


async def test_a_press_after_the_alarm_was_closed_is_a_new_alarm(story: Story) -> None:
    warga = await make_masyarakat(story.session)
    first = await story.raised(warga, story.regency.centre)
    await story.cancel(warga, first)

    assert await story.raised(warga, story.regency.centre) != first


async def test_the_id_of_a_press_that_joined_leads_to_the_alarm(story: Story) -> None:
    warga, second = await make_masyarakat(story.session), new_id()
    alarm_id = await story.raised(warga, story.regency.centre)
    await story.press(warga, story.regency.centre, press_id=second)

    assert (await reporter.show(story.session, warga.subject, second)).id == alarm_id


async def test_without_a_position_the_place_last_pressed_from_is_taken(story: Story) -> None:
    warga = await make_masyarakat(story.session)
    await story.cancel(warga, await story.raised(warga, story.regency.at(4_000)))
    await story.pass_s(3_600)

    alarm = await story.view(await story.raised(warga))

    assert alarm.where.source == "last_known"
    assert alarm.where.place is not None
    assert distance_m(alarm.where.place.position(), story.regency.at(4_000)) < 1


async def test_a_new_place_after_the_last_ring_asks_nobody_twice_and_the_desk_hears_of_it(
    story: Story,
) -> None:
    one = await make_personil(story.session, story.regency.kota, story.regency.at(3_700))
    warga = await make_masyarakat(story.session)
    await story.cancel(warga, await story.raised(warga, story.regency.at(4_000)))
    await story.pass_s(3_600)
    alarm_id = await story.raised(warga)
    await story.pass_s(25)
    assert await story.called(alarm_id, 3) == {one.holder_id}

    fixes = [TimedPosition(story.regency.centre, story.now)]
    await reporter.locate(story.session, warga.subject, alarm_id, fixes, story.now)

    still = await story.view(alarm_id)
    assert [line.ring for line in still.offers if line.state is OfferState.OPEN] == [3]
    assert "alarm.unanswered" not in await story.kinds(alarm_id), "somebody is being asked"
    await story.pass_s(30)
    kinds = await story.kinds(alarm_id)
    assert kinds.count("offer.made") == len(still.offers) == 2
    assert "alarm.unanswered" in kinds


async def test_a_last_known_place_of_yesterday_is_not_taken(story: Story) -> None:
    warga = await make_masyarakat(story.session)
    await story.cancel(warga, await story.raised(warga, story.regency.at(4_000)))
    await story.pass_s(13 * 3_600)

    alarm = await story.view(await story.raised(warga))

    assert (alarm.where.source, alarm.where.place) == ("none", None)


async def test_without_any_place_an_alarm_waits_for_one_and_then_calls(story: Story) -> None:
    regency = story.regency
    near = await make_personil(story.session, regency.dander, regency.at(-20_000))
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga)
    before = await story.view(alarm_id)

    fix = TimedPosition(regency.at(-21_000), story.now)
    await reporter.locate(story.session, warga.subject, alarm_id, [fix], story.now)

    alarm = await story.view(alarm_id)
    assert (before.offers, before.where.source) == ([], "none")
    assert before.ringing
    assert alarm.satuan_id == regency.dander.id
    assert await story.called(alarm_id, 1) == {near.holder_id}


async def test_an_officer_without_a_fix_of_the_phone_is_where_the_server_saw_them(
    story: Story,
) -> None:
    one = await make_personil(story.session, story.regency.kota, story.regency.at(2_500))

    alarm = await story.view(await story.raised(one))

    assert alarm.where.source == "last_known"
    assert alarm.where.place is not None
    assert distance_m(alarm.where.place.position(), story.regency.at(2_500)) < 1


async def test_an_instansi_without_a_position_is_at_its_site(story: Story) -> None:
    bank, site_id = await make_instansi(story.session, story.regency.at(700))

    alarm = await story.view(await story.raised(bank))

    assert alarm.where.source == "site"
    assert alarm.site is not None
    assert alarm.site.site_id == site_id


async def test_an_instansi_that_names_a_site_of_somebody_else_keeps_its_own_place(
    story: Story,
) -> None:
    bank, own = await make_instansi(story.session, story.regency.at(700))
    _, foreign = await make_instansi(story.session, story.regency.at(5_000))

    alarm = await story.view(await story.raised(bank, site_id=str(foreign)))

    assert alarm.site is None or alarm.site.site_id == own


async def test_the_newest_fix_of_a_batch_is_where_the_alarm_is(story: Story) -> None:
    warga, at = await make_masyarakat(story.session), story.regency.at
    alarm_id = await story.raised(warga, at())
    fixes = [
        TimedPosition(place, story.now + timedelta(seconds=seconds))
        for place, seconds in ((at(30), 3), (at(90), 9), (at(60), 6))
    ]

    kept = await reporter.locate(story.session, warga.subject, alarm_id, fixes, story.now)

    where = (await story.view(alarm_id)).where.place
    assert kept == 3
    assert where is not None
    assert distance_m(where.position(), at(90)) < 1


async def test_a_fix_that_arrives_late_does_not_move_the_alarm_back(story: Story) -> None:
    warga, at = await make_masyarakat(story.session), story.regency.at
    alarm_id = await story.raised(warga, at())
    for place, seconds in ((at(90), 9), (at(30), 3)):
        fix = TimedPosition(place, story.now + timedelta(seconds=seconds))
        await reporter.locate(story.session, warga.subject, alarm_id, [fix], story.now)

    where = (await story.view(alarm_id)).where.place

    assert where is not None
    assert distance_m(where.position(), at(90)) < 1


async def test_a_finer_wilayah_names_the_place(story: Story) -> None:
    from tests.factories import make_wilayah

    code = await make_wilayah(story.session, story.regency.kota, story.regency.centre, kind="desa")
    warga = await make_masyarakat(story.session)

    alarm = await story.view(await story.raised(warga, story.regency.centre))

    assert alarm.where.wilayah_code == code
    assert alarm.where.wilayah_name == "Kota, Kota"


async def test_a_rough_position_is_taken_as_it_is(story: Story) -> None:
    warga = await make_masyarakat(story.session)
    rough = Position(story.regency.centre.lat, story.regency.centre.lon, 5_000)

    alarm = await story.view(await story.raised(warga, rough))

    assert alarm.where.place is not None
    assert alarm.where.place.accuracy_m == 5_000
    assert isinstance(alarm.id, UUID)
