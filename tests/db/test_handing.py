"""An alarm that goes to another Satuan's desk: who hears of it, and what goes on as it was."""

import pytest

from cas_server.alarm import desk, handing, merging, reporter
from cas_server.alarm.handing import NoDesk
from cas_server.alarm.views import AlarmView
from cas_server.dispatch.views import OfferState
from cas_server.errors import NotFound
from cas_server.identity.roles import Role
from tests.db.story import Story
from tests.factories import (
    Person,
    Satuan,
    make_masyarakat,
    make_personil,
    make_satuan,
    make_staff,
)


class Border:
    """An alarm of Polsek Kota near the border of Rengel, with a desk on both sides."""

    def __init__(self, story: Story) -> None:
        self.story = story

    async def gather(self) -> "Border":
        session, regency = self.story.session, self.story.regency
        self.officer = await make_personil(session, regency.kota, regency.at(0, 300))
        self.warga = await make_masyarakat(session)
        self.kota = await make_staff(session, regency.kota)
        self.rengel = await make_staff(session, regency.rengel)
        self.alarm_id = await self.story.raised(self.warga, regency.centre)
        return self

    async def hand(self, to: Satuan | None = None, by: Person | None = None) -> AlarmView:
        story, who = self.story, (by or self.kota).subject
        target = (to or story.regency.rengel).id
        return await handing.hand(
            story.session, who, self.alarm_id, target, "di seberang batas", story.now
        )


@pytest.fixture
async def border(story: Story) -> Border:
    return await Border(story).gather()


async def test_it_rings_at_the_new_desk_though_the_old_one_had_acknowledged_it(
    border: Border,
) -> None:
    await border.story.acknowledge(border.kota, border.alarm_id)

    seen = await border.hand()

    regency = border.story.regency
    assert (seen.satuan_id, seen.ringing) == (regency.rengel.id, True)
    assert seen.also_seen_by == [regency.kota.path]
    assert seen.handed_over is not None
    assert seen.handed_over.reason == "di seberang batas"
    view = await border.story.acknowledge(border.rengel, border.alarm_id)
    assert not view.ringing


async def test_unheard_it_climbs_to_the_new_kapolsek_and_kapolres_from_the_handing_on(
    border: Border,
) -> None:
    await border.story.acknowledge(border.kota, border.alarm_id)
    await border.story.pass_s(300)
    await border.hand()
    climbed = []

    for seconds in (29.9, 0.1, 29.9, 0.1, 300):
        await border.story.pass_s(seconds)
        lines = (await border.story.view(border.alarm_id)).escalations
        climbed.append([(e.satuan_name, e.role) for e in lines if e.reason == "unacknowledged"])

    regency = border.story.regency
    first, second = (regency.rengel.name, Role.PIMPINAN), (regency.neighbour.name, Role.PIMPINAN)
    assert climbed == [[], [first], [first], [first, second], [first, second]]


async def test_whoever_was_called_or_is_on_the_way_goes_on(border: Border) -> None:
    other = await make_personil(
        border.story.session, border.story.regency.kota, border.story.regency.at(0, 500)
    )
    second = await border.story.raised(
        await make_masyarakat(border.story.session), border.story.regency.at(0, 100)
    )
    await border.story.accept(border.officer, second)
    border.alarm_id = second

    await border.hand()

    view = await border.story.view(second)
    assert [line.personil_id for line in view.responders] == [border.officer.holder_id]
    open_to = {offer.personil_id for offer in view.offers if offer.state is OfferState.OPEN}
    assert other.holder_id in open_to
    assert await border.story.pushed(second, "stood_down") == set()
    released = await desk.release(
        border.story.session, border.rengel.subject, second, border.officer.holder_id, "",
        border.story.now,
    )  # fmt: skip
    assert released.responders[0].state == "released"


async def test_the_last_ring_is_the_new_polres_s(border: Border) -> None:
    session, regency = border.story.session, border.story.regency
    theirs = await make_personil(session, regency.rengel, regency.at(0, 25_000))
    ours = await make_personil(session, regency.dander, regency.at(-25_000))
    await border.hand()

    await border.story.pass_s(60)

    called = await border.story.called(border.alarm_id, 3)
    assert theirs.holder_id in called
    assert ours.holder_id not in called


async def test_its_story_says_who_gave_it_to_whom_and_why_and_its_reporter_sees_where_it_is(
    border: Border,
) -> None:
    await border.hand()

    story = border.story
    own = await reporter.show(story.session, border.warga.subject, border.alarm_id)
    assert own.satuan_name == story.regency.rengel.name
    rows = await story.session.sql.fetch(
        "SELECT actor_id, payload::jsonb->>'reason' AS reason FROM journal "
        "WHERE alarm_id = $1 AND kind = 'alarm.handed_over'", border.alarm_id,
    )  # fmt: skip
    assert [(row["actor_id"], row["reason"]) for row in rows] == [
        (border.kota.account_id, "di seberang batas")
    ]


async def test_saying_it_twice_changes_nothing_and_the_old_desk_acts_no_more(
    border: Border,
) -> None:
    first = await border.hand()

    again = await border.hand()

    assert again == first
    with pytest.raises(NotFound):
        await border.hand(border.story.regency.dander)
    with pytest.raises(NotFound):
        await border.story.acknowledge(border.kota, border.alarm_id)
    with pytest.raises(NotFound):
        await handing.neighbours(border.story.session, border.kota.subject, border.alarm_id)


async def test_it_comes_back_as_it_went(border: Border) -> None:
    await border.hand()

    view = await border.hand(border.story.regency.kota, border.rengel)

    assert (view.satuan_id, view.ringing) == (border.story.regency.kota.id, True)
    assert view.also_seen_by == [border.story.regency.rengel.path]


async def test_what_is_merged_into_it_goes_along_and_does_not_ring(border: Border) -> None:
    story, regency = border.story, border.story.regency
    double = await story.raised(await make_masyarakat(story.session), regency.at(0, 100))
    await merging.merge(story.session, border.kota.subject, double, border.alarm_id, story.now)

    await border.hand()

    view = await story.view(double)
    assert (view.satuan_id, view.ringing) == (regency.rengel.id, False)


async def test_where_nobody_sits_at_a_desk_nothing_is_handed_to(border: Border) -> None:
    session = border.story.session
    empty = await make_satuan(session, "sepi", "polres", at=border.story.regency.at(0, 40_000))
    unit = await make_satuan(session, "tim", "unit", parent=border.story.regency.polres)

    for target in (empty, unit):
        with pytest.raises(NoDesk):
            await border.hand(target)

    offered = await handing.neighbours(session, border.kota.subject, border.alarm_id)
    names = [neighbour.name for neighbour in offered]
    assert border.story.regency.rengel.name in names
    assert not {empty.name, unit.name, border.story.regency.kota.name} & set(names)


async def test_a_pin_far_away_does_not_take_it_from_the_desk_it_was_given_to(
    border: Border,
) -> None:
    await border.hand()
    story = border.story

    await reporter.pin(
        story.session, border.warga.subject, border.alarm_id, story.regency.at(-20_000), story.now
    )

    assert (await story.view(border.alarm_id)).satuan_id == story.regency.rengel.id
