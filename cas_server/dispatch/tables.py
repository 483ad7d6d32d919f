"""Offers, responders, and the stored reason of every decision."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cas_server.db.base import Base, Key


class OfferRow(Base):
    """One Personil asked once in one ring; its deadlines stand here and nowhere else.

    Ring 0 is an assignment by hand. `receive_by` is when the phone's receipt is due.
    """

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'expired', 'stood_down')", name="state"
        ),
        UniqueConstraint("alarm_id", "personil_id", "ring"),
        Index("ix_offer_open_expires_at", "expires_at", postgresql_where="state = 'open'"),
        Index(
            "ix_offer_open_receive_by",
            "receive_by",
            postgresql_where="state = 'open' AND received_at IS NULL AND unreached_at IS NULL",
        ),
        # Not partial: beside another partial index on open offers, the planner takes either.
        Index("ix_offer_personil_id_answered_at", "personil_id", "answered_at"),
    )

    id: Mapped[Key]
    alarm_id: Mapped[UUID] = mapped_column(ForeignKey("alarm.id"))
    personil_id: Mapped[UUID] = mapped_column(ForeignKey("personil.id"))
    ring: Mapped[int]
    state: Mapped[str]
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    receive_by: Mapped[datetime]
    received_at: Mapped[datetime | None]
    unreached_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    decline_reason: Mapped[str | None]
    distance_m: Mapped[float | None]


class ResponderRow(Base):
    """A Personil who has taken the alarm on: their own small state, their part in it.

    What they report after arriving stands here, too: `disposition` is their word, the alarm's is
    the desk's. `backup_asked_at` is when they last asked for more Personil.
    """

    __tablename__ = "responder"
    __table_args__ = (
        CheckConstraint("state IN ('accepted', 'en_route', 'on_scene', 'released')", name="state"),
        CheckConstraint("part IN ('primary', 'backup')", name="part"),
        # Never two primaries, whatever the code above believes.
        Index(
            "uq_responder_primary",
            "alarm_id",
            unique=True,
            postgresql_where="part = 'primary' AND state <> 'released'",
        ),
        Index("ix_responder_personil_id", "personil_id", postgresql_where="state <> 'released'"),
    )

    alarm_id: Mapped[UUID] = mapped_column(ForeignKey("alarm.id"), primary_key=True)
    personil_id: Mapped[UUID] = mapped_column(ForeignKey("personil.id"), primary_key=True)
    part: Mapped[str]
    state: Mapped[str]
    accepted_at: Mapped[datetime]
    en_route_at: Mapped[datetime | None]
    on_scene_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    release_reason: Mapped[str | None]
    assigned_by: Mapped[UUID | None]
    backup_asked_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]
    disposition: Mapped[str | None]
    report_note: Mapped[str | None]


class DecisionRow(Base):
    """Why these and not others: every candidate with score, parts and reason."""

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_alarm_id", "alarm_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    alarm_id: Mapped[UUID]
    ring: Mapped[int]
    decided_at: Mapped[datetime]
    radius_m: Mapped[float | None]
    candidates: Mapped[list[dict[str, Any]]]
