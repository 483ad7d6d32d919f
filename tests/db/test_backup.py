"""An officer asks for more Personil, leaves an alarm, or is in danger: who is called then."""

from cas_server.alarm import desk
from cas_server.alarm.reports import Found
from cas_server.alarm.views import AlarmStatus, Disposition
from cas_server.dispatch.views import OfferState, ResponderState
from cas_server.presence import service as presence
from tests.db.story import Story
from tests.factories import Person, make_masyarakat, make_personil, make_staff


async def stand(story: Story, *distances_m: float) -> list[Person]:
    regency = story.regency
    return [
        await make_personil(story.session, regency.kota, regency.at(metres))
        for metres in distances_m
    ]


async def test_asking_for_backup_calls_the_next_ring_and_rings_at_the_desk(story: Story) -> None:
    first, second, *more = await stand(story, 300, 900, 8_000, 9_000, 9_500)
    operator = await make_staff(story.session, story.regency.polres)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)
    await story.acknowledge(operator, alarm_id)
    await story.accept(first, alarm_id)
    await story.accept(second, alarm_id)

    for _ in range(2):
        await story.ask_backup(first, alarm_id)

    alarm = await story.view(alarm_id)
    assert alarm.ringing
    assert [one.backup_asked_at for one in alarm.responders] == [story.now, None]
    assert await story.called(alarm_id, 2) >= {more[0].holder_id, more[1].holder_id}
    assert (await story.kinds(alarm_id)).count("backup.asked") == 1
    assert not (await story.acknowledge(operator, alarm_id)).ringing
    parts = [(await story.accept(one, alarm_id)).my_part for one in more[:2]]
    assert parts == ["backup", "backup"]
    assert (await story.offer(more[2], alarm_id)).state is OfferState.STOOD_DOWN


async def test_backup_that_nobody_answers_is_called_further_and_then_rings_again(
    story: Story,
) -> None:
    first, _ = await stand(story, 300, 9_000)
    operator = await make_staff(story.session, story.regency.polres)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)
    await story.accept(first, alarm_id)
    await story.ask_backup(first, alarm_id)
    await story.acknowledge(operator, alarm_id)

    await story.pass_s(45)

    alarm = await story.view(alarm_id)
    assert (alarm.status, alarm.ring, alarm.ringing) == (AlarmStatus.ACCEPTED, 3, True)
    assert alarm.unanswered_at is None
    assert "backup.unanswered" in await story.kinds(alarm_id)
    assert first.holder_id not in await story.called(alarm_id, 3)
    assert not (await story.acknowledge(operator, alarm_id)).ringing


async def test_backup_for_a_cancelled_alarm_rings_at_the_desk_and_calls_nobody_who_could_not_come(
    story: Story,
) -> None:
    first, second = await stand(story, 300, 8_000)
    operator = await make_staff(story.session, story.regency.polres)
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, story.regency.centre)
    await story.acknowledge(operator, alarm_id)
    await story.accept(first, alarm_id)
    await story.cancel(warga, alarm_id)

    await story.ask_backup(first, alarm_id)
    await story.pass_s(60)

    alarm = await story.view(alarm_id)
    assert alarm.ringing
    assert [offer.personil_id for offer in alarm.offers] == [first.holder_id]
    sent = await desk.assign(story.session, operator.subject, alarm_id, second.holder_id, story.now)
    assert len(sent.responders) == 2


async def test_when_all_on_it_have_reported_nobody_else_is_called(story: Story) -> None:
    first, further = await stand(story, 300, 9_000)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)
    await story.accept(first, alarm_id)
    await story.ask_backup(first, alarm_id)
    await story.step(first, alarm_id, ResponderState.ON_SCENE)

    await story.report(first, alarm_id, Found(Disposition.GENUINE, "sudah aman"))
    await story.pass_s(60)

    alarm = await story.view(alarm_id)
    assert (await story.offer(further, alarm_id)).state is OfferState.STOOD_DOWN
    assert (alarm.status, alarm.ring) == (AlarmStatus.ON_SCENE, 2)
    assert "backup.unanswered" not in await story.kinds(alarm_id)


async def test_whoever_leaves_an_alarm_is_not_called_to_it_again_unless_by_hand(
    story: Story,
) -> None:
    (only,) = await stand(story, 300)
    operator = await make_staff(story.session, story.regency.polres)
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)
    await story.accept(only, alarm_id)

    await story.step(only, alarm_id, ResponderState.RELEASED)

    alarm = await story.view(alarm_id)
    assert [offer.ring for offer in alarm.offers] == [1]
    assert alarm.unanswered_at == story.now
    assert set((await story.why(alarm_id, 3)).values()) == {"left_lately"}
    await desk.assign(story.session, operator.subject, alarm_id, only.holder_id, story.now)
    assert (await story.view(alarm_id)).status is AlarmStatus.ACCEPTED


async def test_an_officer_in_danger_calls_those_who_are_on_their_way_elsewhere(
    story: Story,
) -> None:
    in_danger, near, *_ = await stand(story, 0, 200, 900, 1_000, 1_100)
    theft = await story.raised(await make_masyarakat(story.session), story.regency.at(200))
    await story.accept(near, theft)

    sos = await story.raised(in_danger, story.regency.centre)

    assert near.holder_id in await story.called(sos, 1)
    assert in_danger.holder_id not in await story.called(sos, 1)
    assert len(await story.called(sos, 1)) == 4
    await story.accept(near, sos)
    duty = await presence.see_duty(story.session, near.holder_id)
    assert duty.alarm_id == sos
