"""Two alarms of one event: what all are told when a desk puts one under the other."""

from typing import Any
from uuid import UUID

import pytest

from cas_server.alarm import desk, merging, reporter, showing
from cas_server.alarm.desk import MergedAway
from cas_server.alarm.merging import CannotMerge
from cas_server.alarm.reports import Found
from cas_server.alarm.views import AlarmStatus, AlarmView, Disposition, OwnAlarmView
from cas_server.dispatch.views import OfferState, ResponderState
from cas_server.errors import NotFound
from cas_server.presence import service as presence
from tests.db.story import Story
from tests.factories import Person, make_masyarakat, make_personil, make_staff


class Two:
    """An alarm that leads and a second of the same event, 100 m apart, each with officers asked."""

    def __init__(self, story: Story) -> None:
        self.story = story

    async def gather(self) -> "Two":
        session, regency = self.story.session, self.story.regency
        self.officers = [
            await make_personil(session, regency.kota, regency.at(metres))
            for metres in (300, 600, 900)
        ]
        self.operator = await make_staff(session, regency.polres)
        self.first, self.second = [await make_masyarakat(session) for _ in range(2)]
        self.lead_id = await self.story.raised(self.first, regency.centre)
        self.double_id = await self.story.raised(self.second, regency.at(100))
        return self

    async def merge(self, by: Person | None = None) -> AlarmView:
        who, story = by or self.operator, self.story
        return await merging.merge(
            story.session, who.subject, self.double_id, self.lead_id, story.now
        )

    async def separate(self) -> AlarmView:
        who, story = self.operator.subject, self.story
        return await merging.separate(story.session, who, self.double_id, story.now)

    async def own(self, who: Person, alarm_id: UUID) -> OwnAlarmView:
        return await reporter.show(self.story.session, who.subject, alarm_id)


@pytest.fixture
async def two(story: Story) -> Two:
    return await Two(story).gather()


def parts(alarm: AlarmView) -> dict[UUID, tuple[str, Any]]:
    active = [one for one in alarm.responders if one.state is not ResponderState.RELEASED]
    return {one.personil_id: (one.part, one.state) for one in active}


async def test_who_was_only_asked_for_the_duplicate_is_stood_down_and_told(two: Two) -> None:
    asked = {offer.personil_id for offer in (await two.story.view(two.double_id)).offers}

    merged = await two.merge()

    lead = await two.story.view(two.lead_id)
    assert merged.merged_into is not None
    assert merged.merged_into.number == lead.number
    assert {offer.state for offer in merged.offers} == {OfferState.STOOD_DOWN}
    assert await two.story.pushed(two.double_id, "stood_down") == asked
    assert not merged.ringing
    assert any(offer.state is OfferState.OPEN for offer in lead.offers), "the lead's go on"


async def test_who_is_on_both_their_way_goes_over_and_one_only_is_primary(two: Two) -> None:
    ahead, other, _ = two.officers
    await two.story.accept(ahead, two.lead_id)
    await two.story.accept(other, two.double_id)
    await two.story.step(other, two.double_id, ResponderState.ON_SCENE)

    merged = await two.merge()

    lead = await two.story.view(two.lead_id)
    assert parts(merged) == {}
    assert parts(lead) == {
        ahead.holder_id: ("primary", "accepted"),
        other.holder_id: ("backup", "on_scene"),
    }
    assert lead.status is AlarmStatus.ON_SCENE
    assert other.holder_id in await two.story.pushed(two.lead_id, "assigned")
    assert other.holder_id not in await two.story.pushed(two.double_id, "stood_down")


async def test_who_leads_the_duplicate_leads_an_alarm_that_nobody_had(two: Two) -> None:
    one = two.officers[0]
    await two.story.accept(one, two.double_id)

    await two.merge()

    assert parts(await two.story.view(two.lead_id)) == {one.holder_id: ("primary", "accepted")}


async def test_who_has_reported_and_was_sent_to_the_duplicate_has_the_one_that_leads_anew(
    two: Two,
) -> None:
    story, one = two.story, two.officers[0]
    await story.accept(one, two.lead_id)
    await story.step(one, two.lead_id, ResponderState.ON_SCENE)
    await story.report(one, two.lead_id, Found(Disposition.GENUINE, "beres"))
    who = two.operator.subject
    await desk.assign(story.session, who, two.double_id, one.holder_id, story.now)

    await two.merge()

    lead = await story.view(two.lead_id)
    assert parts(lead) == {one.holder_id: ("primary", "accepted")}
    assert [each.reported_at for each in lead.responders] == [None]
    assert lead.status is AlarmStatus.ACCEPTED
    assert one.holder_id in await story.pushed(two.lead_id, "assigned")


async def test_who_led_leads_again_when_all_who_have_reported_come_once_more_in_other_parts(
    two: Two,
) -> None:
    story, who = two.story, two.operator.subject
    # Bound in the order of their ids: a new primary would stand beside the old one for a moment.
    backup, primary = sorted(two.officers[:2], key=lambda each: each.holder_id)
    for one in (primary, backup):
        await desk.assign(story.session, who, two.lead_id, one.holder_id, story.now)
        await story.step(one, two.lead_id, ResponderState.ON_SCENE)
        await story.report(one, two.lead_id, Found(Disposition.GENUINE, "beres"))
        await story.pass_s(1)
    for one in (backup, primary):
        await desk.assign(story.session, who, two.double_id, one.holder_id, story.now)
        await story.pass_s(1)

    await two.merge()

    assert parts(await story.view(two.lead_id)) == {
        primary.holder_id: ("primary", "accepted"),
        backup.holder_id: ("backup", "accepted"),
    }


async def test_who_has_reported_on_the_duplicate_is_left_to_whoever_needs_them_now(
    two: Two,
) -> None:
    story, one = two.story, two.officers[0]
    who = two.operator.subject
    await desk.assign(story.session, who, two.double_id, one.holder_id, story.now)
    await story.step(one, two.double_id, ResponderState.ON_SCENE)
    await story.report(one, two.double_id, Found(Disposition.GENUINE, "beres"))
    warga = await make_masyarakat(story.session)
    elsewhere = await story.raised(warga, story.regency.at(3_000))
    await desk.assign(story.session, who, elsewhere, one.holder_id, story.now)

    await two.merge()

    assert one.holder_id not in parts(await story.view(two.lead_id))
    assert one.holder_id not in await story.pushed(two.lead_id, "assigned")
    duty = await presence.see_duty(story.session, one.holder_id)
    assert duty.alarm_id == elsewhere
    reported = {each.personil_id for each in (await story.view(two.double_id)).responders
                if each.reported_at}  # fmt: skip
    assert reported == {one.holder_id}


async def test_who_has_reported_leads_the_duplicate_when_its_primary_goes_over(two: Two) -> None:
    story, (ahead, done, _), who = two.story, two.officers, two.operator.subject
    for one in (ahead, done):
        await desk.assign(story.session, who, two.double_id, one.holder_id, story.now)
    await story.step(done, two.double_id, ResponderState.ON_SCENE)
    await story.report(done, two.double_id, Found(Disposition.GENUINE, "beres"))

    merged = await two.merge()

    assert parts(merged) == {done.holder_id: ("primary", "on_scene")}
    assert parts(await story.view(two.lead_id)) == {ahead.holder_id: ("primary", "accepted")}
    assert "responder.promoted" in await story.kinds(two.double_id)


async def test_backup_that_is_asked_for_from_a_duplicate_comes_to_the_one_that_leads(
    two: Two,
) -> None:
    story, (ahead, done, near), who = two.story, two.officers, two.operator.subject
    await story.accept(ahead, two.lead_id)
    await desk.assign(story.session, who, two.double_id, done.holder_id, story.now)
    await story.step(done, two.double_id, ResponderState.ON_SCENE)
    await story.report(done, two.double_id, Found(Disposition.GENUINE, "beres"))
    await two.merge()

    await story.ask_backup(done, two.double_id)
    await story.ask_backup(done, two.double_id)

    lead, double = await story.view(two.lead_id), await story.view(two.double_id)
    assert (await story.offer(near, two.lead_id)).state is OfferState.OPEN
    assert OfferState.OPEN not in {offer.state for offer in double.offers}
    assert (await story.kinds(two.lead_id)).count("backup.asked") == 1
    assert (lead.ringing, double.ringing) == (True, False)


async def test_its_reporter_sees_help_on_its_way_and_nothing_of_the_other(two: Two) -> None:
    ahead = two.officers[0]
    before = await two.own(two.second, two.double_id)
    await two.merge()
    merged = await two.own(two.second, two.double_id)

    await two.story.accept(ahead, two.lead_id)
    await two.story.step(ahead, two.lead_id, ResponderState.EN_ROUTE)

    seen = await two.own(two.second, two.double_id)
    assert (before.joint, merged.joint, merged.status) == (False, True, AlarmStatus.RAISED)
    assert (seen.status, seen.personil_coming, seen.closed_at) == (AlarmStatus.EN_ROUTE, 1, None)
    assert before.version < merged.version < seen.version
    assert seen.where == before.where
    assert str(two.lead_id) not in seen.model_dump_json()
    with pytest.raises(NotFound):
        await two.own(two.second, two.lead_id)
    arrival = await reporter.arrival(two.story.session, two.second.subject, two.double_id)
    assert arrival.about_minutes is not None


async def test_what_becomes_of_the_lead_is_told_to_the_reporter_of_the_duplicate(two: Two) -> None:
    await two.merge()

    touched = showing.Touched(alarm_ids={two.lead_id})
    changed = await showing.changed(two.story.session, touched, for_desks=False)

    assert {(account_id, own.id) for account_id, own in changed.own} == {
        (two.first.account_id, two.lead_id),
        (two.second.account_id, two.double_id),
    }


async def test_both_journals_say_so_and_both_are_closed_together(two: Two) -> None:
    await two.merge()
    story, who = two.story, two.operator.subject

    await desk.close(story.session, who, two.lead_id, Disposition.GENUINE, "ditangani", story.now)

    double = await story.view(two.double_id)
    assert double.closed is not None
    assert double.closed.disposition is Disposition.DUPLICATE
    assert (await two.own(two.second, two.double_id)).status is AlarmStatus.RESOLVED
    assert "duplicate.merged" in await story.kinds(two.lead_id)
    assert [kind for kind in await story.kinds(two.double_id) if kind.startswith("alarm.")] == [
        "alarm.raised", "alarm.acknowledged", "alarm.merged", "alarm.closed",
    ]  # fmt: skip


async def test_a_second_merging_of_the_same_changes_nothing_and_nobody_is_sent_beside_the_lead(
    two: Two,
) -> None:
    first = await two.merge()

    again = await two.merge()

    assert again == first
    with pytest.raises(MergedAway):
        await desk.assign(two.story.session, two.operator.subject, two.double_id,
                          two.officers[0].holder_id, two.story.now)  # fmt: skip


async def test_what_is_taken_out_again_calls_by_itself_and_its_reporter_sees_it_so(
    two: Two,
) -> None:
    far = await make_personil(
        two.story.session, two.story.regency.kota, two.story.regency.at(4_000)
    )
    await two.merge()
    merged = await two.own(two.second, two.double_id)

    await two.separate()

    alone = await two.story.view(two.double_id)
    assert alone.merged_into is None
    assert far.holder_id in {o.personil_id for o in alone.offers if o.state is OfferState.OPEN}
    own = await two.own(two.second, two.double_id)
    assert (own.joint, own.version > merged.version) == (False, True)
    assert "duplicate.separated" in await two.story.kinds(two.lead_id)


async def test_when_the_lead_is_taken_back_the_duplicate_rings_and_calls_by_itself(
    two: Two,
) -> None:
    await two.merge()

    await two.story.cancel(two.first, two.lead_id)

    alone = await two.story.view(two.double_id)
    assert (alone.merged_into, alone.ringing, alone.status) == (None, True, AlarmStatus.RAISED)
    await two.story.pass_s(120)
    assert "alarm.escalated" in await two.story.kinds(two.double_id)


async def test_duress_takes_a_duplicate_out_at_once_and_its_phone_shows_nothing_of_it(
    two: Two,
) -> None:
    await two.merge()

    await two.story.cancel(two.second, two.double_id, duress=True)

    alone = await two.story.view(two.double_id)
    assert (alone.merged_into, alone.ringing) == (None, True)
    assert (await two.own(two.second, two.double_id)).status is AlarmStatus.CANCELLED


async def test_what_was_merged_before_goes_along_under_a_third(two: Two) -> None:
    third = await make_masyarakat(two.story.session)
    third_id = await two.story.raised(third, two.story.regency.at(-150))
    await two.merge()
    before = await two.own(two.second, two.double_id)

    await merging.merge(two.story.session, two.operator.subject, two.lead_id, third_id,
                        two.story.now)  # fmt: skip

    double = await two.story.view(two.double_id)
    assert double.merged_into is not None
    assert double.merged_into.alarm_id == third_id
    assert (await two.own(two.second, two.double_id)).version > before.version


async def test_whoever_is_in_danger_themselves_or_forced_is_merged_into_nothing(two: Two) -> None:
    await two.story.cancel(two.second, two.double_id, duress=True)

    with pytest.raises(CannotMerge) as refused:
        await two.merge()

    assert refused.value.facts() == {"why": "endangered"}


async def test_nothing_is_merged_into_an_alarm_that_calls_nobody(two: Two) -> None:
    await two.story.cancel(two.first, two.lead_id)

    with pytest.raises(CannotMerge) as refused:
        await two.merge()

    assert refused.value.facts() == {"why": "cancelled"}


async def test_a_desk_merges_only_what_is_all_its_own(two: Two) -> None:
    regency = two.story.regency
    next_door = await make_staff(two.story.session, regency.neighbour)
    dander = await make_staff(two.story.session, regency.dander)

    for stranger in (next_door, dander):
        with pytest.raises(NotFound):
            await two.merge(stranger)
