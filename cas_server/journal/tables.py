"""The journal's one table: what happened, by whom, in which transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from cas_server.db.base import Base


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's xid8: readers need it to know which entries are final."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


class JournalRow(Base):
    """One entry; `id` gives the order of writing, not the order of commits."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_transaction_id_id", "transaction_id", "id"),
        Index("ix_journal_alarm_id", "alarm_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    transaction_id: Mapped[int] = mapped_column(
        TransactionId, server_default=text("pg_current_xact_id()")
    )
    at: Mapped[datetime]
    kind: Mapped[str]
    alarm_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    satuan_path: Mapped[str | None]
    payload: Mapped[dict[str, Any]]
