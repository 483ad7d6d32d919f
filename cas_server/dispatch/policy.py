"""Pure: score candidates, choose a ring, say why. A human may always overrule it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

import msgspec

LAST_RING = 3
MORE_FOR_OFFICER = 2
"""So many more places for backups when it is an officer who is in danger."""
OTHER_ALARM_M = 1_000.0
"""What it counts against somebody that they would leave another alarm for an officer in danger."""
LEFT_FOR = timedelta(minutes=10)
"""Whoever left an alarm, or was taken off it, is not called to it again so soon."""

SKILLS_FOR: Mapping[str, frozenset[str]] = {
    # Until somebody says what it is, it may be the worst.
    "unknown": frozenset({"tim_panther"}),
    "crime": frozenset({"tim_panther"}),
    "accident": frozenset({"lantas"}),
    "medical": frozenset({"p3k"}),
}
"""Skills that are worth a detour, by kind of alarm."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a Satuan calls: every figure a setting of the Satuan, defaults from the order of work.

    The penalties are metres added to the distance; the lowest sum is called first.
    """

    ring_1_count: int = 3
    ring_1_radius_m: float = 5_000
    ring_2_count: int = 5
    ring_2_radius_m: float = 15_000
    accept_s: float = 20
    receipt_s: float = 5
    backups: int = 1
    climb_first_s: float = 30
    climb_second_s: float = 60
    stale_after_s: float = 120
    join_within_s: float = 60
    join_within_m: float = 200

    stale_penalty_m: float = 5_000
    age_penalty_m_per_s: float = 14
    """Town speed, 50 km/h: so far may somebody have driven since the fix."""
    other_satuan_penalty_m: float = 500
    skill_bonus_m: float = 400
    pending_offer_penalty_m: float = 2_000
    mock_penalty_m: float = 3_000

    @staticmethod
    @lru_cache(maxsize=256)
    def of(settings: str) -> "Rules":
        """The rules of a Satuan from its settings, a JSON object.

        Names that are none of ours are another slice's settings.
        """
        known = {field.name for field in fields(Rules)}
        told = msgspec.json.decode(settings)
        return Rules(**{name: value for name, value in told.items() if name in known})

    def radius_m(self, ring: int) -> float | None:
        """How far a ring reaches; None is the whole Polres."""
        return {1: self.ring_1_radius_m, 2: self.ring_2_radius_m}.get(ring)

    def count(self, ring: int) -> int | None:
        """How many a ring calls; None is everybody."""
        return {1: self.ring_1_count, 2: self.ring_2_count}.get(ring)

    def places(self, in_danger: UUID | None) -> int:
        """How many may come beside the first."""
        return self.backups + (MORE_FOR_OFFICER if in_danger is not None else 0)

    @property
    def accept_within(self) -> timedelta:
        return timedelta(seconds=self.accept_s)

    @property
    def receipt_within(self) -> timedelta:
        return timedelta(seconds=self.receipt_s)


class Candidate(msgspec.Struct, frozen=True):
    """A Personil on duty, as seen from one alarm at one moment.

    `age_s` is the age of the position; `declined`, `asked` (in any ring), `asked_last` (in the last
    one), `on_it` and `left_lately` speak of this alarm only; `pending_offers` of other alarms.
    (A Struct, for every press makes two dozen of them.)
    """

    personil_id: UUID
    name: str
    distance_m: float
    accuracy_m: float
    age_s: float
    satuan_path: str
    skills: frozenset[str]
    available: bool
    on_break: bool = False
    on_alarm: bool = False
    mock: bool = False
    asked: bool = False
    asked_last: bool = False
    declined: bool = False
    on_it: bool = False
    left_lately: bool = False
    pending_offers: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """What an alarm asks for: the Satuan that covers it, and useful skills.

    `in_danger` is the Personil who pressed, if one did: they are not called to their own alarm.
    """

    satuan_path: str
    skills: frozenset[str] = frozenset()
    in_danger: UUID | None = None

    @property
    def is_officer(self) -> bool:
        """An officer's own SOS outranks whatever else Personil are asked or do."""
        return self.in_danger is not None


class Weighed(msgspec.Struct, frozen=True):
    """A candidate with its score in metres (None: not eligible) and the reason."""

    candidate: Candidate
    score: float | None
    parts: Mapping[str, float]
    chosen: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One ring's decision: everybody weighed, best first."""

    ring: int
    radius_m: float | None
    weighed: tuple[Weighed, ...]

    @property
    def chosen(self) -> tuple[Candidate, ...]:
        return tuple(w.candidate for w in self.weighed if w.chosen)


def score(candidate: Candidate, need: Need, rules: Rules) -> dict[str, float]:
    """The parts of a candidate's score, in metres; zero parts are left out."""
    stale = candidate.age_s > rules.stale_after_s
    parts = {
        "distance": candidate.distance_m,
        "accuracy": candidate.accuracy_m,
        "age": min(candidate.age_s, rules.stale_after_s) * rules.age_penalty_m_per_s,
        "stale": rules.stale_penalty_m if stale else 0.0,
        "other_satuan": (
            0.0
            if candidate.satuan_path.startswith(need.satuan_path)
            else rules.other_satuan_penalty_m
        ),
        "skills": -rules.skill_bonus_m * len(need.skills & candidate.skills),
        "pending_offer": (
            0.0
            if need.is_officer
            else rules.pending_offer_penalty_m * min(candidate.pending_offers, 1)
        ),
        "other_alarm": OTHER_ALARM_M if need.is_officer and candidate.on_alarm else 0.0,
        "mock": rules.mock_penalty_m if candidate.mock else 0.0,
    }
    return {name: round(metres, 1) for name, metres in parts.items() if metres}


def plan(candidates: Iterable[Candidate], need: Need, rules: Rules, ring: int) -> Plan:
    """Choose whom `ring` calls.

    Those on another alarm are called only when nobody else is left; those on a break only in the
    last ring; whoever declined is asked again only there. For an officer in danger all of them
    count as free, and a ring calls as many as the next one would.
    """
    radius_m = rules.radius_m(ring)
    count = rules.count(ring + 1 if need.is_officer else ring)
    ranked = sorted(
        ((candidate, score(candidate, need, rules)) for candidate in candidates),
        key=lambda pair: (sum(pair[1].values()), pair[0].personil_id.int),
    )
    refusals = {c.personil_id: _refusal(c, need, radius_m, ring) for c, _ in ranked}
    eligible = [c for c, _ in ranked if refusals[c.personil_id] is None]
    free = [c for c in eligible if need.is_officer or not c.on_alarm]
    called = {c.personil_id for c in (free or eligible)[:count]}
    return Plan(
        ring,
        radius_m,
        tuple(
            _weigh(need, (candidate, parts), refusals[candidate.personil_id], called)
            for candidate, parts in ranked
        ),
    )


def _refusal(candidate: Candidate, need: Need, radius_m: float | None, ring: int) -> str | None:
    """Why a candidate cannot be called in this ring at all; None when they can."""
    last = ring >= LAST_RING
    checks = (
        (candidate.personil_id == need.in_danger, "in_danger"),
        (candidate.on_it, "on_it"),
        (candidate.left_lately, "left_lately"),
        (radius_m is not None and candidate.distance_m > (radius_m or 0), "outside_radius"),
        (candidate.asked_last or (candidate.asked and not last), "asked_before"),
        (candidate.declined and not last, "declined_before"),
        (candidate.on_break and not last and not need.is_officer, "on_break"),
        (_is_busy(candidate, need) and not last, "busy"),
    )
    return next((reason for holds, reason in checks if holds), None)


def _is_busy(candidate: Candidate, need: Need) -> bool:
    if candidate.on_break and need.is_officer:
        return False
    return not candidate.available and not candidate.on_alarm


def _weigh(
    need: Need, scored: tuple[Candidate, dict[str, float]], refusal: str | None, called: set[UUID]
) -> Weighed:
    candidate, parts = scored
    if refusal is not None:
        return Weighed(candidate, None, parts, chosen=False, reason=refusal)
    chosen = candidate.personil_id in called
    gives_way = candidate.on_alarm and not need.is_officer
    if chosen:
        reason = "last_resort" if gives_way else "best_score"
    else:
        reason = "on_other_alarm" if gives_way else "others_closer"
    return Weighed(candidate, round(sum(parts.values()), 1), parts, chosen=chosen, reason=reason)
