"""What a seed means: who presses when, and what breaks. The first seeds are every point in turn."""

import random
from dataclasses import dataclass, field, replace
from typing import Literal

from cas_server.kit.fault import POINTS
from tests.crash.officers import Habit, Temper
from tests.crash.people import CITIZENS, OFFICERS

Proof = Literal["bearer", "signed", "unverified", "yesterday", "tomorrow"]
DOES = ("kill", "stop", "delay 0.7")
ENUMERATED = tuple((point, does) for point in sorted(POINTS) for does in DOES)
SELDOM = frozenset({"alarm.climbed", "ring.widened", "unverified.written"})
PRESSES_WITHIN_S = 2.0
LONGEST_FAULT_S = 3.0

PROOFS: tuple[Proof, ...] = ("bearer", "signed", "yesterday", "unverified", "signed", "tomorrow")
TEMPERS: tuple[Temper, ...] = ("accepts", "accepts", "accepts", "declines", "ignores")


@dataclass(frozen=True)
class Order:
    """The `count`-th passing of a point ends so."""

    point: str
    count: int
    does: str


@dataclass(frozen=True)
class Trouble:
    """Something from outside: it begins at `at_s` and lasts for `lasts_s`."""

    at_s: float
    what: str
    target: str
    lasts_s: float


@dataclass(frozen=True)
class Press:
    at_s: float
    citizen: int
    proof: Proof
    north_m: float
    east_m: float

    @property
    def shows(self) -> bool:
        """Whoever is signed in in the usual way adds a picture."""
        return self.proof in ("bearer", "yesterday")


@dataclass(frozen=True)
class Schedule:
    """A whole story, the same for the same seed; what the machines make of it may differ.

    `calm`: for a minute nothing happens by itself and nobody answers, so that no later news of an
    alarm can hide that the first was lost.
    """

    seed: int
    presses: list[Press]
    habits: list[Habit]
    orders: list[Order] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    calm: bool = False
    site: bool = False
    """The bank presses, too, and its contact person is to hear of it."""

    def __str__(self) -> str:
        orders = [f"{one.does} at {one.point} #{one.count}" for one in self.orders]
        troubles = [f"{one.what} {one.target} at {one.at_s:.1f} s for {one.lasts_s:.1f} s"
                    for one in self.troubles]  # fmt: skip
        return ", ".join(orders + troubles) or "nothing breaks"


TROUBLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("kill", ("serve-0", "serve-1", "work", "postgres")),
    ("power", ("postgres",)),
    ("full disk", ("postgres",)),
    ("stop", ("serve-0", "serve-1", "work", "postgres", "fcm")),
    ("fcm", ("project_quota_exceeded", "quota_exceeded", "internal", "unavailable", "hang",
             "bad_gateway", "never_delivered", "unauthenticated")),
    ("outside", ("texts 500", "texts 429", "texts hang", "browsers 500", "browsers 429",
                 "browsers hang")),
    ("hold", ("0 up", "0 down", "0 both", "1 up", "1 down", "1 both")),
    ("hold and cut", ("0 up", "0 down", "1 down", "1 both")),
    ("slow", ("0 0.2", "1 0.5")),
    ("cut", ("0", "1")),
    ("herd", ("0", "1")),
    ("deaf", ("0", "1")),
    ("lose", ("0 up 0.3", "0 down 0.3", "1 both 0.5")),
    ("lose", ("0 up 1", "0 down 1", "1 up 1", "1 both 1")),
)  # fmt: skip


def of_seed(seed: int) -> Schedule:
    """Seeds below len(ENUMERATED): one order each. Above: two to four of anything."""
    chance = random.Random(seed)  # noqa: S311 - it must be the same again
    schedule = plain(chance, seed)
    if seed < len(ENUMERATED):
        return _at_one_point(chance, schedule, *ENUMERATED[seed])
    if chance.random() < 0.25:
        schedule = calm(schedule)
    for _ in range(chance.randint(2, 4)):
        if chance.random() < 0.4:
            point = chance.choice(sorted(POINTS))
            schedule.orders.append(Order(point, chance.randint(1, 6), chance.choice(DOES)))
        else:
            schedule.troubles.append(_trouble(chance))
    return replace(schedule, site=chance.random() < 0.3)


def _at_one_point(chance: random.Random, story: Schedule, point: str, does: str) -> Schedule:
    """With whatever it takes for the point to be passed at all."""
    count = 1 if point in SELDOM else chance.randint(1, 2)
    story.orders.append(Order(point, count, does))
    if point == "live.snapshot":  # read only when somebody comes back
        story.troubles.append(Trouble(0.3, "cut", "0", 0.0))
        story.troubles.append(Trouble(0.6, "cut", "1", 0.0))
    if point == "ring.widened":
        return replace(story, habits=[replace(one, temper="declines") for one in story.habits])
    return story


def plain(chance: random.Random, seed: int = -1) -> Schedule:
    """Everybody presses, each in their own way, and nothing breaks."""
    presses = [
        Press(
            chance.uniform(0, PRESSES_WITHIN_S),
            citizen,
            PROOFS[citizen % len(PROOFS)],
            chance.uniform(-1_000, 1_000),
            chance.uniform(-1_000, 1_000),
        )
        for citizen in range(CITIZENS)
    ]
    # The same person once more, close by, under another id: it joins.
    first = presses[0]
    presses.append(Press(first.at_s + 0.5, 0, "bearer", first.north_m + 20, first.east_m))
    habits = [
        Habit(TEMPERS[number % len(TEMPERS)], chance.uniform(0.05, 2.5), chance.random() < 0.5)
        for number in range(OFFICERS)
    ]
    return Schedule(seed, presses, habits)


def calm(schedule: Schedule) -> Schedule:
    """The same presses in a town where nobody looks at the phone and no deadline is near."""
    nobody = [replace(habit, temper="ignores") for habit in schedule.habits]
    return replace(schedule, habits=nobody, calm=True)


def seed_of(point: str, does: str) -> int:
    """The seed that breaks exactly there."""
    return ENUMERATED.index((point, does))


def _trouble(chance: random.Random) -> Trouble:
    what, targets = chance.choice(TROUBLES)
    lasts_s = chance.uniform(0.3, LONGEST_FAULT_S)
    return Trouble(chance.uniform(0, PRESSES_WITHIN_S), what, chance.choice(targets), lasts_s)
