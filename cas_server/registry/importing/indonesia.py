"""Pure: whether coordinates lie in Indonesia, and whether somebody swapped them."""

from dataclasses import dataclass
from enum import Enum, auto

# A tenth of a degree beyond the outermost islands.
_SOUTH, _NORTH, _WEST, _EAST = -11.2, 6.2, 94.8, 141.2


class Whereabouts(Enum):
    INSIDE = auto()
    SWAPPED = auto()
    """They would lie in Indonesia if longitude and latitude changed places."""
    OUTSIDE = auto()


@dataclass(frozen=True, slots=True)
class Box:
    """The smallest and largest of each coordinate, in the order they stand in."""

    first_min: float
    second_min: float
    first_max: float
    second_max: float


def whereabouts(box: Box) -> Whereabouts:
    """Where coordinates lie that should be longitude first, latitude second."""
    if _holds(box.first_min, box.first_max, box.second_min, box.second_max):
        return Whereabouts.INSIDE
    if _holds(box.second_min, box.second_max, box.first_min, box.first_max):
        return Whereabouts.SWAPPED
    return Whereabouts.OUTSIDE


def sentence(found: Whereabouts, *, swap: bool) -> str:
    """What to tell a person whose coordinates are not INSIDE."""
    if found is Whereabouts.SWAPPED and swap:
        return "longitude and latitude were in their right places; leave out --swap"
    if found is Whereabouts.SWAPPED:
        return "longitude and latitude are swapped; import again with --swap to change them over"
    return "lies outside Indonesia; coordinates must be degrees (WGS 84)"


def _holds(west: float, east: float, south: float, north: float) -> bool:
    return west >= _WEST and east <= _EAST and south >= _SOUTH and north <= _NORTH
