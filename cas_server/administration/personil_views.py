"""Shapes of the Personil as their admin lists and changes them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from cas_server.administration.effects import Effect
from cas_server.kit.wire import Flag, Wire

Line = Annotated[str, Field(max_length=200)]


class PersonilForm(Wire):
    """How a Personil is to be; the NRP stays what it was.

    `version` is what came with the state that was changed, None for somebody new.
    """

    nrp: Annotated[str, Field(max_length=18)]
    name: Line
    rank: Line
    satuan_id: UUID
    skills: Annotated[list[Line], Field(max_length=20)]
    phone: Annotated[str, Field(max_length=30)] | None = None
    in_service: Flag = True
    version: str | None = None


class PersonilRecord(Wire):
    """A Personil as they stand in the registry, on duty or not."""

    id: UUID
    nrp: str
    name: str
    rank: str
    satuan_id: UUID
    satuan_name: str
    skills: list[str]
    phone: str | None
    in_service: bool
    on_duty: bool
    alarm: int | None = Field(description="the open alarm they are on, by its number")
    desa: list[str] = Field(description="what they are Bhabinkamtibmas of")
    demo: bool
    version: str


class PersonilPage(Wire):
    """The first of those who fit, by name; `total` is how many there are."""

    total: int
    personil: list[PersonilRecord]


class PersonilChanged(Wire):
    """What was done, or would be when it was only tried out; `personil` is how they stand then."""

    stored: bool
    effects: list[Effect]
    personil: PersonilRecord
