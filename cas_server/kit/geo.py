"""Places on the earth as values: pure, and exact enough for a regency."""

import math
from dataclasses import dataclass

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the WGS 84 ellipsoid (IUGG)."""


@dataclass(frozen=True, slots=True)
class Position:
    """A point in degrees (WGS 84) and how far it may be off."""

    lat: float
    lon: float
    accuracy_m: float = 0.0

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            raise ValueError(f"latitude {self.lat}, longitude {self.lon} is not on the earth")


def distance_m(one: Position, other: Position) -> float:
    """Great-circle distance in metres (haversine): within 0.5 % of the spheroid."""
    phi_1, phi_2 = math.radians(one.lat), math.radians(other.lat)
    half_lat = (phi_2 - phi_1) / 2
    half_lon = math.radians(other.lon - one.lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(phi_1) * math.cos(phi_2) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(chord)))


def bearing_deg(start: Position, end: Position) -> float:
    """Initial bearing from `start` to `end`, degrees clockwise from north, 0 to 360."""
    phi_1, phi_2 = math.radians(start.lat), math.radians(end.lat)
    lon = math.radians(end.lon - start.lon)
    east = math.sin(lon) * math.cos(phi_2)
    north = math.cos(phi_1) * math.sin(phi_2) - math.sin(phi_1) * math.cos(phi_2) * math.cos(lon)
    return math.degrees(math.atan2(east, north)) % 360
