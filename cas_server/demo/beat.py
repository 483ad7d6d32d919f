"""Pure: where a patrol goes next when nobody has called, and how long it stays there."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from random import Random

from cas_server.demo.driving import Motion, along, shifted
from cas_server.kit.geo import Position, distance_m

ALONE_RADIUS_M = 1_500.0
WIDEST_RADIUS_M = 6_000.0
LEG_M = (300.0, 1_400.0)
PATROL_MPS = (6.0, 12.5)
"""20 to 45 km/h: looking, not racing."""

_ONWARD_DEG = 45.0


@dataclass(frozen=True, slots=True)
class Beat:
    """The ground one patrol covers."""

    centre: Position
    radius_m: float

    def holds(self, at: Position) -> bool:
        return distance_m(self.centre, at) <= self.radius_m


class Halt(Enum):
    """What a patrol does where it stops."""

    PASS = auto()
    WAIT = auto()
    """A crossing, a word with somebody."""
    LOOK = auto()
    """A round on foot."""
    BREAK = auto()
    """Off the list for a while, and says so."""
    SILENCE = auto()
    """No network: the phone says nothing, and the map shows the patrol stale."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A halt and how long it lasts."""

    halt: Halt
    seconds: float


# Out of 1000, with the shortest and longest stay in seconds. About 30 halts an hour: so a break
# comes once in three hours, a silence once in two and a half. About a quarter of them stand.
_HALTS: dict[Halt, tuple[int, float, float]] = {
    Halt.PASS: (376, 0, 0),
    Halt.WAIT: (460, 8, 60),
    Halt.LOOK: (140, 60, 240),
    Halt.BREAK: (10, 240, 480),
    Halt.SILENCE: (14, 150, 260),
}


def radius_m(sharing: int) -> float:
    """As many as start from one place, so much wider do they spread."""
    return min(WIDEST_RADIUS_M, ALONE_RADIUS_M * math.sqrt(max(1, sharing)))


def sharing(homes: Iterable[Position]) -> Counter[tuple[float, float]]:
    """How many start from each place."""
    return Counter((home.lat, home.lon) for home in homes)


def beat_of(home: Position, sharing: int, chance: Random) -> Beat:
    """A piece of the ground around home, a little beside everybody else's."""
    radius = radius_m(sharing)
    part = radius * 0.5
    return Beat(_within(Beat(home, radius - part), chance), part)


def next_goal(beat: Beat, motion: Motion, chance: Random) -> Position:
    """Somewhere onward, as one goes along streets; back inside when that would leave the beat."""
    course = motion.heading_deg + chance.gauss(0, _ONWARD_DEG)
    goal = along(motion.at, course, chance.uniform(*LEG_M))
    return goal if beat.holds(goal) else _within(beat, chance)


def start(beat: Beat, chance: Random) -> Motion:
    """Standing somewhere on the beat."""
    return Motion(_within(beat, chance), chance.uniform(0, 360))


def stay(chance: Random) -> Stay:
    """What happens at the end of a leg."""
    halts = list(_HALTS)
    (halt,) = chance.choices(halts, weights=[_HALTS[each][0] for each in halts])
    _, shortest_s, longest_s = _HALTS[halt]
    return Stay(halt, chance.uniform(shortest_s, longest_s))


def _within(beat: Beat, chance: Random) -> Position:
    # The root spreads points evenly over the disc instead of crowding its middle.
    distance = beat.radius_m * 0.97 * math.sqrt(chance.random())
    direction = chance.uniform(0, 2 * math.pi)
    return shifted(beat.centre, distance * math.sin(direction), distance * math.cos(direction))
