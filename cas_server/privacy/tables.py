"""What people said of their data: consents, and erasures that were asked for."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from cas_server.db.base import Base


class ConsentRow(Base):
    """An account agreed to a version of the text. Kept after an erasure: it is the proof."""

    __tablename__ = "consent"

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class ErasureRow(Base):
    """An account asked to be forgotten; `done_at` is None while an alarm of theirs is open."""

    __tablename__ = "erasure"
    __table_args__ = (Index("ix_erasure_waiting", "asked_at", postgresql_where="done_at IS NULL"),)

    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
