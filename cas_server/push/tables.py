"""Addresses of phones and browsers, and what became of each push."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cas_server.db.base import Base, CreatedAt, Key


class DeviceRow(Base):
    """A phone or browser of an account; `address_type` says what `address` is."""

    __tablename__ = "device"
    __table_args__ = (UniqueConstraint("address_type", "address"),)

    id: Mapped[Key]
    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), index=True
    )
    platform: Mapped[str]
    address_type: Mapped[str]
    address: Mapped[str]
    created_at: Mapped[CreatedAt]
    p256dh: Mapped[str | None]
    auth: Mapped[str | None]


class PushOutcomeRow(Base):
    """What the push service said of one message to one device: will be asked in court."""

    __tablename__ = "push_outcome"
    __table_args__ = (Index("ix_push_outcome_alarm_id", "alarm_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    alarm_id: Mapped[UUID | None]
    account_id: Mapped[UUID]
    device_id: Mapped[UUID]
    offer_id: Mapped[UUID | None]
    at: Mapped[datetime]
    outcome: Mapped[str]
    detail: Mapped[str]
