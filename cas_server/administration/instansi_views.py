"""Shapes of Instansi as their admin lists and changes them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from cas_server.administration.effects import Effect
from cas_server.administration.personil_views import Line
from cas_server.kit.wire import Flag, Wire
from cas_server.registry.entries import InstansiKind


class InstansiForm(Wire):
    """How an Instansi is to be; its code stays what it was, or is made of the name of a new one.

    `version` is what came with the state that was changed, None for a new one.
    """

    code: Annotated[str, Field(max_length=60)] = ""
    name: Line
    kind: InstansiKind
    open: Flag = True
    version: str | None = None


class RegisteredSite(Wire):
    """A site as it came by file; `devices` stand there, and `heard_at` is when the last one was."""

    code: str
    name: str
    address: str
    devices: int
    heard_at: datetime | None


class InstansiRecord(Wire):
    """An Instansi with its sites; names and numbers of its managers are masks."""

    id: UUID
    code: str
    name: str
    kind: InstansiKind
    open: bool
    demo: bool
    people: int
    managers: list[str]
    sites: list[RegisteredSite]
    version: str


class InstansiPage(Wire):
    """The first of those that fit, by name; `total` is how many there are."""

    total: int
    instansi: list[InstansiRecord]


class InstansiChanged(Wire):
    """What was done, or would be when it was only tried out."""

    stored: bool
    effects: list[Effect]
    instansi: InstansiRecord
