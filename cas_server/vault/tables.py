"""Data keys, wrapped; the values they seal stand in the rows they belong to."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from cas_server.db.base import Base, CreatedAt, Key


class DataKeyRow(Base):
    """A data key, wrapped by the key key `kek_id`. A retired one only opens what it sealed."""

    __tablename__ = "data_key"
    __table_args__ = (
        CheckConstraint("purpose IN ('seal', 'lookup')", name="purpose"),
        Index(
            "uq_data_key_in_use",
            "purpose",
            unique=True,
            postgresql_where="retired_at IS NULL",
        ),
    )

    id: Mapped[Key]
    purpose: Mapped[str]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    kek_id: Mapped[str]
    created_at: Mapped[CreatedAt]
    retired_at: Mapped[datetime | None]
