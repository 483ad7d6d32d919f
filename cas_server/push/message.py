"""Pure: what a locked screen may show, and how long it is worth showing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from cas_server.kit import base64url


class Kind(StrEnum):
    OFFER = "offer"
    STOOD_DOWN = "stood_down"
    ASSIGNED = "assigned"
    ESCALATION = "escalation"
    DESK = "desk"
    NEW_DEVICE = "new_device"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class Text:
    """Words for whoever looks at the screen, which may be anybody: no name, no place, no kind."""

    title: str
    body: str


NOBODY = UUID(int=0)

TEXTS: Mapping[Kind, Text] = {
    Kind.OFFER: Text("Panggilan tugas", "Buka aplikasi untuk melihat dan menjawab."),
    Kind.STOOD_DOWN: Text("Panggilan berakhir", "Panggilan tugas ini sudah tidak berlaku."),
    Kind.ASSIGNED: Text("Penugasan", "Anda ditugaskan. Buka aplikasi."),
    Kind.ESCALATION: Text("Perlu perhatian", "Ada alarm yang menunggu tindakan. Buka aplikasi."),
    Kind.DESK: Text("Pusat komando", "Ada alarm yang perlu dilihat. Buka layar komando."),
    Kind.NEW_DEVICE: Text(
        "Perangkat baru", "Akun Anda masuk di perangkat lain. Bukan Anda? Lapor."
    ),
    Kind.DRILL: Text("LATIHAN", "Latihan, bukan alarm. Buka aplikasi untuk menjawab."),
}
assert TEXTS.keys() == set(Kind), "every kind needs its words"

WORTH: Mapping[Kind, timedelta] = {
    # An offer's own deadline is nearer than this; a phone that wakes later must not ring.
    Kind.OFFER: timedelta(minutes=2),
    Kind.STOOD_DOWN: timedelta(minutes=2),
    Kind.ASSIGNED: timedelta(minutes=10),
    Kind.ESCALATION: timedelta(minutes=10),
    Kind.DESK: timedelta(minutes=2),
    # Also a phone that was off over night is told.
    Kind.NEW_DEVICE: timedelta(days=3),
    Kind.DRILL: timedelta(minutes=2),
}
assert WORTH.keys() == set(Kind), "every kind needs its time"


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened, to be told to somebody's devices; `made_at` is when it happened."""

    kind: Kind
    alarm_id: UUID | None
    """None when it is about the account itself."""
    version: int
    made_at: datetime
    offer_id: UUID | None = None
    expires_at: datetime | None = None
    reason: str | None = None

    @property
    def useless_at(self) -> datetime:
        """From then on it is better not told."""
        worth_until = self.made_at + WORTH[self.kind]
        return min(worth_until, self.expires_at) if self.expires_at else worth_until


@dataclass(frozen=True, slots=True)
class PushMessage:
    """A data message: the app wakes, shows the words, and fetches the rest after unlock."""

    data: Mapping[str, str]
    text: Text
    collapse_key: str
    ttl: timedelta


def compose(notice: Notice, now: datetime) -> PushMessage | None:
    """The message to send now; None when it is past its use."""
    left = notice.useless_at - now
    if left <= timedelta():
        return None
    text = TEXTS[notice.kind]
    facts = {
        "kind": notice.kind.value,
        "alarm_id": notice.alarm_id,
        "version": str(notice.version),
        "title": text.title,
        "body": text.body,
        "offer_id": notice.offer_id,
        "expires_at": notice.expires_at.isoformat() if notice.expires_at else None,
        "reason": notice.reason,
    }
    return PushMessage(
        data={name: str(fact) for name, fact in facts.items() if fact is not None},
        text=text,
        collapse_key=collapse_key(notice.alarm_id or NOBODY, notice.version),
        # Whole seconds; zero would mean "only if the phone is awake this instant".
        ttl=timedelta(seconds=max(1, int(left.total_seconds()))),
    )


def collapse_key(alarm_id: UUID, version: int) -> str:
    """One for each alarm and version, within the 32 characters a browser's push service allows."""
    return f"{base64url.to_text(alarm_id.bytes)}-{version}"
