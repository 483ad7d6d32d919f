"""Duty, the live positions, and the tracks along alarms."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from cas_server.db.base import Base, Point


class DutyRow(Base):
    """One row per Personil on duty; it survives a crash, unlike the live position.

    `alarm_id` is the alarm they have taken on, `alarm_since` since when. The counters say how many
    fixes were kept out of the live position, and why; mock ones are let in, marked and counted.
    """

    __tablename__ = "duty"
    __table_args__ = (
        CheckConstraint("availability IN ('available', 'busy', 'break')", name="availability"),
        Index("ix_duty_satuan_path", "satuan_path"),
        Index(
            "ix_duty_on_alarm_personil_id", "personil_id", postgresql_where="alarm_id IS NOT NULL"
        ),
    )

    personil_id: Mapped[UUID] = mapped_column(ForeignKey("personil.id"), primary_key=True)
    satuan_path: Mapped[str]
    since: Mapped[datetime]
    availability: Mapped[str] = mapped_column(server_default="available")
    alarm_id: Mapped[UUID | None]
    alarm_since: Mapped[datetime | None]
    old_fixes: Mapped[int] = mapped_column(server_default=text("0"))
    future_fixes: Mapped[int] = mapped_column(server_default=text("0"))
    impossible_fixes: Mapped[int] = mapped_column(server_default=text("0"))
    mock_fixes: Mapped[int] = mapped_column(server_default=text("0"))


class DutyStretchRow(Base):
    """From when to when a Personil was on duty; `ended_at` None: still is."""

    __tablename__ = "duty_stretch"
    __table_args__ = (Index("ix_duty_stretch_personil_id_began_at", "personil_id", "began_at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    personil_id: Mapped[UUID] = mapped_column(ForeignKey("personil.id"))
    satuan_path: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LastPositionRow(Base):
    """Where a Personil on duty is now. UNLOGGED: a crash empties it, the next fixes refill it.

    `at` is the newest fix; `indexed_at` follows it only when it has moved 25 m, so that most
    updates touch no index. `available` is duty's word, repeated here for the nearest search.
    `changed_at` is server time of the last write (the feed reads by it).
    """

    __tablename__ = "last_position"
    __table_args__ = (
        Index("ix_last_position_indexed_at", "indexed_at", postgresql_using="gist"),
        {
            "prefixes": ["UNLOGGED"],
            # Half-empty pages leave room to update in place; dead rows are swept early and often.
            "postgresql_with": {"fillfactor": 50, "autovacuum_vacuum_scale_factor": 0.02},
        },
    )

    personil_id: Mapped[UUID] = mapped_column(primary_key=True)
    satuan_path: Mapped[str]
    available: Mapped[bool]
    at: Mapped[Point]
    indexed_at: Mapped[Point]
    accuracy_m: Mapped[float]
    speed_mps: Mapped[float | None]
    heading_deg: Mapped[float | None]
    battery_percent: Mapped[int | None]
    mock: Mapped[bool] = mapped_column(server_default=text("false"))
    fixed_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class TrackRow(Base):
    """One fix of a Personil while on an alarm: the only history of positions there is."""

    __tablename__ = "track"
    # Unique, so that a phone which sends its batch again adds nothing.
    __table_args__ = (UniqueConstraint("alarm_id", "personil_id", "fixed_at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    alarm_id: Mapped[UUID]
    personil_id: Mapped[UUID]
    at: Mapped[Point]
    accuracy_m: Mapped[float]
    speed_mps: Mapped[float | None]
    heading_deg: Mapped[float | None]
    fixed_at: Mapped[datetime]
