"""The decisions alone, composed in memory: what a hundred thousand schedules can afford.

The doing between the decisions is this file's own, thin on purpose; the server's is played by
`world.py`. What is asked here: whatever happens in whatever order, do the pure modules together
keep every alarm with somebody, and never contradict each other?
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from cas_server.alarm import state
from cas_server.alarm.state import Responding
from cas_server.alarm.views import AlarmStatus
from cas_server.dispatch import escalation, policy
from cas_server.dispatch.escalation import Reach
from cas_server.dispatch.policy import LAST_RING, Candidate, Need, Rules
from cas_server.dispatch.views import ResponderState
from cas_server.errors import CasError
from cas_server.outbox.retry import Again, GiveUp, decide

OFFICERS = 7
STEPS = 45
RULES = Rules()
LEFT_FOR_S = 600.0
ENDED = (AlarmStatus.RESOLVED, AlarmStatus.CANCELLED)
ACTS = ("wait", "wait", "wait", "accept", "accept", "accept", "decline", "hear", "hear", "step",
        "leave", "cancel", "close", "press", "duty", "backup", "push")  # fmt: skip


@dataclass(slots=True)
class Asked:
    """One offer."""

    who: int
    ring: int
    expires_s: float
    receive_by_s: float
    state: str = "open"
    heard: bool = False
    unreached: bool = False

    @property
    def reach(self) -> Reach:
        if self.state == "open":
            return Reach.UNREACHED if self.unreached else Reach.WAITING
        return Reach.TAKEN if self.state == "accepted" else Reach.ANSWERED


@dataclass(slots=True)
class Alarm:
    """One alarm with all that was asked for it."""

    climb_s: float | None
    places: int = RULES.backups
    status: AlarmStatus = AlarmStatus.RAISED
    ring: int = 0
    climbed: int = 0
    desk_told: bool = False
    offers: list[Asked] = field(default_factory=list)
    on_it: dict[int, Responding] = field(default_factory=dict)
    left_s: dict[int, float] = field(default_factory=dict)

    @property
    def asking(self) -> list[Asked]:
        return [one for one in self.offers if one.state == "open"]


@dataclass(frozen=True, slots=True)
class Act:
    """Something done; all that is left to chance in it comes from its own seed, so that it is the
    same whatever is done before."""

    what: str
    seed: str


def acts_of(seed: int) -> tuple[Act, ...]:
    """What is done after the first press."""
    chance = random.Random(seed)  # noqa: S311 - a test wants to repeat it
    return tuple(Act(chance.choice(ACTS), f"{seed}.{turn}") for turn in range(STEPS))


class House:
    """Seven officers and what they are called to; `story` tells a failure."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(f"house {seed}")  # noqa: S311 - a test wants to repeat it
        self.now_s = 0.0
        self.alarms: list[Alarm] = []
        self.story: list[str] = []
        self._on_duty = {who for who in range(OFFICERS) if self._chance.random() < 0.8}
        self._far_m = [self._chance.uniform(0, 20_000) for _ in range(OFFICERS)]

    def play(self, acts: Sequence[Act]) -> None:
        """One schedule; AssertionError when a rule is broken."""
        self._press()
        for act in acts:
            self._chance.seed(act.seed)
            self.story.append(f"{self.now_s:8.1f} s  {act.what}")
            try:
                getattr(self, f"_{act.what}")()
            except CasError:
                continue
            finally:
                self._serve()
                for alarm in self.alarms:
                    _check(alarm)
        self.now_s += 600
        for _ in range(4):
            self._serve()
            self.now_s += 60
        assert not any(alarm.asking for alarm in self.alarms), "an offer is open for ever"
        assert all(a.climb_s is None or a.status in ENDED for a in self.alarms), "climbs for ever"

    def _press(self) -> None:
        alarm = Alarm(self.now_s + RULES.climb_first_s)
        self.alarms.append(alarm)
        self._call(alarm, 1)

    def _wait(self) -> None:
        self.now_s += self._chance.choice((0.5, 3, 5, 8, 20, 45, 900))

    def _duty(self) -> None:
        self._on_duty ^= {self._chance.randrange(OFFICERS)}

    def _hear(self) -> None:
        for one in self._some().asking:
            if self._chance.random() < 0.6:
                one.heard = True

    def _accept(self) -> None:
        alarm = self._some()
        if not alarm.offers:
            return
        one = self._chance.choice(alarm.asking or alarm.offers)
        if one.state != "open" or one.expires_s <= self.now_s or alarm.status in ENDED:
            return
        who, name = UUID(int=one.who), f"officer {one.who}"
        part = state.part_for(alarm.on_it.values(), who, alarm.places)
        one.state = "accepted"
        for other in alarm.asking:
            if other.who == one.who:
                other.state = "stood_down"
        alarm.on_it[one.who] = Responding(who, name, part, ResponderState.ACCEPTED)
        self._follow(alarm)

    def _decline(self) -> None:
        alarm = self._some()
        if alarm.asking:
            self._chance.choice(alarm.asking).state = "declined"
            self._widen_if_over(alarm)

    def _step(self) -> None:
        alarm = self._some()
        wanted = self._chance.choice((ResponderState.EN_ROUTE, ResponderState.ON_SCENE))
        for who, one in alarm.on_it.items():
            if one.active:
                alarm.on_it[who] = replace(one, state=state.step(one.state, wanted))
                break
        self._follow(alarm)

    def _leave(self) -> None:
        alarm = self._some()
        going = [who for who, one in alarm.on_it.items() if one.active]
        if not going or alarm.status in ENDED:
            return
        who = self._chance.choice(going)
        gone = state.step(alarm.on_it[who].state, ResponderState.RELEASED)
        alarm.on_it[who], alarm.left_s[who] = replace(alarm.on_it[who], state=gone), self.now_s
        rest = [other for other in going if other != who]
        if rest and not any(alarm.on_it[other].part == "primary" for other in rest):
            alarm.on_it[rest[0]] = replace(alarm.on_it[rest[0]], part="primary")
        self._follow(alarm)
        if alarm.status is AlarmStatus.RAISED:
            alarm.desk_told = False
            self._call(alarm, escalation.next_ring(alarm.ring))

    def _backup(self) -> None:
        alarm = self._some()
        state.must_be_open(alarm.status, closed=False)
        if alarm.status in ENDED or not any(one.active for one in alarm.on_it.values()):
            return
        alarm.places = max(alarm.places, state.places_wanted(alarm.on_it.values(), 2))
        self._call(alarm, escalation.next_ring(alarm.ring))

    def _cancel(self) -> None:
        self._end(AlarmStatus.CANCELLED)

    def _close(self) -> None:
        if self._chance.random() < 0.3:
            self._end(AlarmStatus.RESOLVED)

    def _end(self, wanted: AlarmStatus) -> None:
        alarm = self._some()
        alarm.status = state.move(alarm.status, wanted)
        for one in alarm.asking:
            one.state = "stood_down"

    def _push(self) -> None:
        """A push that the service refuses again and again ends, and never sooner than it may."""
        wish = self._chance.choice((None, timedelta(seconds=90)))
        waited, attempts = timedelta(), 0
        while True:
            attempts += 1
            settled = decide(Again("429", wish), attempts)
            if isinstance(settled, GiveUp):
                break
            assert settled >= (wish or timedelta()), "sooner than the service asked"
            waited += settled
        assert attempts == 8, "gives up early, or never"
        assert timedelta(seconds=123) <= waited <= timedelta(seconds=8 * 90), waited

    def _some(self) -> Alarm:
        return self._chance.choice(self.alarms)

    def _serve(self) -> None:
        """What the worker does when it comes, as late as it may be."""
        for alarm in self.alarms:
            due = [one for one in alarm.asking if one.expires_s <= self.now_s]
            for one in due:
                one.state = "expired"
            late = [one for one in alarm.asking if not one.heard and not one.unreached
                    and one.receive_by_s <= self.now_s]  # fmt: skip
            for one in late:
                one.unreached = True
            if due or late:
                self._widen_if_over(alarm)
            if alarm.climb_s is not None and alarm.climb_s <= self.now_s:
                at = datetime.fromtimestamp(alarm.climb_s, UTC)
                step = escalation.climb(at, alarm.climbed, RULES)
                alarm.climbed += 1
                alarm.climb_s = step.next_at.timestamp() if step.next_at else None

    def _widen_if_over(self, alarm: Alarm) -> None:
        if alarm.status is not AlarmStatus.RAISED:
            return
        if escalation.ring_is_over(o.reach for o in alarm.offers if o.ring == alarm.ring):
            self._call(alarm, escalation.next_ring(alarm.ring))

    def _call(self, alarm: Alarm, ring: int | None) -> None:
        while ring is not None:
            alarm.ring = ring
            plan = policy.plan(self._candidates(alarm), Need("bjn/kota/"), RULES, ring)
            for chosen in plan.chosen:
                _must_be_callable(alarm, chosen, ring)
                alarm.offers.append(Asked(chosen.personil_id.int, ring, self.now_s + RULES.accept_s,
                                          self.now_s + RULES.receipt_s))  # fmt: skip
            if plan.chosen:
                return
            ring = escalation.next_ring(ring)
        alarm.desk_told = True

    def _candidates(self, alarm: Alarm) -> list[Candidate]:
        return [self._candidate(alarm, who) for who in sorted(self._on_duty)]

    def _candidate(self, alarm: Alarm, who: int) -> Candidate:
        elsewhere = any(
            who in other.on_it and other.on_it[who].active
            for other in self.alarms
            if other is not alarm and other.status not in ENDED
        )
        mine = [one for one in alarm.offers if one.who == who]
        return Candidate(
            personil_id=UUID(int=who),
            name=f"officer {who}",
            distance_m=self._far_m[who],
            accuracy_m=8.0,
            age_s=5.0,
            satuan_path="bjn/kota/",
            skills=frozenset(),
            available=not elsewhere,
            on_alarm=elsewhere,
            asked=bool(mine),
            declined=any(one.state == "declined" for one in mine),
            on_it=who in alarm.on_it and alarm.on_it[who].active,
            left_lately=self.now_s - alarm.left_s.get(who, -LEFT_FOR_S) < LEFT_FOR_S,
        )

    def _follow(self, alarm: Alarm) -> None:
        if state.is_full(alarm.on_it.values(), alarm.places):
            for one in alarm.asking:
                one.state = "stood_down"
        alarm.status = state.followed(alarm.status, alarm.on_it.values())


def _must_be_callable(alarm: Alarm, chosen: Candidate, ring: int) -> None:
    assert not chosen.on_it, "called to what they are on"
    assert not chosen.left_lately, "called to what they have just left"
    twice = [o for o in alarm.offers if o.who == chosen.personil_id.int and o.ring == ring]
    # After the last ring nothing is called again, so a ring is called once.
    assert not twice, "offered twice in one ring"
    assert ring == LAST_RING or not chosen.asked, "asked again before the last ring"


def _check(alarm: Alarm) -> None:
    active = [one for one in alarm.on_it.values() if one.active]
    leading = sum(one.part == "primary" for one in active)
    assert leading == min(len(active), 1), "one leads wherever somebody is on it"
    assert len(active) <= 1 + alarm.places, "more are on it than there are places"
    full = leading == 1 and len(active) == 1 + alarm.places
    assert not (full and alarm.asking), "every place is taken and others are still asked"
    if alarm.status in ENDED:
        assert not alarm.asking, "what is over asks nobody"
        return
    assert (alarm.status is AlarmStatus.RAISED) is not bool(active), "as far as its responders"
    assert active or alarm.asking or alarm.desk_told, "forgotten"
    assert alarm.climb_s is not None or alarm.climbed == 2, "climbs to nobody"
