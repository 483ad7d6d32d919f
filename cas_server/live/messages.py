"""The two unions: every message there is on the socket."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from cas_server.alarm.views import AlarmView, OfferView, OwnAlarmView
from cas_server.identity.roles import Role
from cas_server.kit.wire import Flag, Latitude, Longitude, Moment, Number, Whole, Wire
from cas_server.presence.views import DutyView, PersonilView


class Hello(Wire):
    """First frame, within 10 s: the credential. Never in the URL, where proxies log it."""

    type: Literal["hello"]
    token: str = Field(min_length=8, max_length=200)


class Watch(Wire):
    """Show me this: my own picture. Answered with a snapshot, then with changes.

    `satuan_id` narrows a desk's picture to a Satuan below its own; None is all it may see.
    """

    type: Literal["watch"]
    satuan_id: UUID | None = None


class Fix(Wire):
    """Where a Personil on duty is; the fields of an HTTP fix."""

    type: Literal["fix"]
    lat: Latitude
    lon: Longitude
    accuracy_m: Number = Field(ge=0, le=100_000)
    speed_mps: Number | None = Field(None, ge=0)
    heading_deg: Number | None = Field(None, ge=0, le=360)
    battery_percent: Whole | None = Field(None, ge=0, le=100)
    mock: Flag = False
    fixed_at: Moment


class Receipt(Wire):
    """This offer is on my screen."""

    type: Literal["receipt"]
    offer_id: UUID


class Welcome(Wire):
    """The credential was good; `server_time` lets a client judge its own clock."""

    type: Literal["welcome"] = "welcome"
    server_time: datetime
    account_id: UUID
    role: Role
    name: str


class DeskSnapshot(Wire):
    """The whole picture of a command centre: every open alarm, every Personil on duty."""

    type: Literal["desk.snapshot"] = "desk.snapshot"
    at: datetime
    alarms: list[AlarmView]
    personil: list[PersonilView]


class PersonilSnapshot(Wire):
    """The whole picture of a Personil: own duty, open offers, tasks, and what they pressed."""

    type: Literal["personil.snapshot"] = "personil.snapshot"
    at: datetime
    duty: DutyView
    offers: list[OfferView]
    alarms: list[OwnAlarmView]


class ReporterSnapshot(Wire):
    """The whole picture of whoever pressed: own alarms that are open or ended within the hour."""

    type: Literal["reporter.snapshot"] = "reporter.snapshot"
    at: datetime
    alarms: list[OwnAlarmView]


PhoneSnapshot = PersonilSnapshot | ReporterSnapshot


class AlarmChanged(Wire):
    """An alarm as it is now, for a desk. A closed one leaves the picture."""

    type: Literal["alarm.changed"] = "alarm.changed"
    alarm: AlarmView


class OfferChanged(Wire):
    """An offer, and the alarm behind it, as they are now, for the Personil."""

    type: Literal["offer.changed"] = "offer.changed"
    offer: OfferView


class OwnAlarmChanged(Wire):
    """An alarm as it is now, for whoever pressed."""

    type: Literal["own_alarm.changed"] = "own_alarm.changed"
    alarm: OwnAlarmView


class PersonilMoved(Wire):
    """Newest state of Personil on duty that changed since the last one, for a desk."""

    type: Literal["personil.moved"] = "personil.moved"
    personil: list[PersonilView]


class PersonilLeft(Wire):
    """These went off duty: take them off the map."""

    type: Literal["personil.left"] = "personil.left"
    personil_ids: list[UUID]


class DutyChanged(Wire):
    """A Personil's own duty as it is now."""

    type: Literal["duty.changed"] = "duty.changed"
    duty: DutyView


class DrillChanged(Wire):
    """A drill that this Personil is told of began, was received or is over: read it anew.

    It is no offer, and no part of the picture.
    """

    type: Literal["drill.changed"] = "drill.changed"
    drill_id: UUID


class Tick(Wire):
    """All is well and there is nothing new: sent at least every 2 s after a snapshot."""

    type: Literal["tick"] = "tick"
    server_time: datetime


class Refused(Wire):
    """A frame that was not accepted: stable code, one sentence. Some are followed by a close."""

    type: Literal["refused"] = "refused"
    code: str
    detail: str


ClientMessage = Annotated[Hello | Watch | Fix | Receipt, Field(discriminator="type")]
ServerMessage = Annotated[
    Welcome
    | DeskSnapshot
    | PersonilSnapshot
    | ReporterSnapshot
    | AlarmChanged
    | OfferChanged
    | OwnAlarmChanged
    | PersonilMoved
    | PersonilLeft
    | DutyChanged
    | DrillChanged
    | Tick
    | Refused,
    Field(discriminator="type"),
]

client_message: TypeAdapter[Hello | Watch | Fix | Receipt] = TypeAdapter(ClientMessage)
