"""The shapes in which an Instansi sees itself, and in which a desk watches over sites."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from cas_server.identity.views import Device, Label
from cas_server.kit.wire import Flag, Latitude, Longitude, Moment, Wire

Words = Annotated[str, Field(max_length=1_000)]


class SiteContactBody(Wire):
    """Somebody to ask for at a site, as its Instansi writes them."""

    name: str = Field(min_length=1, max_length=100)
    phone: str = Field("", max_length=30)
    duty: str = Field("", max_length=100)


class OwnSite(Wire):
    """A site as its own Instansi sees it; numbers are whole for its manager only."""

    id: UUID
    code: str
    name: str
    address: str
    lat: Latitude
    lon: Longitude
    floor: str
    responder_notes: str
    contacts: list[SiteContactBody]


class OwnInstansi(Wire):
    """The Instansi of whoever asks."""

    id: UUID
    name: str
    manager: bool = Field(description="whether the asker may change its sites and people")
    sites: list[OwnSite]


class SiteChange(Wire):
    """What an Instansi's manager may say of a site; its address and place come from the Satuan."""

    floor: str = Field(max_length=100)
    responder_notes: Words
    contacts: list[SiteContactBody] = Field(max_length=10)


class PetugasBody(Wire):
    """Somebody who works at the Instansi and signs in with their own number."""

    name: str = Field(min_length=1, max_length=100)
    phone: str = Field(min_length=5, max_length=30)
    manager: Flag = False


class ManagerBody(Wire):
    """Who is to be the first to manage an Instansi."""

    name: str = Field(min_length=1, max_length=100)
    phone: str = Field(min_length=5, max_length=30)


class Petugas(Wire):
    """One of the Instansi's people as its manager sees them; the number is a mask."""

    id: UUID
    name: str
    phone: str
    manager: bool
    added_at: datetime
    removed_at: datetime | None


class Line(Wire):
    """The device that stands at the site."""

    device: Device = Field(min_length=1)
    label: Label = ""


class DrillBody(Wire):
    """Where the practice press was made."""

    site_id: UUID


class Drill(Wire):
    """A practice press: when it was made, seen by the desk, received by officers, and over."""

    id: UUID
    site_id: UUID
    calls_agreed: bool = Field(description="it began in a window agreed with the Satuan")
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    personil_told: int
    personil_received: int
    last_received_at: datetime | None


class DrillWindowBody(Wire):
    """When drills of a site should tell officers."""

    from_at: Moment
    until_at: Moment


class DrillWindow(Wire):
    """A time in which drills of a site may tell officers, once its Satuan has agreed."""

    id: UUID
    site_id: UUID
    from_at: datetime
    until_at: datetime
    asked_at: datetime
    agreed: bool | None = Field(description="null: not answered yet")
    answered_at: datetime | None


class DrillCall(Wire):
    """A drill as the officer sees it who is told of it. It is no offer and asks for no way."""

    drill_id: UUID
    place: str
    called_at: datetime
    over_at: datetime
    received_at: datetime | None


class OwnDrills(Wire):
    """The newest drills of a site, how many there were, and the windows for officers to come."""

    last_30_days: int
    drills: list[Drill]
    windows: list[DrillWindow]


class WatchedSite(Wire):
    """A site as it is named to a desk."""

    site_id: UUID
    instansi_name: str
    name: str
    address: str


class LostLine(WatchedSite):
    """A site none of whose devices is heard any more; `since` is when the last one was."""

    since: datetime
    devices: int


class RunningDrill(WatchedSite):
    """A drill that a site is holding now."""

    drill: Drill


class AskedWindow(WatchedSite):
    """A window that a site has asked for, or that was agreed to."""

    window: DrillWindow


class SiteWatch(Wire):
    """What a desk should know of its sites beside their alarms."""

    at: datetime
    lost: list[LostLine]
    drills: list[RunningDrill]
    windows: list[AskedWindow]


class DrillAgreement(Wire):
    """Whether drills in the window may tell officers."""

    agreed: Flag
