"""Who of the background works, and since when not."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from cas_server.db.base import Base


class BeatRow(Base):
    """One row a kind of process: when one of them was last seen at work."""

    __tablename__ = "beat"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
