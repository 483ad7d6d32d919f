"""The shapes an alarm is shown in: one for the desk, one for the Personil called, one for
whoever pressed."""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from cas_server.dispatch.views import (
    OfferLine,
    OfferState,
    Part,
    ResponderLine,
    ResponderState,
    SiteBrief,
)
from cas_server.identity.views import Verification
from cas_server.kit.wire import Place, Wire


class AlarmKind(StrEnum):
    """What has happened; `unknown` until somebody says it."""

    UNKNOWN = "unknown"
    CRIME = "crime"
    FIRE = "fire"
    MEDICAL = "medical"
    ACCIDENT = "accident"
    OTHER = "other"


class AlarmStatus(StrEnum):
    RAISED = "raised"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"


class Disposition(StrEnum):
    GENUINE = "genuine"
    FALSE_ACCIDENTAL = "false_accidental"
    FALSE_MALICIOUS = "false_malicious"
    TEST = "test"
    DUPLICATE = "duplicate"
    HANDED_OVER = "handed_over"


Reason = Literal[
    "unverified",
    "bad_signature",
    "malicious_before",
    "mock_location",
    "many_accounts",
    "busy_network",
    "clock_wrong",
]


class SuspicionLevel(IntEnum):
    """The higher, the lower in the queue."""

    NONE = 0
    SOME = 1
    HIGH = 2


class Suspicion(Wire):
    """Why the desk should call back before it believes; it never kept anybody from being called."""

    level: SuspicionLevel
    reasons: list[Reason]


PositionSource = Literal["gps", "pin", "last_known", "site", "desk", "none"]
"""`pin`: put there by hand by whoever pressed."""


class PlaceOfAlarm(Wire):
    """Where it is, how that is known, and since when. `place` None: nobody knows yet."""

    place: Place | None
    source: PositionSource
    at: datetime | None
    wilayah_code: str | None
    wilayah_name: str | None


class Reporter(Wire):
    """Who pressed, or who called the desk: a mask of name and number until they are revealed."""

    account_id: UUID | None
    role: str
    name: str
    phone: str | None
    channel: str


class SiteContact(Wire):
    """Somebody to ask for at an Instansi's site, or a number without a name to call back."""

    name: str
    phone: str
    duty: str


class RevealedReporter(Wire):
    """Who pressed or called, in full: never stored or shown beyond the one look asked for."""

    alarm_id: UUID
    name: str
    phone: str | None
    contacts: list[SiteContact]


class RevealLine(Wire):
    """Somebody with this role looked up who the reporter is."""

    at: datetime
    role: str


class Bhabinkamtibmas(Wire):
    """Who knows the desa: worth a call, whether on duty or not."""

    personil_id: UUID
    name: str
    phone: str | None


class ByAt(Wire):
    """Who did it, and when."""

    account_id: UUID
    name: str
    at: datetime


class Cancelling(Wire):
    """The reporter took it back; `duress` means under threat: treat it as worse, not as over."""

    at: datetime
    reason: str
    duress: bool


class Closing(Wire):
    """How the desk closed it."""

    by: ByAt
    disposition: Disposition
    note: str


class MergedInto(Wire):
    """The alarm of the same event that leads: officers are called to that one only."""

    alarm_id: UUID
    number: int


class HandedOver(Wire):
    """The last Satuan whose desk gave the alarm on, and why."""

    at: datetime
    satuan_name: str
    reason: str


class EscalationLine(Wire):
    """Staff told beyond the desk."""

    at: datetime
    reason: Literal["unacknowledged", "ring_2", "ring_3", "unanswered", "duress"]
    satuan_name: str
    role: str


class AlarmView(Wire):
    """The whole alarm as the command centre sees it; the higher `version` is the newer.

    `ringing` is True while nobody at the desk has acknowledged it, and again when nobody came or
    a responder asks for backup.
    `late_s` is how long after the press it arrived, if that was long; `clock_off_s` is set when
    the phone's clock cannot be believed. `call_held`: so many unverified presses came from its
    network that it has called no Personil; the desk decides. `folded` counts the presses that this
    entry stands for beside its own.
    `demo` marks a simulated one. `also_seen_by` are the paths of other Satuan whose Personil were
    called to it, or that handed it on: their desks see it too, but may not act on it.
    """

    id: UUID
    number: int
    version: int
    status: AlarmStatus
    kind: AlarmKind
    silent: bool
    demo: bool
    note: str | None
    battery_percent: int | None
    raised_at: datetime
    pressed_at: datetime | None
    verification: Verification
    late_s: int | None
    clock_off_s: int | None
    suspicion: Suspicion
    call_held: bool
    folded: int
    pictures: list[UUID] = Field(description="sent by the reporter, the earliest first")
    sounds: list[UUID] = Field(description="recorded by the reporter, the earliest first")
    network: str | None = Field(description="where an unverified press came from")
    reporter: Reporter
    where: PlaceOfAlarm
    site: SiteBrief | None
    bhabinkamtibmas: Bhabinkamtibmas | None
    satuan_id: UUID
    satuan_name: str
    satuan_path: str
    also_seen_by: list[str]
    handed_over: HandedOver | None
    ring: int
    ringing: bool
    acknowledged: ByAt | None
    unanswered_at: datetime | None
    merged_into: MergedInto | None
    cancelled: Cancelling | None
    closed: Closing | None
    offers: list[OfferLine]
    responders: list[ResponderLine]
    escalations: list[EscalationLine]

    def seen_from(self, satuan_path: str) -> bool:
        """True when a desk at `satuan_path` sees this alarm."""
        paths = (self.satuan_path, *self.also_seen_by)
        return any(path.startswith(satuan_path) for path in paths)


class OfferView(Wire):
    """An alarm as one called Personil sees it; `version` is the alarm's.

    `verification` says how sure it is who pressed. `taken_by` names the primary responder once
    there is one. `my_part` and `my_state` are set
    while the Personil is a responder, `reported_at` when they have reported.
    `duress`: the reporter was made to cancel; go on, with care.
    `officer_in_danger`: a Personil pressed.
    """

    offer_id: UUID
    alarm_id: UUID
    version: int
    number: int
    ring: int
    state: OfferState
    offered_at: datetime
    expires_at: datetime
    received_at: datetime | None
    distance_m: float | None
    bearing_deg: float | None
    kind: AlarmKind
    silent: bool
    demo: bool
    duress: bool
    officer_in_danger: bool
    verification: Verification
    note: str | None
    pictures: list[UUID]
    sounds: list[UUID]
    status: AlarmStatus
    raised_at: datetime
    closed_at: datetime | None
    where: PlaceOfAlarm
    site: SiteBrief | None
    taken_by: str | None
    my_part: Part | None
    my_state: ResponderState | None
    reported_at: datetime | None
    responders: list[ResponderLine]


class OwnAlarmView(Wire):
    """An alarm as whoever pressed it sees it: no officer's name, no track.

    A cancellation under duress looks like any other here. `joint`: others have told of the same
    event, and who comes to them comes here, too. `reveals` are the looks at one's name
    and number, as far as the server tells them.
    """

    id: UUID
    version: int
    joint: bool
    status: AlarmStatus
    kind: AlarmKind
    received_at: datetime
    satuan_name: str
    satuan_phone: str | None
    personil_called: int
    personil_coming: int
    acknowledged_at: datetime | None
    on_scene_at: datetime | None
    next_check_at: datetime | None
    closed_at: datetime | None
    where: PlaceOfAlarm
    pictures: list[UUID]
    sounds: list[UUID]
    reveals: list[RevealLine]


class Arrival(Wire):
    """`about_minutes` is None when nobody comes, has arrived, or is known where."""

    about_minutes: int | None


class Dropped(Wire):
    """A field of a press that could not be used; the press itself was taken."""

    field: str
    reason: str


class PressReceipt(Wire):
    """The answer to a press, the same for every repeat of it.

    `alarm_id` differs from the id pressed when the press joined an alarm that was open already.
    `desk_first`: nobody is called before somebody at the desk has looked, because too many
    unverified presses came from the same network; then `next_check_at` is empty.
    """

    alarm_id: UUID
    joined: bool
    received_at: datetime
    satuan_name: str
    satuan_phone: str | None
    personil_called: int
    next_check_at: datetime | None
    verification: Verification
    desk_first: bool
    dropped: list[Dropped]


class PictureReceipt(Wire):
    """A picture that was kept, as a JPEG of so many bytes; the same for every repeat."""

    id: UUID
    alarm_id: UUID
    received_at: datetime
    size_bytes: int


class SoundReceipt(Wire):
    """A recording that was kept as it came; the same for every repeat."""

    id: UUID
    alarm_id: UUID
    received_at: datetime
    size_bytes: int
    length_ms: int


class FoldedPress(Wire):
    """One of the presses that an entry of the queue stands for."""

    id: UUID
    received_at: datetime
    kind: AlarmKind
    note: str | None
    phone: str | None
    network: str
    place: Place | None


class TimelineEntry(Wire):
    """One line of an alarm's story; `kind` is subject, dot, past tense."""

    at: datetime
    kind: str
    actor: str | None
    facts: dict[str, str | int | float | bool | None] = Field(default_factory=dict)
