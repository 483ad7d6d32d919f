"""The shapes a Personil on duty is shown in."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from cas_server.kit.wire import Flag, Latitude, Longitude, Moment, Number, Place, Whole, Wire


class Availability(StrEnum):
    AVAILABLE = "available"
    BUSY = "busy"
    BREAK = "break"


class FixView(Wire):
    """One position as a phone reports it; `fixed_at` is the phone's clock."""

    lat: Latitude
    lon: Longitude
    accuracy_m: Number = Field(ge=0, le=100_000)
    speed_mps: Number | None = Field(None, ge=0)
    heading_deg: Number | None = Field(None, ge=0, le=360)
    battery_percent: Whole | None = Field(None, ge=0, le=100)
    mock: Flag = False
    fixed_at: Moment


class DutyView(Wire):
    """A Personil's own duty; `on_duty` False means nothing else is known."""

    on_duty: bool
    since: datetime | None
    availability: Availability | None
    alarm_id: UUID | None


class DutyStretch(Wire):
    """From when to when one was on duty; `ended_at` None: one still is."""

    began_at: datetime
    ended_at: datetime | None


class PersonilView(Wire):
    """One Personil on duty, as the command centre sees them. Stale is judged by `fixed_at`."""

    personil_id: UUID
    name: str
    rank: str
    satuan_id: UUID
    satuan_name: str
    satuan_path: str
    skills: list[str]
    availability: Availability
    alarm_id: UUID | None
    position: Place | None
    speed_mps: float | None
    heading_deg: float | None
    battery_percent: int | None
    fixed_at: datetime | None
    mock: bool
    demo: bool


FixReason = Annotated[
    Literal["old", "future", "impossible", "unordered"],
    Field(description="why a fix was kept out of the live position"),
]


class DutyWish(Wire):
    """What a Personil wants to be."""

    availability: Availability = Availability.AVAILABLE


class FixBatch(Wire):
    """Fixes in any order; those of a phone that was offline come all at once."""

    fixes: list[FixView] = Field(max_length=1_000)


class DroppedFix(Wire):
    """A fix that did not become the live position; `index` counts from 0 in the batch."""

    index: int
    reason: FixReason


class FixesTaken(Wire):
    """What became of a batch. It is stored."""

    accepted: int
    dropped: list[DroppedFix]


class TrackFix(Wire):
    """Where a Personil was at one moment of an alarm."""

    fixed_at: datetime
    lat: float
    lon: float
    accuracy_m: float
    speed_mps: float | None


class TrackView(Wire):
    """One Personil's way along an alarm, in the order of time."""

    personil_id: UUID
    fixes: list[TrackFix]


class TrackLook(Wire):
    """Whose way one wants to see (None: everybody's on the alarm), and why."""

    reason: str = Field(min_length=3, max_length=500)
    personil_id: UUID | None = None


class TracksShown(Wire):
    """The tracks along one alarm; `cut` says that later fixes were left out."""

    alarm_id: UUID
    cut: bool
    tracks: list[TrackView]
