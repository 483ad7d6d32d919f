"""What every shape on the wire has in common: frozen, and strict about unknown fields."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from cas_server.kit.geo import Position


class Wire(BaseModel):
    """A shape that leaves or enters the server."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        # Else TypeScript sees `type?: "snapshot"` and cannot narrow.
        json_schema_serialization_defaults_required=True,
    )


Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class Place(Wire):
    """A point in degrees (WGS 84); `accuracy_m` is how far it may be off."""

    lat: Latitude
    lon: Longitude
    accuracy_m: float = Field(0.0, ge=0)

    @classmethod
    def of(cls, position: Position) -> "Place":
        return cls(lat=position.lat, lon=position.lon, accuracy_m=position.accuracy_m)

    def position(self) -> Position:
        return Position(self.lat, self.lon, self.accuracy_m)
