"""What the simulation reads of the public API's answers and frames; the rest it ignores."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from cas_server.kit.geo import Position

ACTIVE = frozenset({"accepted", "en_route", "on_scene"})


class Shape(msgspec.Struct, frozen=True):
    """Fields that are not named here are skipped unread."""


class Phone(Shape, frozen=True):
    """A signed-in phone of the demo regency."""

    account_id: str
    holder_id: str
    role: str
    token: str
    press_token: str
    home: Position


class Where(Shape, frozen=True):
    place: Position | None


class Offer(Shape, frozen=True):
    """A call, as the Personil called sees it."""

    offer_id: str
    alarm_id: str
    version: int
    state: str
    where: Where
    my_part: str | None
    my_state: str | None

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def is_mine(self) -> bool:
        """True while this Personil is on the alarm."""
        return self.my_state in ACTIVE


class Duty(Shape, frozen=True):
    on_duty: bool
    availability: str | None


class Frame(Shape, frozen=True):
    """Any frame of a Personil's socket; what a type does not have is None."""

    type: str
    duty: Duty | None = None
    offers: list[Offer] | None = None
    offer: Offer | None = None


class Reporter(Shape, frozen=True):
    account_id: str | None


class By(Shape, frozen=True):
    account_id: str
    at: datetime


class Cancelling(Shape, frozen=True):
    at: datetime
    duress: bool


class Responder(Shape, frozen=True):
    state: str
    on_scene_at: datetime | None


class Alarm(Shape, frozen=True):
    """An open alarm, as the desk sees it."""

    id: str
    raised_at: datetime
    demo: bool
    reporter: Reporter
    satuan_path: str
    acknowledged: By | None
    unanswered_at: datetime | None
    cancelled: Cancelling | None
    responders: list[Responder]


class AlarmList(Shape, frozen=True):
    alarms: list[Alarm]


class OwnAlarm(Shape, frozen=True):
    closed_at: datetime | None


class Receipt(Shape, frozen=True):
    """The answer to a press; a press that joined an open alarm gets that one's id."""

    alarm_id: str


class PressKey(Shape, frozen=True):
    """The name under which a phone signs its presses."""

    key_id: UUID


class Account(Shape, frozen=True):
    account_id: str


class SignIn(Shape, frozen=True):
    token: str
    account: Account


class OnDuty(Shape, frozen=True):
    """A Personil on duty and where the server last saw them."""

    personil_id: str
    position: Position | None


def read_phones(file: Path) -> list[Phone]:
    """The phones handed to the simulation."""
    return msgspec.json.decode(file.read_bytes(), type=list[Phone])
