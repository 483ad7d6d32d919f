"""What called Personil answer, what they do next, and what the alarm becomes of it."""

import pytest

from cas_server.alarm import response
from cas_server.alarm.state import AlreadyTaken, IllegalTransition, OfferOver
from cas_server.alarm.views import AlarmStatus
from cas_server.dispatch.views import OfferState, ResponderState
from cas_server.errors import NotFound
from cas_server.presence import service as presence
from tests.db.story import Story
from tests.factories import Person, make_masyarakat, make_personil, make_regency


async def stand(story: Story, *distances_m: float) -> list[Person]:
    regency = story.regency
    return [
        await make_personil(story.session, regency.kota, regency.at(north_m=metres))
        for metres in distances_m
    ]


async def test_the_first_is_primary_the_second_backup_and_the_third_hears_who_was_first(
    story: Story,
) -> None:
    first, second, third = await stand(story, 300, 900, 2_000)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)
    thirds_offer = (await story.offer(third, alarm_id)).offer_id

    assert (await story.accept(first, alarm_id)).my_part == "primary"
    assert (await story.accept(second, alarm_id)).my_part == "backup"
    with pytest.raises(AlreadyTaken) as refused:
        await response.accept(story.session, third.holder_id, thirds_offer, story.now)

    assert refused.value.facts() == {"winner": first.name}
    assert (await story.offer(third, alarm_id)).state is OfferState.STOOD_DOWN
    assert await story.pushed(alarm_id, "stood_down") == {third.holder_id}
    assert (await story.view(alarm_id)).status is AlarmStatus.ACCEPTED


async def test_without_backups_the_second_hears_who_was_first(story: Story) -> None:
    own = await make_regency(story.session, "lmg", centre=story.regency.at(90_000),
                             settings={"backups": 0})  # fmt: skip
    first, second = [await make_personil(story.session, own.kota, own.at(m)) for m in (10, 20)]
    alarm_id = await story.raised(await make_masyarakat(story.session), own.centre)

    await story.accept(first, alarm_id)
    with pytest.raises(AlreadyTaken) as refused:
        await story.accept(second, alarm_id)

    assert refused.value.facts() == {"winner": first.name}


async def test_a_repeated_acceptance_says_the_same_again(story: Story) -> None:
    (one,) = await stand(story, 300)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)

    said = await story.accept(one, alarm_id)
    again = await story.accept(one, alarm_id)

    assert (said, (await story.kinds(alarm_id)).count("offer.accepted")) == (again, 1)


async def test_nobody_accepts_for_somebody_else(story: Story) -> None:
    one, other = await stand(story, 300, 8_000)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)
    offer_id = (await story.offer(one, alarm_id)).offer_id

    with pytest.raises(NotFound):
        await response.accept(story.session, other.holder_id, offer_id, story.now)


async def test_an_acceptance_after_the_deadline_is_too_late(story: Story) -> None:
    (one,) = await stand(story, 300)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)
    offer = await story.offer(one, alarm_id)

    with pytest.raises(OfferOver) as refused:
        await response.accept(story.session, one.holder_id, offer.offer_id, offer.expires_at)

    assert refused.value.facts() == {"state": "expired"}


async def test_the_alarm_follows_its_responders_to_the_scene(story: Story) -> None:
    first, second = await stand(story, 300, 900)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)
    await story.accept(first, alarm_id)
    await story.accept(second, alarm_id)
    seen = []

    for who, wanted in (
        (second, ResponderState.EN_ROUTE),
        (first, ResponderState.EN_ROUTE),
        (second, ResponderState.ON_SCENE),
        (first, ResponderState.ON_SCENE),
    ):
        await story.step(who, alarm_id, wanted)
        seen.append((await story.view(alarm_id)).status)

    assert seen == ["en_route", "en_route", "on_scene", "on_scene"]


async def test_a_responder_cannot_go_back(story: Story) -> None:
    (one,) = await stand(story, 300)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)
    await story.accept(one, alarm_id)
    await story.step(one, alarm_id, ResponderState.ON_SCENE)

    with pytest.raises(IllegalTransition):
        await story.step(one, alarm_id, ResponderState.EN_ROUTE)


async def test_when_the_only_responder_leaves_the_next_ring_is_called(story: Story) -> None:
    one, further = await stand(story, 300, 8_000)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)
    await story.accept(one, alarm_id)

    await story.step(one, alarm_id, ResponderState.RELEASED)

    alarm = await story.view(alarm_id)
    assert (alarm.status, alarm.ring) == (AlarmStatus.RAISED, 2)
    assert await story.called(alarm_id, 2) == {further.holder_id}
    assert (await presence.see_duty(story.session, one.holder_id)).availability == "available"


async def test_when_the_primary_leaves_the_backup_takes_the_place(story: Story) -> None:
    first, second = await stand(story, 300, 900)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)
    await story.accept(first, alarm_id)
    await story.accept(second, alarm_id)

    await story.step(first, alarm_id, ResponderState.RELEASED)

    parts = {
        one.personil_id: (one.part, one.state) for one in (await story.view(alarm_id)).responders
    }
    assert parts[second.holder_id] == ("primary", ResponderState.ACCEPTED)
    assert parts[first.holder_id][1] is ResponderState.RELEASED
    assert (await story.view(alarm_id)).status is AlarmStatus.ACCEPTED


async def test_when_the_last_ring_loses_its_only_responder_the_desk_rings_again(
    story: Story,
) -> None:
    (one,) = await stand(story, 300)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)
    await story.pass_s(25)
    assert (await story.view(alarm_id)).ring == 3
    await story.accept(one, alarm_id)

    await story.step(one, alarm_id, ResponderState.RELEASED)

    alarm = await story.view(alarm_id)
    assert alarm.unanswered_at == story.now
    assert alarm.ringing


async def test_accepting_makes_busy_and_keeps_the_track(story: Story) -> None:
    (one,) = await stand(story, 300)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)

    await story.accept(one, alarm_id)

    duty = await presence.see_duty(story.session, one.holder_id)
    assert (duty.availability, duty.alarm_id) == ("busy", alarm_id)


async def test_an_acceptance_ends_the_ringing_of_an_alarm_nobody_came_to(story: Story) -> None:
    (one,) = await stand(story, 300)
    story.phones_work = False
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)
    await story.pass_s(11)
    assert (await story.view(alarm_id)).unanswered_at is not None

    await story.accept(one, alarm_id)
    await story.pass_s(20)

    assert (await story.view(alarm_id)).unanswered_at is None
