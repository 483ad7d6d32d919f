"""What the command centre does, and what it is told when it does nothing."""

import pytest

from cas_server.alarm import desk
from cas_server.alarm.desk import AlreadyDone, CallerPress
from cas_server.alarm.views import AlarmKind, AlarmStatus, AlarmView, Disposition
from cas_server.dispatch.views import OfferState, ResponderState
from cas_server.errors import NotFound
from cas_server.identity.roles import Role
from cas_server.kit.ids import new_id
from cas_server.presence import service as presence
from tests.db.story import Story
from tests.factories import Person, make_masyarakat, make_personil, make_staff


async def raised(story: Story) -> tuple[AlarmView, Person]:
    """An alarm that called somebody near and nobody else; and who was called."""
    one = await make_personil(story.session, story.regency.kota, story.regency.at(300))
    warga = await make_masyarakat(story.session)
    return await story.view(await story.raised(warga, story.regency.centre)), one


async def operator(story: Story) -> Person:
    return await make_staff(story.session, story.regency.polres)


def climbs(alarm: AlarmView) -> list[tuple[str, str]]:
    return [(e.satuan_name, e.role) for e in alarm.escalations if e.reason == "unacknowledged"]


async def test_an_alarm_nobody_acknowledges_climbs_to_kapolsek_and_then_to_kapolres(
    story: Story,
) -> None:
    alarm, _ = await raised(story)
    seen = []

    for seconds in (29.9, 0.1, 29.9, 0.1, 600):
        await story.pass_s(seconds)
        seen.append(len(climbs(await story.view(alarm.id))))

    regency = story.regency
    assert seen == [0, 1, 1, 2, 2]
    assert climbs(await story.view(alarm.id)) == [
        (regency.kota.name, Role.PIMPINAN),
        (regency.polres.name, Role.PIMPINAN),
    ]


async def test_an_acknowledged_alarm_stops_climbing(story: Story) -> None:
    alarm, _ = await raised(story)
    await story.pass_s(31)

    await story.acknowledge(await operator(story), alarm.id)
    await story.pass_s(60)

    assert len(climbs(await story.view(alarm.id))) == 1


async def test_the_second_at_the_desk_hears_who_was_first(story: Story) -> None:
    alarm, _ = await raised(story)
    first, second = await operator(story), await make_staff(story.session, story.regency.kota)

    view = await story.acknowledge(first, alarm.id)
    with pytest.raises(AlreadyDone) as refused:
        await story.acknowledge(second, alarm.id)

    assert not view.ringing
    assert refused.value.facts() == {"winner": first.name}
    assert (await story.acknowledge(first, alarm.id)).acknowledged == view.acknowledged


async def test_acknowledging_does_not_wait_for_a_response_nor_a_response_for_it(
    story: Story,
) -> None:
    alarm, one = await raised(story)

    await story.accept(one, alarm.id)
    assert (await story.view(alarm.id)).acknowledged is None
    await story.acknowledge(await operator(story), alarm.id)

    assert (await story.view(alarm.id)).status is AlarmStatus.ACCEPTED


async def test_an_alarm_nobody_came_to_rings_again_until_a_human_acts(story: Story) -> None:
    alarm, _ = await raised(story)
    first, second = await operator(story), await operator(story)
    await story.acknowledge(first, alarm.id)
    await story.pass_s(60)
    assert (await story.view(alarm.id)).ringing

    silenced = await story.acknowledge(second, alarm.id)

    assert not silenced.ringing
    assert "alarm.unanswered_acknowledged" in await story.kinds(alarm.id)


async def test_an_operator_sends_somebody_by_hand_without_asking(story: Story) -> None:
    alarm, called = await raised(story)
    far = await make_personil(story.session, story.regency.dander, story.regency.at(-20_000))
    desk_ = await operator(story)

    view = await desk.assign(story.session, desk_.subject, alarm.id, far.holder_id, story.now)

    [line] = view.responders
    assert (line.personil_id, line.part, line.by_hand) == (far.holder_id, "primary", True)
    assert view.status is AlarmStatus.ACCEPTED
    assert await story.pushed(alarm.id, "assigned") == {far.holder_id}
    assert (await story.offer(called, alarm.id)).state is OfferState.OPEN


async def test_who_was_asked_and_is_then_sent_by_hand_is_not_told_to_stand_down(
    story: Story,
) -> None:
    alarm, called = await raised(story)
    desk_ = await operator(story)

    await desk.assign(story.session, desk_.subject, alarm.id, called.holder_id, story.now)
    await story.pass_s(60)

    assert await story.pushed(alarm.id, "stood_down") == set()


async def test_an_operator_may_send_more_than_there_are_places(story: Story) -> None:
    alarm, _ = await raised(story)
    desk_, dander = await operator(story), story.regency.dander
    sent = [await make_personil(story.session, dander, story.regency.at(-20_000)) for _ in range(4)]

    for who in sent:
        await desk.assign(story.session, desk_.subject, alarm.id, who.holder_id, story.now)

    parts = [line.part for line in (await story.view(alarm.id)).responders]
    assert sorted(parts) == ["backup", "backup", "backup", "primary"]


async def test_an_operator_cannot_send_somebody_who_is_off_duty_or_of_another_polres(
    story: Story,
) -> None:
    alarm, _ = await raised(story)
    desk_, regency = await operator(story), story.regency
    off = await make_personil(story.session, regency.kota, on_duty=False)
    foreign = await make_personil(story.session, regency.rengel, regency.at(east_m=20_000))

    for who in (off, foreign):
        with pytest.raises(NotFound):
            await desk.assign(story.session, desk_.subject, alarm.id, who.holder_id, story.now)


async def test_releasing_the_only_responder_calls_the_next_ring_and_tells_them(
    story: Story,
) -> None:
    alarm, one = await raised(story)
    further = await make_personil(story.session, story.regency.kota, story.regency.at(8_000))
    desk_ = await operator(story)
    await story.accept(one, alarm.id)

    view = await desk.release(
        story.session, desk_.subject, alarm.id, one.holder_id, "ban bocor", story.now
    )

    assert view.status is AlarmStatus.RAISED
    assert await story.called(alarm.id, 2) == {further.holder_id}
    assert one.holder_id in await story.pushed(alarm.id, "stood_down")


async def test_an_offer_can_be_withdrawn_by_hand(story: Story) -> None:
    await make_personil(story.session, story.regency.kota, story.regency.at(400))
    alarm, one = await raised(story)
    desk_ = await operator(story)

    await desk.release(story.session, desk_.subject, alarm.id, one.holder_id, "", story.now)

    assert (await story.offer(one, alarm.id)).state is OfferState.STOOD_DOWN


async def test_when_the_last_open_offer_is_withdrawn_the_next_ring_is_called(
    story: Story,
) -> None:
    alarm, one = await raised(story)
    further = await make_personil(story.session, story.regency.kota, story.regency.at(8_000))
    desk_ = await operator(story)

    await desk.release(story.session, desk_.subject, alarm.id, one.holder_id, "", story.now)

    assert await story.called(alarm.id, 2) == {further.holder_id}


async def test_closing_ends_everything_and_frees_everybody(story: Story) -> None:
    alarm, one = await raised(story)
    waiting = await make_personil(story.session, story.regency.kota, story.regency.at(400))
    desk_ = await operator(story)
    await desk.assign(story.session, desk_.subject, alarm.id, one.holder_id, story.now)

    view = await desk.close(
        story.session, desk_.subject, alarm.id, Disposition.GENUINE, "tertangani", story.now
    )
    await story.pass_s(120)

    assert view.closed is not None
    assert (view.closed.disposition, view.closed.note) == (Disposition.GENUINE, "tertangani")
    assert view.status is AlarmStatus.RESOLVED
    assert [line.state for line in view.responders] == [ResponderState.RELEASED]
    duty = await presence.see_duty(story.session, one.holder_id)
    assert (duty.availability, duty.alarm_id) == ("available", None)
    after = await story.view(alarm.id)
    assert (after.version, after.escalations) == (view.version, [])
    assert waiting.holder_id not in {offer.personil_id for offer in after.offers}


async def test_the_second_to_close_hears_who_was_first(story: Story) -> None:
    alarm, _ = await raised(story)
    first, second = await operator(story), await operator(story)
    ending = (Disposition.TEST, "uji coba", story.now)
    await desk.close(story.session, first.subject, alarm.id, *ending)

    with pytest.raises(AlreadyDone) as refused:
        await desk.close(story.session, second.subject, alarm.id, *ending)

    assert refused.value.facts() == {"winner": first.name}


async def test_a_desk_of_another_polres_neither_sees_nor_touches_an_alarm(story: Story) -> None:
    alarm, one = await raised(story)
    stranger = (await make_staff(story.session, story.regency.neighbour)).subject
    session, now = story.session, story.now

    for attempt in (
        desk.show(session, stranger, alarm.id),
        desk.acknowledge(session, stranger, alarm.id, now),
        desk.assign(session, stranger, alarm.id, one.holder_id, now),
        desk.release(session, stranger, alarm.id, one.holder_id, "", now),
        desk.close(session, stranger, alarm.id, Disposition.TEST, "x", now),
    ):
        with pytest.raises(NotFound):
            await attempt

    assert (await story.view(alarm.id)).version == alarm.version


async def test_a_desk_sees_but_does_not_command_an_alarm_its_personil_were_called_to(
    story: Story,
) -> None:
    regency = story.regency
    await make_personil(story.session, regency.rengel, regency.at(east_m=11_500))
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, regency.at(east_m=10_400))
    across = (await make_staff(story.session, regency.neighbour)).subject

    assert (await desk.show(story.session, across, alarm_id)).id == alarm_id
    with pytest.raises(NotFound):
        await desk.acknowledge(story.session, across, alarm_id, story.now)


async def test_a_polsek_desk_sees_only_its_own_ground(story: Story) -> None:
    alarm, _ = await raised(story)
    kota, dander = [
        (await make_staff(story.session, satuan)).subject
        for satuan in (story.regency.kota, story.regency.dander)
    ]

    assert (await desk.show(story.session, kota, alarm.id)).id == alarm.id
    with pytest.raises(NotFound):
        await desk.show(story.session, dander, alarm.id)


async def test_a_press_for_a_caller_is_acknowledged_by_whoever_took_the_call(
    story: Story,
) -> None:
    near = await make_personil(story.session, story.regency.kota, story.regency.at(300))
    desk_, alarm_id = await operator(story), new_id()
    call = CallerPress("Ibu Ani", "0353 881234", "phone", story.regency.centre, AlarmKind.FIRE,
                       "asap di pasar", silent=False)  # fmt: skip

    view, created = await desk.press_for_caller(
        story.session, desk_.subject, alarm_id, call, story.now
    )
    again, repeated = await desk.press_for_caller(
        story.session, desk_.subject, alarm_id, call, story.now
    )
    await story.pass_s(90)

    assert (created, repeated) == (True, False)
    assert again == view
    assert view.acknowledged is not None
    assert view.acknowledged.account_id == desk_.account_id
    assert (view.reporter.name, view.reporter.channel, view.where.source) == (
        "I••• A•••", "phone", "desk",
    )  # fmt: skip
    assert {offer.personil_id for offer in view.offers} == {near.holder_id}
    assert climbs(await story.view(alarm_id)) == []
