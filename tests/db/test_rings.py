"""Who is called, in which ring, and when the next ring is called."""

from cas_server.dispatch import offers
from cas_server.dispatch.views import OfferState, ResponderState
from cas_server.identity.roles import Role
from cas_server.presence import service as presence
from cas_server.presence.views import Availability
from tests.db.story import Story
from tests.factories import (
    Person,
    make_masyarakat,
    make_personil,
    make_regency,
    make_staff,
)


async def stand(story: Story, *distances_m: float) -> list[Person]:
    """Personil of Polsek Kota north of the centre, at these distances."""
    regency = story.regency
    return [
        await make_personil(story.session, regency.kota, regency.at(north_m=metres))
        for metres in distances_m
    ]


def ids(people: list[Person]) -> set[object]:
    return {person.holder_id for person in people}


async def test_the_first_ring_calls_the_three_nearest_within_five_kilometres(story: Story) -> None:
    near = await stand(story, 300, 900, 2_000)
    further, beyond = await stand(story, 4_000, 6_000)
    warga = await make_masyarakat(story.session)

    pressed = await story.press(warga, story.regency.centre)

    alarm_id = pressed.receipt.alarm_id
    assert pressed.receipt.personil_called == 3
    assert await story.called(alarm_id, 1) == ids(near)
    why = await story.why(alarm_id, 1)
    assert why[further.holder_id] == "others_closer"
    assert why[beyond.holder_id] == "outside_radius"


async def test_offers_that_are_equally_far_stand_in_one_order_for_every_desk(story: Story) -> None:
    await stand(story, *[6_000] * 5)
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, story.regency.centre)

    shown = [offer.offer_id for offer in (await story.view(alarm_id)).offers]

    assert len(shown) == 5
    assert shown == sorted(shown)


async def test_when_nobody_accepts_in_time_the_rings_widen_until_the_desk_is_told(
    story: Story,
) -> None:
    first = await stand(story, 300, 900, 2_000)
    second = await stand(story, 3_000, 6_000, 9_000, 12_000, 14_000)
    far = await make_personil(story.session, story.regency.dander, story.regency.at(-30_000))
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, story.regency.centre)

    await story.pass_s(19.9)
    assert (await story.view(alarm_id)).ring == 1

    await story.pass_s(0.1)
    assert (await story.view(alarm_id)).ring == 2
    assert await story.called(alarm_id, 1) == ids(first)
    assert await story.called(alarm_id, 2) == ids(second)

    await story.pass_s(20)
    assert (await story.view(alarm_id)).ring == 3
    assert await story.called(alarm_id, 3) == ids([*first, *second, far])
    assert (await story.view(alarm_id)).unanswered_at is None

    await story.pass_s(20)
    alarm = await story.view(alarm_id)
    assert alarm.unanswered_at == story.now
    assert alarm.ringing
    assert {offer.state for offer in alarm.offers} == {OfferState.EXPIRED}
    assert (await story.kinds(alarm_id)).count("alarm.unanswered") == 1


async def test_each_ring_tells_the_staff_it_should(story: Story) -> None:
    await stand(story, 300, 6_000)
    warga = await make_masyarakat(story.session)
    operator = await make_staff(story.session, story.regency.polres)
    alarm_id = await story.raised(warga, story.regency.centre)
    await story.acknowledge(operator, alarm_id)

    await story.pass_s(60)

    told = [(e.reason, e.satuan_name, e.role) for e in (await story.view(alarm_id)).escalations]
    kota, polres = story.regency.kota.name, story.regency.polres.name
    assert told == [
        ("ring_2", kota, "operator"),
        ("ring_3", kota, "pimpinan"),
        ("ring_3", polres, "pimpinan"),
    ]


async def test_the_ring_widens_as_soon_as_all_have_declined(story: Story) -> None:
    first = await stand(story, 300, 900)
    (second,) = await stand(story, 8_000)
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, story.regency.centre)

    await story.decline(first[0], alarm_id)
    assert (await story.view(alarm_id)).ring == 1
    await story.decline(first[1], alarm_id)

    assert (await story.view(alarm_id)).ring == 2
    assert await story.called(alarm_id, 2) == {second.holder_id}


async def test_the_ring_widens_as_soon_as_all_have_gone_off_duty(story: Story) -> None:
    first = await stand(story, 300, 900)
    (second,) = await stand(story, 8_000)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)

    for officer in first:
        await offers.lapse(story.session, officer.holder_id, story.now)
        await presence.end_duty(story.session, officer.holder_id, story.now)
    await story.pass_s(0)

    assert await story.called(alarm_id, 2) == {second.holder_id}


async def test_whoever_declined_is_asked_again_only_in_the_last_ring(story: Story) -> None:
    (one,) = await stand(story, 300)
    (other,) = await stand(story, 8_000)
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, story.regency.centre)

    await story.decline(one, alarm_id)
    assert one.holder_id not in await story.called(alarm_id, 2)
    assert (await story.why(alarm_id, 2))[one.holder_id] in ("declined_before", "asked_before")
    await story.decline(other, alarm_id)

    assert await story.called(alarm_id, 3) == ids([one, other])


async def test_a_ring_whose_phones_stay_silent_is_not_waited_for(story: Story) -> None:
    first = await stand(story, 300, 900)
    (second,) = await stand(story, 8_000)
    story.phones_work = False
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, story.regency.centre)

    await story.pass_s(5)

    alarm = await story.view(alarm_id)
    assert alarm.ring == 2
    assert await story.called(alarm_id, 2) == {second.holder_id}
    silent = [offer for offer in alarm.offers if offer.ring == 1]
    assert all(offer.unreached_at == story.now for offer in silent)
    # Still open: whoever picks up late may yet accept.
    assert {offer.state for offer in silent} == {OfferState.OPEN}
    assert (await story.accept(first[0], alarm_id)).my_part == "primary"


async def test_one_phone_that_answers_keeps_the_ring_waiting_for_it(story: Story) -> None:
    heard, _ = await stand(story, 300, 900)
    warga = await make_masyarakat(story.session)
    story.phones_work = False
    alarm_id = await story.raised(warga, story.regency.centre)
    offer = await story.offer(heard, alarm_id)
    from cas_server.alarm import response

    await response.receive(story.session, heard.holder_id, offer.offer_id, story.now)

    await story.pass_s(19)

    assert (await story.view(alarm_id)).ring == 1


async def test_nobody_is_offered_an_alarm_twice_for_one_ring(story: Story) -> None:
    await stand(story, 300, 900, 2_000, 4_000, 9_000)
    story.phones_work = False
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, story.regency.centre)

    await story.pass_s(90)

    offered = [(o.personil_id, o.ring) for o in (await story.view(alarm_id)).offers]
    assert len(offered) == len(set(offered))
    assert {ring for _, ring in offered} == {1, 2, 3}


async def test_an_officer_on_an_alarm_is_not_called_to_another(story: Story) -> None:
    busy, free = await stand(story, 300, 4_000)
    first, second = [await make_masyarakat(story.session) for _ in range(2)]
    taken = await story.raised(first, story.regency.centre)
    await story.accept(busy, taken)

    alarm_id = await story.raised(second, story.regency.centre)

    assert await story.called(alarm_id, 1) == {free.holder_id}
    assert (await story.why(alarm_id, 1))[busy.holder_id] == "on_other_alarm"


async def test_an_officer_on_an_alarm_is_called_when_nobody_else_is_left(story: Story) -> None:
    (only,) = await stand(story, 300)
    first, second = [await make_masyarakat(story.session) for _ in range(2)]
    await story.accept(only, await story.raised(first, story.regency.centre))

    alarm_id = await story.raised(second, story.regency.centre)

    called = [o.personil_id for o in (await story.view(alarm_id)).offers]
    assert called == [only.holder_id]


async def test_a_stale_officer_is_not_chosen_before_a_fresh_one(story: Story) -> None:
    regency = story.regency
    stale = await make_personil(story.session, regency.kota, regency.at(100), age_s=121)
    fresh = await stand(story, 2_000, 3_000, 4_500)
    warga = await make_masyarakat(story.session)

    alarm_id = await story.raised(warga, regency.centre)

    assert await story.called(alarm_id, 1) == ids(fresh)
    assert (await story.why(alarm_id, 1))[stale.holder_id] == "others_closer"


async def test_a_break_is_kept_until_the_last_ring(story: Story) -> None:
    (resting,) = await stand(story, 300)
    await presence.begin_duty(story.session, resting.holder_id, Availability.BREAK, story.now)
    await stand(story, 2_000)
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, story.regency.centre)

    await story.pass_s(20)
    before = {o.personil_id for o in (await story.view(alarm_id)).offers if o.ring < 3}
    await story.pass_s(20)

    assert resting.holder_id not in before
    assert resting.holder_id in await story.called(alarm_id, 3)


async def test_an_officer_without_a_position_is_called_in_the_last_ring(story: Story) -> None:
    unseen = await make_personil(story.session, story.regency.kota)
    warga = await make_masyarakat(story.session)

    alarm_id = await story.raised(warga, story.regency.centre)

    assert await story.called(alarm_id, 3) == {unseen.holder_id}


async def test_a_press_that_finds_nobody_at_all_rings_at_the_desk_at_once(story: Story) -> None:
    await make_personil(story.session, story.regency.kota, story.regency.centre, on_duty=False)
    warga = await make_masyarakat(story.session)

    pressed = await story.press(warga, story.regency.centre)

    alarm = await story.view(pressed.receipt.alarm_id)
    assert pressed.receipt.personil_called == 0
    assert alarm.unanswered_at == story.now
    assert {e.role for e in alarm.escalations} == {"operator", Role.PIMPINAN}


async def test_a_press_near_the_border_calls_across_it(story: Story) -> None:
    regency = story.regency
    across = await make_personil(story.session, regency.rengel, regency.at(east_m=11_500))
    warga = await make_masyarakat(story.session)

    alarm_id = await story.raised(warga, regency.at(east_m=10_400))

    alarm = await story.view(alarm_id)
    assert alarm.satuan_id == regency.kota.id
    assert await story.called(alarm_id, 1) == {across.holder_id}
    assert alarm.also_seen_by == [regency.rengel.path]


async def test_a_press_further_from_the_border_does_not_call_across_it(story: Story) -> None:
    regency = story.regency
    across = await make_personil(story.session, regency.rengel, regency.at(east_m=11_500))
    warga = await make_masyarakat(story.session)

    alarm_id = await story.raised(warga, regency.at(east_m=9_000))

    alarm = await story.view(alarm_id)
    assert across.holder_id not in {offer.personil_id for offer in alarm.offers}
    assert alarm.unanswered_at is not None


async def test_a_press_outside_every_wilayah_belongs_to_the_nearest_satuan(story: Story) -> None:
    regency = story.regency
    nearest = await make_personil(story.session, regency.dander, regency.at(-33_000, -12_000))
    warga = await make_masyarakat(story.session)

    alarm_id = await story.raised(warga, regency.at(-30_000, -13_000))

    alarm = await story.view(alarm_id)
    assert alarm.satuan_id == regency.dander.id
    assert alarm.where.wilayah_code is None
    assert await story.called(alarm_id, 1) == {nearest.holder_id}


async def test_a_satuan_may_have_rings_of_its_own(story: Story) -> None:
    settings = {"ring_1_count": 1, "ring_1_radius_m": 1_000, "accept_s": 7}
    own = await make_regency(story.session, "lmg", centre=story.regency.at(90_000),
                             settings=settings)  # fmt: skip
    near, next_to_it, out = [
        await make_personil(story.session, own.kota, own.at(metres)) for metres in (100, 900, 1_100)
    ]
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, own.centre)

    assert await story.called(alarm_id, 1) == {near.holder_id}
    await story.pass_s(7)

    assert await story.called(alarm_id, 2) == ids([next_to_it, out])


async def test_a_personil_who_presses_is_not_called_to_their_own_alarm(story: Story) -> None:
    in_danger, colleague = await stand(story, 0, 3_000)

    alarm_id = await story.raised(in_danger, story.regency.centre)
    await story.pass_s(60)

    called = {offer.personil_id for offer in (await story.view(alarm_id)).offers}
    assert called == {colleague.holder_id}


async def test_who_accepted_is_not_told_to_stand_down_because_of_an_older_offer(
    story: Story,
) -> None:
    (only,) = await stand(story, 300)
    story.phones_work = False
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, story.regency.centre)
    await story.pass_s(6)
    assert len({o.ring for o in (await story.view(alarm_id)).offers}) == 2

    await story.accept(only, alarm_id)
    await story.pass_s(30)

    assert await story.pushed(alarm_id, "stood_down") == set()
    alarm = await story.view(alarm_id)
    assert [one.state for one in alarm.responders] == [ResponderState.ACCEPTED]
