"""Taking a press back: freely, and under threat."""

import pytest

from cas_server.alarm import desk, reporter, showing
from cas_server.alarm.intake import TimedPosition
from cas_server.alarm.state import OfferOver
from cas_server.alarm.views import AlarmStatus, Disposition
from cas_server.dispatch.views import OfferState
from cas_server.errors import NotFound
from tests.db.story import Story
from tests.factories import make_masyarakat, make_personil, make_staff


async def test_a_cancelled_alarm_calls_nobody_any_more_but_the_desk_still_closes_it(
    story: Story,
) -> None:
    one = await make_personil(story.session, story.regency.kota, story.regency.at(300))
    warga = await make_masyarakat(story.session)
    operator = await make_staff(story.session, story.regency.polres)
    alarm_id = await story.raised(warga, story.regency.centre)

    own = await story.cancel(warga, alarm_id)
    await story.pass_s(90)

    alarm = await story.view(alarm_id)
    assert own.status is AlarmStatus.CANCELLED
    assert (alarm.status, alarm.ring) == (AlarmStatus.CANCELLED, 1)
    assert (await story.offer(one, alarm_id)).state is OfferState.STOOD_DOWN
    assert await story.pushed(alarm_id, "stood_down") == {one.holder_id}
    with pytest.raises(OfferOver):
        await story.accept(one, alarm_id)
    assert alarm_id in {a.id for a in await showing.open_alarms(story.session, "bjn/")}

    closed = await desk.close(
        story.session, operator.subject, alarm_id, Disposition.FALSE_ACCIDENTAL, "anak", story.now
    )
    assert closed.status is AlarmStatus.CANCELLED
    assert closed.closed is not None


@pytest.mark.parametrize("duress", [False, True])
async def test_where_it_was_comes_after_a_cancel_and_calls_only_if_that_was_under_threat(
    story: Story, *, duress: bool
) -> None:
    one = await make_personil(story.session, story.regency.kota, story.regency.at(300))
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga)
    await story.cancel(warga, alarm_id, duress=duress)

    fixes = [TimedPosition(story.regency.centre, story.now)]
    await reporter.locate(story.session, warga.subject, alarm_id, fixes, story.now)

    assert await story.called(alarm_id, 1) == ({one.holder_id} if duress else set())
    assert (await story.view(alarm_id)).where.place is not None


async def test_under_duress_the_phone_shows_cancelled_and_the_server_escalates(
    story: Story,
) -> None:
    regency = story.regency
    one = await make_personil(story.session, regency.kota, regency.at(300))
    warga = await make_masyarakat(story.session)
    operator = await make_staff(story.session, regency.polres)
    alarm_id = await story.raised(warga, regency.centre)
    await story.acknowledge(operator, alarm_id)

    own = await story.cancel(warga, alarm_id, duress=True)
    offer = await story.accept(one, alarm_id)
    later = await showing.own_alarm(story.session, warga.account_id, alarm_id)

    alarm = await story.view(alarm_id)
    assert own.status is AlarmStatus.CANCELLED
    assert alarm.cancelled is not None
    assert alarm.cancelled.duress
    assert alarm.ringing
    assert [(e.reason, e.satuan_name) for e in alarm.escalations] == [
        ("duress", regency.kota.name),
        ("duress", regency.polres.name),
    ]
    assert (offer.duress, alarm.status) == (True, AlarmStatus.ACCEPTED)
    assert later is not None
    assert (later.status, later.personil_coming) == (AlarmStatus.CANCELLED, 0)


async def test_a_duress_cancel_looks_the_same_as_a_free_one(story: Story) -> None:
    """Not one field may differ: whoever forced it may know the free one."""
    free, forced = [await make_masyarakat(story.session) for _ in range(2)]
    await make_personil(story.session, story.regency.kota, story.regency.at(300))
    first = await story.raised(free, story.regency.centre)
    second = await story.raised(forced, story.regency.centre)
    await story.pass_s(1)

    freely = await story.cancel(free, first)
    under_threat = await story.cancel(forced, second, duress=True)
    await story.pass_s(120)
    later = [
        await showing.own_alarm(story.session, who.account_id, alarm_id)
        for who, alarm_id in ((free, first), (forced, second))
    ]

    different = {"id", "version"}
    assert under_threat.model_dump(exclude=different) == freely.model_dump(exclude=different)
    assert later[0] is not None
    assert later[1] is not None
    assert later[1].model_dump(exclude=different) == later[0].model_dump(exclude=different)


async def test_officers_who_go_on_under_duress_are_not_seen_on_the_phone(story: Story) -> None:
    """Whoever looks over the shoulder reads as after any cancel: no minutes, nobody on the way."""
    free, forced = [await make_masyarakat(story.session) for _ in range(2)]
    operator = await make_staff(story.session, story.regency.kota)
    said, different = [], {"id", "version", "received_at", "where"}
    for who, duress in ((free, False), (forced, True)):
        officer = await make_personil(story.session, story.regency.kota, story.regency.at(300))
        alarm_id = await story.raised(who, story.regency.centre)
        await story.accept(officer, alarm_id)
        before = await reporter.arrival(story.session, who.subject, alarm_id)
        if duress:  # is called then, too
            await make_personil(story.session, story.regency.kota, story.regency.at(200))
        await story.pass_s(1)
        await story.cancel(who, alarm_id, duress=duress)
        await story.acknowledge(operator, alarm_id)
        after = await reporter.arrival(story.session, who.subject, alarm_id)
        shown = await showing.own_alarm(story.session, who.account_id, alarm_id)
        assert shown is not None
        said.append((before, after, shown.model_dump(exclude=different)))

    assert said[0] == said[1]
    assert (said[0][0].about_minutes, said[0][1].about_minutes) == (1, None)


async def test_a_cancel_is_repeated_without_harm(story: Story) -> None:
    warga = await make_masyarakat(story.session)
    alarm_id = await story.raised(warga, story.regency.centre)

    said = await story.cancel(warga, alarm_id)
    again = await story.cancel(warga, alarm_id)

    assert again == said


async def test_nobody_cancels_the_alarm_of_somebody_else(story: Story) -> None:
    one, other = [await make_masyarakat(story.session) for _ in range(2)]
    alarm_id = await story.raised(one, story.regency.centre)

    with pytest.raises(NotFound):
        await story.cancel(other, alarm_id)
