"""Pure: how a patrol car moves. The same physics on a beat and on the way to an alarm."""

import math
from dataclasses import dataclass
from random import Random

from cas_server.kit.geo import EARTH_RADIUS_M, Position, bearing_deg, distance_m

# Found in a 20-minute town drive at 1 Hz: 90 % of speed changes within 2 m/s², 99 % of turns
# within 22 degrees a second, roads 1.05 to 1.3 times as long as the straight line.
ACCELERATE_MPS2 = 1.5
BRAKE_MPS2 = 3.0
SIDEWAYS_MPS2 = 3.0
TURN_DEG_PER_S = 35.0
SWAY_DEG = 28.0
SWAY_FOR_S = 25.0

FASTEST_MPS = 20.0
"""72 km/h: nobody drives faster through these villages, whatever is asked of them."""

CRAWL_MPS = 4.0
ARRIVED_M = 20.0
STEP_S = 0.5
LONGEST_S = 60.0
"""A machine that slept does not make its patrols drive through the night in one step."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Where a car is, where it points, how fast it goes, and how far the road bends away."""

    at: Position
    heading_deg: float = 0.0
    speed_mps: float = 0.0
    sway_deg: float = 0.0


def shifted(start: Position, east_m: float, north_m: float) -> Position:
    """The point so many metres away; good for a regency, not for an ocean."""
    lat = start.lat + math.degrees(north_m / EARTH_RADIUS_M)
    lon = start.lon + math.degrees(east_m / (EARTH_RADIUS_M * math.cos(math.radians(start.lat))))
    return Position(lat, lon, start.accuracy_m)


def along(start: Position, heading_deg: float, distance: float) -> Position:
    """The point `distance` metres away in a direction."""
    heading = math.radians(heading_deg)
    return shifted(start, distance * math.sin(heading), distance * math.cos(heading))


def has_arrived(motion: Motion, goal: Position) -> bool:
    """True when the car is there and stands."""
    return motion.speed_mps == 0 and distance_m(motion.at, goal) <= ARRIVED_M * 1.5


def drive(
    motion: Motion, goal: Position, top_mps: float, elapsed_s: float, chance: Random
) -> Motion:
    """Towards `goal` for so long; slower in bends and before the end, and standing at it."""
    left_s = min(elapsed_s, LONGEST_S)
    while left_s > 0:
        motion = _step(motion, goal, min(top_mps, FASTEST_MPS), min(left_s, STEP_S), chance)
        left_s -= STEP_S
    return motion


def halt(motion: Motion, elapsed_s: float) -> Motion:
    """Brake to a stand, straight on."""
    speed_mps = max(0.0, motion.speed_mps - BRAKE_MPS2 * elapsed_s)
    rolling_s = min(elapsed_s, motion.speed_mps / BRAKE_MPS2)
    rolled_m = (motion.speed_mps + speed_mps) / 2 * rolling_s
    at = along(motion.at, motion.heading_deg, rolled_m)
    return Motion(at, motion.heading_deg, speed_mps, motion.sway_deg)


def _step(motion: Motion, goal: Position, top_mps: float, seconds: float, chance: Random) -> Motion:
    gap_m = distance_m(motion.at, goal)
    if gap_m <= ARRIVED_M:
        return halt(motion, seconds)
    sway_deg = _sway(motion.sway_deg, seconds, chance)
    # Roads bend, but the last of them ends at the house.
    course_deg = bearing_deg(motion.at, goal) + sway_deg * min(1.0, gap_m / 300)
    turn_deg = (course_deg - motion.heading_deg + 180) % 360 - 180
    speed_mps = _speed(motion.speed_mps, _allowed_mps(top_mps, turn_deg, gap_m), seconds)
    turning = min(TURN_DEG_PER_S, math.degrees(SIDEWAYS_MPS2 / max(speed_mps, 1.0))) * seconds
    heading_deg = (motion.heading_deg + max(-turning, min(turning, turn_deg))) % 360
    at = along(motion.at, heading_deg, speed_mps * seconds)
    return Motion(at, heading_deg, speed_mps, sway_deg)


def _allowed_mps(top_mps: float, turn_deg: float, gap_m: float) -> float:
    bend = max(0.0, math.cos(math.radians(turn_deg)))
    stopping = math.sqrt(2 * ACCELERATE_MPS2 * max(gap_m - ARRIVED_M, 0)) + 1
    return max(min(CRAWL_MPS, stopping), min(top_mps, top_mps * bend * bend, stopping))


def _speed(now_mps: float, wanted_mps: float, seconds: float) -> float:
    change = wanted_mps - now_mps
    return now_mps + max(-BRAKE_MPS2 * seconds, min(ACCELERATE_MPS2 * seconds, change))


def _sway(now_deg: float, seconds: float, chance: Random) -> float:
    """A course that wanders slowly: each second remembers most of the one before."""
    kept = math.exp(-seconds / SWAY_FOR_S)
    wandered = now_deg * kept + SWAY_DEG * math.sqrt(1 - kept * kept) * chance.gauss(0, 1)
    return max(-2 * SWAY_DEG, min(2 * SWAY_DEG, wandered))
