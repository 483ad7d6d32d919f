"""Pure: what a phone's receiver makes of where it is: an error that wanders, not one that jumps."""

import math
from dataclasses import dataclass
from random import Random

from cas_server.demo.driving import Motion, shifted
from cas_server.kit.geo import Position

ERROR_M = 3.0
ERROR_FOR_S = 40.0
WORST_M = 12.0
COARSE = 0.02
"""Among houses or under trees the receiver now and then admits to know little."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """How far off it is just now, and how full the phone's battery is."""

    east_m: float = 0.0
    north_m: float = 0.0
    battery: float = 80.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What the phone would report."""

    at: Position
    speed_mps: float
    heading_deg: float | None
    battery_percent: int


def read(
    receiver: Receiver, motion: Motion, elapsed_s: float, chance: Random
) -> tuple[Reading, Receiver]:
    """The reading, and the receiver as it is afterwards."""
    kept = math.exp(-max(elapsed_s, 0.0) / ERROR_FOR_S)
    east_m, north_m = (
        _wander(error, kept, chance) for error in (receiver.east_m, receiver.north_m)
    )
    accuracy_m = min(25.0, 3.0 + math.hypot(east_m, north_m) + chance.expovariate(0.5))
    if chance.random() < COARSE:
        accuracy_m *= 3
    seen = shifted(motion.at, east_m, north_m)
    moving = motion.speed_mps > 1.0
    reading = Reading(
        at=Position(round(seen.lat, 6), round(seen.lon, 6), round(accuracy_m, 1)),
        speed_mps=round(max(0.0, motion.speed_mps + chance.gauss(0, 0.2)), 1) if moving else 0.0,
        heading_deg=round(motion.heading_deg, 1) % 360 if moving else None,
        battery_percent=round(receiver.battery),
    )
    return reading, Receiver(east_m, north_m, _drain(receiver.battery, elapsed_s))


def _wander(error_m: float, kept: float, chance: Random) -> float:
    moved = error_m * kept + ERROR_M * math.sqrt(1 - kept * kept) * chance.gauss(0, 1)
    return max(-WORST_M, min(WORST_M, moved))


def _drain(battery: float, elapsed_s: float) -> float:
    left = battery - elapsed_s / 400
    return left if left > 15 else 95.0  # put on the car's charger
