"""What every shape on the wire has in common: frozen, and strict about unknown fields."""

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from cas_server.kit.geo import Position


class Wire(BaseModel):
    """A shape that leaves or enters the server."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        # Else TypeScript sees `type?: "snapshot"` and cannot narrow.
        json_schema_serialization_defaults_required=True,
    )


def _written_out(value: object) -> object:
    """Else a bare number would be taken for seconds since 1970, which no schema of ours says."""
    if isinstance(value, datetime) or (isinstance(value, str) and value[4:5] == "-"):
        return value
    raise ValueError("write it out, like 2026-01-31T20:15:00+07:00")


Moment = Annotated[
    AwareDatetime, BeforeValidator(_written_out, json_schema_input_type=AwareDatetime)
]
"""A time with its zone, as a client sends it."""

Flag = Annotated[bool, Field(strict=True)]
"""True or false, and not 0, 1 or "yes"."""


def _no_flag(value: object) -> object:
    """Python counts with True and False; 80.0 is a whole number all the same."""
    if isinstance(value, bool):
        raise ValueError("must be a number")  # noqa: TRY004 - what pydantic turns into a refusal
    return value


Whole = Annotated[int, BeforeValidator(_no_flag)]
Number = Annotated[float, Field(strict=True)]
"""A number that is written as one, and not as a text or true."""

Latitude = Annotated[Number, Field(ge=-90, le=90)]
Longitude = Annotated[Number, Field(ge=-180, le=180)]


class Place(Wire):
    """A point in degrees (WGS 84); `accuracy_m` is how far it may be off."""

    lat: Latitude
    lon: Longitude
    accuracy_m: Number = Field(0.0, ge=0)

    @classmethod
    def of(cls, position: Position) -> "Place":
        return cls(lat=position.lat, lon=position.lon, accuracy_m=position.accuracy_m)

    def position(self) -> Position:
        return Position(self.lat, self.lon, self.accuracy_m)
