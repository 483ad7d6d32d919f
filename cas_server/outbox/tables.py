"""The outbox's one table: work promised by a committed transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cas_server.db.base import Base


class OutboxRow(Base):
    """One job; it is deleted when done, and moves to the journal when given up."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_run_at", "run_at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    run_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    lease: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
