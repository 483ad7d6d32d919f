"""The shapes a Personil on duty is shown in."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from cas_server.kit.wire import Latitude, Longitude, Place, Wire


class Availability(StrEnum):
    AVAILABLE = "available"
    BUSY = "busy"
    BREAK = "break"


class FixView(Wire):
    """One position as a phone reports it; `fixed_at` is the phone's clock."""

    lat: Latitude
    lon: Longitude
    accuracy_m: float = Field(ge=0, le=100_000)
    speed_mps: float | None = Field(None, ge=0)
    heading_deg: float | None = Field(None, ge=0, le=360)
    battery_percent: int | None = Field(None, ge=0, le=100)
    mock: bool = False
    fixed_at: datetime


class DutyView(Wire):
    """A Personil's own duty; `on_duty` False means nothing else is known."""

    on_duty: bool
    since: datetime | None
    availability: Availability | None
    alarm_id: UUID | None


class PersonilView(Wire):
    """One Personil on duty, as the command centre sees them. Stale is judged by `fixed_at`."""

    personil_id: UUID
    name: str
    rank: str
    satuan_id: UUID
    satuan_name: str
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
