"""Alarms, the other ids they were pressed under, the reporter's fixes, and escalations."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from cas_server.db.base import Base, Key, MaybePoint, Point


class AlarmRow(Base):
    """One alarm. `version` rises under the row lock with every change of its view.

    `merged_into` leads for it: both are of one event, and officers are called to that one only.

    `status` is the response; acknowledgement is a fact of its own. `climb_at` is when an
    unacknowledged alarm climbs next; `unanswered_at` is when every ring had been tried in vain.
    `backup_asked_at`: a responder wants more Personil and the desk has not acted on it;
    `backups_more` are the places this has added.
    `duress_at` marks a cancellation under duress: the phone believes it is cancelled.
    `press_key_id` and `nonce` say which signature raised it. `call_held`: its network pressed so
    often, unverified, that it has called nobody; `folded`: how many more presses it stands for.
    `forgotten_at` is when the reporter was taken out of it, by their wish or by its age.
    `reporter_name` (of Masyarakat and callers) and `reporter_phone` are masks. Whoever called has
    no account, so their name and number stand sealed here; all others' stand at their account.
    """

    __tablename__ = "alarm"
    __table_args__ = (
        CheckConstraint(
            "status IN ('raised', 'accepted', 'en_route', 'on_scene', 'resolved', 'cancelled')",
            name="status",
        ),
        Index("ix_alarm_open_satuan_path", "satuan_path", postgresql_where="closed_at IS NULL"),
        Index("ix_alarm_satuan_path_raised_at", "satuan_path", "raised_at"),
        Index(
            "ix_alarm_open_reporter_account_id",
            "reporter_account_id",
            "raised_at",
        ),
        CheckConstraint(
            "verification IN ('verified', 'bearer', 'unverified', 'desk')", name="verification"
        ),
        Index(
            "ix_alarm_malicious_reporter_account_id",
            "reporter_account_id",
            postgresql_where="disposition = 'false_malicious'",
        ),
        Index(
            "ix_alarm_to_forget",
            "closed_at",
            postgresql_where="closed_at IS NOT NULL AND forgotten_at IS NULL",
        ),
        Index("ix_alarm_climb_at", "climb_at", postgresql_where="climb_at IS NOT NULL"),
        Index("ix_alarm_at_site", "raised_at", postgresql_where="site_id IS NOT NULL"),
        Index("ix_alarm_merged_into", "merged_into", postgresql_where="merged_into IS NOT NULL"),
    )

    id: Mapped[Key]
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    status: Mapped[str] = mapped_column(server_default="raised")
    kind: Mapped[str]
    silent: Mapped[bool]
    note: Mapped[str | None]
    demo: Mapped[bool]
    raised_at: Mapped[datetime]
    pressed_at: Mapped[datetime | None]
    battery_percent: Mapped[int | None]

    reporter_account_id: Mapped[UUID | None]
    reporter_role: Mapped[str]
    reporter_name: Mapped[str]
    reporter_phone: Mapped[str | None]
    reporter_name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    reporter_phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    site_id: Mapped[UUID | None]
    channel: Mapped[str] = mapped_column(server_default="app")

    verification: Mapped[str] = mapped_column(server_default="bearer")
    press_key_id: Mapped[UUID | None]
    nonce: Mapped[str | None]
    late_s: Mapped[int | None]
    clock_off_s: Mapped[int | None]
    suspicion_level: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    suspicion_reasons: Mapped[list[str]] = mapped_column(server_default="{}")
    network: Mapped[str | None]
    call_held: Mapped[bool] = mapped_column(server_default=text("false"))
    folded: Mapped[int] = mapped_column(server_default=text("0"))

    at: Mapped[MaybePoint]
    accuracy_m: Mapped[float | None]
    position_source: Mapped[str]
    position_at: Mapped[datetime | None]

    satuan_id: Mapped[UUID] = mapped_column(ForeignKey("satuan.id"))
    satuan_path: Mapped[str]
    wilayah_code: Mapped[str | None]
    wilayah_name: Mapped[str | None]

    ring: Mapped[int]
    next_check_at: Mapped[datetime]
    climb_at: Mapped[datetime | None]
    climbed: Mapped[int] = mapped_column(server_default=text("0"))
    unanswered_at: Mapped[datetime | None]
    backup_asked_at: Mapped[datetime | None]
    backups_more: Mapped[int] = mapped_column(server_default=text("0"))
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("alarm.id"))

    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str | None]
    duress_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    disposition: Mapped[str | None]
    closing_note: Mapped[str | None]
    forgotten_at: Mapped[datetime | None]


class AlarmAliasRow(Base):
    """A repeated press that joined an open alarm: its own id leads there for ever."""

    __tablename__ = "alarm_alias"

    id: Mapped[Key]
    alarm_id: Mapped[UUID] = mapped_column(ForeignKey("alarm.id"), index=True)
    pressed_at: Mapped[datetime]


class FoldedPressRow(Base):
    """An unverified press that one entry of the queue stands for; its id leads to that alarm.

    `phone` is a mask of what stands sealed beside it.
    """

    __tablename__ = "folded_press"

    id: Mapped[Key]
    alarm_id: Mapped[UUID] = mapped_column(ForeignKey("alarm.id"), index=True)
    received_at: Mapped[datetime]
    kind: Mapped[str]
    note: Mapped[str | None]
    phone: Mapped[str | None]
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    network: Mapped[str]
    at: Mapped[MaybePoint]
    accuracy_m: Mapped[float | None]


class PressNetworkRow(Base):
    """Unverified presses of one network in one minute; "*" stands for all networks."""

    __tablename__ = "press_network"

    network: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    presses: Mapped[int]


class PressFoldRow(Base):
    """Which alarm stands for the folded presses of a network, a minute and a Polres."""

    __tablename__ = "press_fold"

    network: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    polres_path: Mapped[str] = mapped_column(primary_key=True)
    alarm_id: Mapped[UUID] = mapped_column(ForeignKey("alarm.id"))


class AlarmFixRow(Base):
    """Where the person in danger was, while the alarm is open."""

    __tablename__ = "alarm_fix"
    __table_args__ = (UniqueConstraint("alarm_id", "fixed_at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    alarm_id: Mapped[UUID] = mapped_column(ForeignKey("alarm.id"))
    at: Mapped[Point]
    accuracy_m: Mapped[float]
    fixed_at: Mapped[datetime]
    received_at: Mapped[datetime]


class EscalationRow(Base):
    """Staff told beyond the desk: which role at which Satuan, and why."""

    __tablename__ = "escalation"
    __table_args__ = (Index("ix_escalation_alarm_id", "alarm_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    alarm_id: Mapped[UUID] = mapped_column(ForeignKey("alarm.id"))
    at: Mapped[datetime]
    reason: Mapped[str]
    satuan_id: Mapped[UUID] = mapped_column(ForeignKey("satuan.id"))
    role: Mapped[str]


class AlarmHandoverRow(Base):
    """An alarm that one Satuan's desk gave to another's; the first goes on seeing it."""

    __tablename__ = "alarm_handover"
    __table_args__ = (Index("ix_alarm_handover_alarm_id", "alarm_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    alarm_id: Mapped[UUID] = mapped_column(ForeignKey("alarm.id"))
    at: Mapped[datetime]
    from_satuan_id: Mapped[UUID] = mapped_column(ForeignKey("satuan.id"))
    to_satuan_id: Mapped[UUID] = mapped_column(ForeignKey("satuan.id"))
    account_id: Mapped[UUID]
    reason: Mapped[str]


class AlarmPictureRow(Base):
    """A picture the reporter sent, or a responder (`personil_id`), made anew by us.

    `sha256` stands in the journal, too.
    """

    __tablename__ = "alarm_picture"
    __table_args__ = (Index("ix_alarm_picture_alarm_id", "alarm_id", "received_at"),)

    id: Mapped[Key]
    alarm_id: Mapped[UUID] = mapped_column(ForeignKey("alarm.id"))
    personil_id: Mapped[UUID | None]
    received_at: Mapped[datetime]
    size_bytes: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class AlarmSoundRow(Base):
    """A sound the reporter recorded, as it came; `sha256` stands in the journal, too."""

    __tablename__ = "alarm_sound"
    __table_args__ = (Index("ix_alarm_sound_alarm_id", "alarm_id", "received_at"),)

    id: Mapped[Key]
    alarm_id: Mapped[UUID] = mapped_column(ForeignKey("alarm.id"))
    received_at: Mapped[datetime]
    size_bytes: Mapped[int]
    length_ms: Mapped[int]
    media_type: Mapped[str]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class RevealRow(Base):
    """Somebody looked up who a reporter is, and why; `told` means that the reporter sees it."""

    __tablename__ = "reveal"
    __table_args__ = (
        Index("ix_reveal_alarm_id", "alarm_id", "id"),
        Index("ix_reveal_account_id_at", "account_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    alarm_id: Mapped[UUID] = mapped_column(ForeignKey("alarm.id"))
    account_id: Mapped[UUID]
    role: Mapped[str]
    reason: Mapped[str]
    told: Mapped[bool]
    at: Mapped[datetime]


class ShiftNoteRow(Base):
    """What one shift of a desk leaves to the next; `taken` by whoever went on from there."""

    __tablename__ = "shift_note"
    __table_args__ = (Index("ix_shift_note_satuan_id_written_at", "satuan_id", "written_at"),)

    id: Mapped[Key]
    satuan_id: Mapped[UUID] = mapped_column(ForeignKey("satuan.id"))
    satuan_path: Mapped[str]
    text: Mapped[str]
    written_at: Mapped[datetime]
    written_by: Mapped[UUID]
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[UUID | None]
