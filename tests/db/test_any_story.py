"""Whatever people do, and in whatever order, some things always hold."""

import random
from collections import Counter
from uuid import UUID

import pytest

from cas_server.alarm import backup, desk, merging, report_queries, reports, response
from cas_server.alarm.report_views import OfficerReport
from cas_server.alarm.reports import Found
from cas_server.alarm.state import ALARM_NEXT
from cas_server.alarm.views import AlarmStatus, AlarmView, Disposition
from cas_server.dispatch.views import OfferLine, OfferState, ResponderState
from cas_server.errors import CasError
from cas_server.identity.subject import Subject
from cas_server.journal import queries as journal
from tests.db.fold import Told
from tests.db.story import Story
from tests.factories import Person, make_masyarakat, make_personil, make_staff

STEPS = 50
ENDED = (AlarmStatus.RESOLVED, AlarmStatus.CANCELLED)
ACTS = (
    "press", "wait", "wait", "accept", "accept", "decline", "step", "step", "release", "assign",
    "acknowledge", "cancel", "close", "phones", "backup", "report", "merge",
    "separate",
)  # fmt: skip


class Play:
    """Three citizens, eight officers and a desk, who do things at random."""

    def __init__(self, story: Story, seed: int) -> None:
        self._story = story
        self._chance = random.Random(seed)  # noqa: S311 - a test wants to repeat it
        self.alarm_ids: list[UUID] = []

    async def gather(self) -> None:
        session, regency, chance = self._story.session, self._story.regency, self._chance
        self._officers = [
            await make_personil(
                session,
                regency.kota,
                regency.at(chance.uniform(-10_000, 10_000), chance.uniform(-9_000, 9_000)),
            )
            for _ in range(8)
        ]
        self._citizens = [await make_masyarakat(session) for _ in range(3)]
        self._operator = await make_staff(session, regency.polres)
        await self._press()

    async def act(self) -> None:
        """One thing somebody does; what the rules forbid is refused and changes nothing."""
        try:
            await getattr(self, f"_{self._chance.choice(ACTS)}")()
        except CasError:
            return

    async def _any_offer(self, state: OfferState) -> OfferLine:
        view = await self._story.view(self._chance.choice(self.alarm_ids))
        found = [offer for offer in view.offers if offer.state is state]
        return self._chance.choice(found or view.offers)

    async def _press(self) -> None:
        at = self._story.regency.at(self._chance.uniform(-4_000, 4_000))
        alarm_id = await self._story.raised(self._chance.choice(self._citizens), at)
        if alarm_id not in self.alarm_ids:
            self.alarm_ids.append(alarm_id)

    async def _wait(self) -> None:
        await self._story.pass_s(self._chance.choice([1, 4, 6, 12, 20]))

    async def _phones(self) -> None:
        self._story.phones_work = not self._story.phones_work

    async def _accept(self) -> None:
        offer = await self._any_offer(OfferState.OPEN)
        story = self._story
        await response.accept(story.session, offer.personil_id, offer.offer_id, story.now)

    async def _decline(self) -> None:
        offer = await self._any_offer(OfferState.OPEN)
        story = self._story
        await response.decline(story.session, offer.personil_id, offer.offer_id, "", story.now)

    async def _step(self) -> None:
        offer = await self._any_offer(OfferState.ACCEPTED)
        wanted = self._chance.choice(list(ResponderState)[1:])
        story = self._story
        await response.step(
            story.session, offer.personil_id, offer.offer_id, wanted, None, story.now
        )

    async def _backup(self) -> None:
        offer, story = await self._any_offer(OfferState.ACCEPTED), self._story
        await backup.ask(story.session, self._subject(offer), offer.offer_id, story.now)

    async def _report(self) -> None:
        offer, story = await self._any_offer(OfferState.ACCEPTED), self._story
        found = Found(self._chance.choice(list(Disposition)), "x")
        await reports.file(story.session, self._subject(offer), offer.offer_id, found, story.now)

    def _subject(self, offer: OfferLine) -> Subject:
        return next(o.subject for o in self._officers if o.holder_id == offer.personil_id)

    async def _release(self) -> None:
        view = await self._story.view(self._chance.choice(self.alarm_ids))
        someone = self._chance.choice([offer.personil_id for offer in view.offers])
        story, who = self._story, self._operator.subject
        await desk.release(story.session, who, view.id, someone, "", story.now)

    async def _assign(self) -> None:
        someone = self._chance.choice(self._officers).holder_id
        alarm_id, story = self._chance.choice(self.alarm_ids), self._story
        await desk.assign(story.session, self._operator.subject, alarm_id, someone, story.now)

    async def _acknowledge(self) -> None:
        await self._story.acknowledge(self._operator, self._chance.choice(self.alarm_ids))

    async def _cancel(self) -> None:
        who: Person = self._chance.choice(self._citizens)
        await self._story.cancel(
            who, self._chance.choice(self.alarm_ids), duress=self._chance.random() < 0.3
        )

    async def _merge(self) -> None:
        alarm_id, lead_id = (self._chance.choice(self.alarm_ids) for _ in range(2))
        story, who = self._story, self._operator.subject
        await merging.merge(story.session, who, alarm_id, lead_id, story.now)

    async def _separate(self) -> None:
        alarm_id, story = self._chance.choice(self.alarm_ids), self._story
        await merging.separate(story.session, self._operator.subject, alarm_id, story.now)

    async def _close(self) -> None:
        alarm_id, story = self._chance.choice(self.alarm_ids), self._story
        await desk.close(
            story.session, self._operator.subject, alarm_id, Disposition.GENUINE, "x", story.now
        )


def check(alarm: AlarmView) -> None:
    """What holds of every alarm at every moment."""
    active = [line for line in alarm.responders if line.state is not ResponderState.RELEASED]
    parts = Counter(line.part for line in active)
    assert parts["primary"] <= 1
    assert parts["primary"] == 1 or not active, "somebody is on it, so somebody leads"
    more = any(line.by_hand or line.backup_asked_at for line in alarm.responders)
    assert parts["backup"] <= 1 or more
    offered = Counter((offer.personil_id, offer.ring) for offer in alarm.offers)
    assert set(offered.values()) <= {1}, "nobody is offered it twice for one ring"
    open_to = {offer.personil_id for offer in alarm.offers if offer.state is OfferState.OPEN}
    assert not open_to & {line.personil_id for line in active}
    if alarm.status in ENDED or alarm.closed:
        assert not open_to, "an ended alarm calls nobody"
    elif alarm.merged_into:
        assert not open_to, "its lead calls for it"
        assert not active, "its lead has its officers"
        assert not alarm.ringing
    elif active:
        assert alarm.status is not AlarmStatus.RAISED
    else:
        assert alarm.status is AlarmStatus.RAISED


@pytest.mark.parametrize("seed", range(12))
async def test_rules_hold_whatever_happens(story: Story, seed: int) -> None:
    play = Play(story, seed)
    await play.gather()
    before: dict[UUID, AlarmView] = {}

    for _ in range(STEPS):
        await play.act()
        for alarm_id in play.alarm_ids:
            alarm = await story.view(alarm_id)
            check(alarm)
            earlier = before.get(alarm_id, alarm)
            assert alarm.status in (earlier.status, *ALARM_NEXT[earlier.status])
            changed = alarm.model_dump(exclude={"version"}) != earlier.model_dump(
                exclude={"version"}
            )
            assert alarm.version > earlier.version or not changed, "a change has a new version"
            before[alarm_id] = alarm


@pytest.mark.parametrize("seed", range(100, 108))
async def test_no_alarm_is_ever_forgotten(story: Story, seed: int) -> None:
    """In the end somebody has it, or the desk was told that nobody came, or a human ended it."""
    play = Play(story, seed)
    await play.gather()
    for _ in range(STEPS):
        await play.act()

    await story.pass_s(120)

    for alarm_id in play.alarm_ids:
        alarm = await story.view(alarm_id)
        active = [line for line in alarm.responders if line.state is not ResponderState.RELEASED]
        told = "alarm.unanswered" in await story.kinds(alarm_id)
        led = alarm.merged_into is not None
        assert active or told or led or alarm.status in ENDED or alarm.closed, alarm.status
        assert all(offer.state is not OfferState.OPEN for offer in alarm.offers)


@pytest.mark.parametrize("seed", range(200, 210))
async def test_the_journal_alone_tells_how_every_alarm_stands(story: Story, seed: int) -> None:
    play = Play(story, seed)
    await play.gather()

    for _ in range(STEPS):
        await play.act()

    for alarm_id in play.alarm_ids:
        await compare(story, alarm_id)


async def test_the_journal_tells_who_leads_after_the_first_has_left(story: Story) -> None:
    first, second = [
        await make_personil(story.session, story.regency.kota, story.regency.at(metres))
        for metres in (300, 900)
    ]
    alarm_id = await story.raised(await make_masyarakat(story.session), story.regency.centre)
    await story.accept(first, alarm_id)
    await story.accept(second, alarm_id)

    await story.step(first, alarm_id, ResponderState.RELEASED)

    told = await compare(story, alarm_id)
    assert told.responders[str(second.holder_id)] == ("primary", "accepted")


async def compare(story: Story, alarm_id: UUID) -> Told:
    told = Told()
    for entry in await journal.of_alarm(story.session, alarm_id):
        told.read(entry)
    alarm = await story.view(alarm_id)
    assert told == stored(alarm, await report_queries.reports(story.session, alarm_id))
    assert told.status == alarm.status
    return told


def stored(alarm: AlarmView, said: list[OfficerReport]) -> Told:
    """The tables' word for what the journal told."""
    return Told(
        offers={str(offer.offer_id): offer.state.value for offer in alarm.offers},
        responders={str(one.personil_id): (one.part, one.state.value) for one in alarm.responders},
        acknowledged=alarm.acknowledged is not None,
        cancelled=alarm.cancelled is not None and not alarm.cancelled.duress,
        duress=alarm.cancelled is not None and alarm.cancelled.duress,
        closed=alarm.closed is not None,
        reports={str(one.personil_id): str(one.disposition) for one in said},
    )
