"""Pure: which fix becomes the live position, and when a position is stale."""

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from cas_server.kit.geo import Position, distance_m

STALE_S = 120.0
"""Patrols fix every few seconds; after two minutes without one, the map must not be believed."""

OLD_S = STALE_S
"""A fix that would be stale on arrival says where somebody was, not where they are."""

FUTURE_S = 30.0
"""Clocks set by a network are right within a second or so; the rest of this is rounding and luck.

A fix from the future makes every true one after it look overtaken, for as long as it lies ahead:
this is also how long a wrong one can freeze a Personil on the map.
"""

FASTEST_MPS = 90.0
"""324 km/h: faster than anything the police of a regency drives, slower than a wild reading."""

SHORTEST_S = 1.0
"""Phones round to whole seconds: two fixes "at once" may be a second's drive apart."""

AGREEING = 3
"""After an impossible jump, so many fixes in a row that agree with each other are the truth."""

STEADY_S = 5.0
"""A clock that is wrong is wrong by the same amount each time; a network's delay is not."""

STEADY_FOR_S = 20.0
"""How long, on the server's clock, before a steady wrong is put down to the phone's clock."""


class Reading(Protocol):
    """What a phone reports, however it came: by HTTP or by socket."""

    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...
    @property
    def accuracy_m(self) -> float: ...
    @property
    def speed_mps(self) -> float | None: ...
    @property
    def heading_deg(self) -> float | None: ...
    @property
    def battery_percent(self) -> int | None: ...
    @property
    def mock(self) -> bool: ...
    @property
    def fixed_at(self) -> datetime: ...


class Verdict(StrEnum):
    """What became of a fix."""

    ACCEPTED = "accepted"
    OLD = "old"
    FUTURE = "future"
    IMPOSSIBLE = "impossible"
    UNORDERED = "unordered"


@dataclass(frozen=True, slots=True)
class Fix:
    """A reading with its time on the server's clock."""

    position: Position
    fixed_at: datetime
    speed_mps: float | None = None
    heading_deg: float | None = None
    battery_percent: int | None = None
    mock: bool = False


@dataclass(frozen=True, slots=True)
class WrongClock:
    """Since when the phone's times have been off by about `off_s` (positive: it lags)."""

    since: datetime
    off_s: float
    newest_at: datetime


@dataclass(frozen=True, slots=True)
class Track:
    """What is remembered of one Personil between two fixes."""

    last: Fix | None = None
    """The newest accepted."""
    suspect: Fix | None = None
    """The newest that was impossible after `last`."""
    agreeing: int = 0
    """How many fixes in a row have agreed with `suspect`, itself included."""
    clock: WrongClock | None = None


NEW = Track()


def is_stale(fixed_at: datetime, now: datetime) -> bool:
    """True when a position is too old to send somebody by it."""
    return (now - fixed_at).total_seconds() > STALE_S


def judge(track: Track, reading: Reading, now: datetime) -> tuple[Verdict, Fix, Track]:
    """The verdict on a reading, the fix it makes, and what to remember."""
    fixed_at = reading.fixed_at
    if fixed_at.tzinfo is None:
        # Rather a guess than a patrol that is not on the map at all.
        fixed_at = fixed_at.replace(tzinfo=UTC)
    age_s = (now - fixed_at).total_seconds()
    clock = None
    if not -FUTURE_S <= age_s <= OLD_S:
        clock = _watch_clock(track.clock, fixed_at, age_s, now)
        if (now - clock.since).total_seconds() < STEADY_FOR_S or fixed_at < clock.newest_at:
            verdict = Verdict.FUTURE if age_s < 0 else Verdict.OLD
            return verdict, _fix(reading, fixed_at), replace(track, clock=clock)
        fixed_at = min(fixed_at + timedelta(seconds=clock.off_s), now)
    fix = _fix(reading, fixed_at)
    verdict, followed = _follow(track, fix)
    return verdict, fix, replace(followed, clock=clock) if clock else followed


def _watch_clock(
    clock: WrongClock | None, fixed_at: datetime, age_s: float, now: datetime
) -> WrongClock:
    """The same wrong again, or the first of another wrong."""
    if clock is None or abs(age_s - clock.off_s) > STEADY_S:
        return WrongClock(now, age_s, fixed_at)
    return replace(clock, newest_at=max(clock.newest_at, fixed_at))


def _follow(track: Track, fix: Fix) -> tuple[Verdict, Track]:
    """Does it come after the last one, and can it be reached from there?"""
    last, suspect = track.last, track.suspect
    if last is None:
        return Verdict.ACCEPTED, Track(last=fix)
    if fix.fixed_at <= last.fixed_at:
        return Verdict.UNORDERED, track
    if is_possible(last, fix):
        return Verdict.ACCEPTED, Track(last=fix)
    agreeing = 1
    if suspect is not None and suspect.fixed_at < fix.fixed_at and is_possible(suspect, fix):
        agreeing += track.agreeing
    if agreeing >= AGREEING:
        return Verdict.ACCEPTED, Track(last=fix)
    return Verdict.IMPOSSIBLE, Track(last=last, suspect=fix, agreeing=agreeing)


def is_possible(earlier: Fix, later: Fix) -> bool:
    """Could anything have driven from one to the other, wherever in their circles they were?"""
    one, other = earlier.position, later.position
    gap_m = distance_m(one, other) - one.accuracy_m - other.accuracy_m
    elapsed_s = (later.fixed_at - earlier.fixed_at).total_seconds()
    return gap_m <= FASTEST_MPS * max(elapsed_s, SHORTEST_S)


def _fix(reading: Reading, fixed_at: datetime) -> Fix:
    speed_mps = reading.speed_mps
    return Fix(
        Position(reading.lat, reading.lon, reading.accuracy_m),
        fixed_at,
        # Some phones divide by a time of nought; JSON has no infinity to show it with.
        speed_mps if speed_mps is not None and math.isfinite(speed_mps) else None,
        reading.heading_deg,
        reading.battery_percent,
        reading.mock,
    )
