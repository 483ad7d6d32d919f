"""Shapes of Satuan and Wilayah as their admin lists and changes them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from cas_server.administration.effects import Effect
from cas_server.administration.personil_views import Line
from cas_server.kit.wire import Flag, Latitude, Longitude, Wire
from cas_server.registry.entries import SatuanKind, WilayahKind


class SatuanForm(Wire):
    """How a Satuan is to be; its kind and code stay what they were.

    A new one's code is made of its name when it has none. `version` is what came with the state
    that was changed, None for a new one.
    """

    code: Annotated[str, Field(max_length=60)] = ""
    name: Line
    kind: SatuanKind
    parent_id: UUID | None
    phone: Annotated[str, Field(max_length=30)] | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    open: Flag = True
    version: str | None = None


class SatuanRecord(Wire):
    """A Satuan and what hangs on it; `desks` are its operators and pimpinan who may sign in."""

    id: UUID
    code: str
    name: str
    kind: SatuanKind
    parent_id: UUID | None
    path: str
    phone: str | None
    lat: Latitude | None
    lon: Longitude | None
    open: bool
    demo: bool
    personil: int
    desks: int
    alarms: int = Field(description="open ones")
    wilayah: int
    version: str


class SatuanChanged(Wire):
    """What was done, or would be when it was only tried out."""

    stored: bool
    effects: list[Effect]
    satuan: SatuanRecord


class WilayahForm(Wire):
    """Which Satuan is to answer for a Wilayah."""

    satuan_id: UUID
    version: str


class WilayahRecord(Wire):
    """A Wilayah and who answers for it; its outline is found under /v1/wilayah."""

    code: str
    name: str
    kind: WilayahKind
    satuan_id: UUID
    satuan_name: str
    approximate: bool
    version: str


class WilayahChanged(Wire):
    """What was done, or would be when it was only tried out."""

    stored: bool
    effects: list[Effect]
    wilayah: WilayahRecord
