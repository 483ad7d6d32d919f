"""What officers report from the scene, and what becomes of their task and of the alarm."""

import pytest

from cas_server.alarm import desk, report_queries
from cas_server.alarm.reports import Found
from cas_server.alarm.state import NotArrived, OfferOver
from cas_server.alarm.views import AlarmStatus, Disposition
from cas_server.dispatch.views import ResponderState
from cas_server.presence import service as presence
from tests.db.story import Story
from tests.factories import make_masyarakat, make_personil, make_staff

FOUND = Found(Disposition.GENUINE, "pelaku lari ke arah timur")
BETTER = Found(Disposition.FALSE_ACCIDENTAL, "ternyata salah tekan")


async def test_a_report_frees_the_officer_and_the_desk_closes_the_alarm(story: Story) -> None:
    session, regency = story.session, story.regency
    officer = await make_personil(session, regency.kota, regency.at(300))
    operator = await make_staff(session, regency.polres)
    alarm_id = await story.raised(await make_masyarakat(session), regency.centre)
    await story.accept(officer, alarm_id)
    with pytest.raises(NotArrived):
        await story.report(officer, alarm_id, FOUND)
    await story.step(officer, alarm_id, ResponderState.ON_SCENE)

    said = await story.report(officer, alarm_id, FOUND)

    alarm = await story.view(alarm_id)
    duty = await presence.see_duty(session, officer.holder_id)
    assert said.reported_at == story.now
    assert (alarm.status, alarm.closed) == (AlarmStatus.ON_SCENE, None)
    assert alarm.responders[0].reported_at == story.now
    assert (duty.availability, duty.alarm_id) == ("available", None)
    await desk.close(session, operator.subject, alarm_id, Disposition.GENUINE, "x", story.now)
    with pytest.raises(OfferOver):
        await story.report(officer, alarm_id, BETTER)
    [past] = await report_queries.past(session, officer.holder_id, story.now.max, 10)
    assert (past.alarm_id, past.part, past.disposition) == (alarm_id, "primary", "genuine")


async def test_a_report_is_said_better_until_the_closing_and_once_more_changes_nothing(
    story: Story,
) -> None:
    session, regency = story.session, story.regency
    officer = await make_personil(session, regency.kota, regency.at(300))
    alarm_id = await story.raised(await make_masyarakat(session), regency.centre)
    await story.accept(officer, alarm_id)
    await story.step(officer, alarm_id, ResponderState.ON_SCENE)
    for found in (FOUND, FOUND, BETTER):
        await story.report(officer, alarm_id, found)

    [report] = await report_queries.reports(session, alarm_id)

    assert (report.disposition, report.note) == (BETTER.disposition, BETTER.note)
    assert (await story.kinds(alarm_id)).count("report.filed") == 2


async def test_whoever_has_reported_may_be_sent_once_more_and_reports_anew(story: Story) -> None:
    session, regency = story.session, story.regency
    officer = await make_personil(session, regency.kota, regency.at(300))
    operator = await make_staff(session, regency.polres)
    alarm_id = await story.raised(await make_masyarakat(session), regency.centre)
    await story.accept(officer, alarm_id)
    await story.step(officer, alarm_id, ResponderState.ON_SCENE)
    await story.report(officer, alarm_id, FOUND)

    view = await desk.assign(session, operator.subject, alarm_id, officer.holder_id, story.now)

    [line] = view.responders
    duty = await presence.see_duty(session, officer.holder_id)
    assert (line.part, line.state, line.reported_at) == ("primary", "accepted", None)
    assert duty.alarm_id == alarm_id
    await story.step(officer, alarm_id, ResponderState.ON_SCENE)
    await story.report(officer, alarm_id, FOUND)
    assert (await story.view(alarm_id)).responders[0].reported_at == story.now
