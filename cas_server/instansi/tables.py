"""Devices at sites, drills, and which alarms a site's contact persons were told of."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from cas_server.db.base import Base, Key


class SiteLineRow(Base):
    """A device that stands at a site with the button on it, and when it was last heard of.

    Taken away when the counter is closed on purpose, so what is silent here is silent by itself.
    """

    __tablename__ = "site_line"

    site_id: Mapped[UUID] = mapped_column(
        ForeignKey("site.id", ondelete="CASCADE"), primary_key=True
    )
    device: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(server_default="")
    account_id: Mapped[UUID]
    since: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)


class DrillRow(Base):
    """A practice press. Never a row of `alarm`: no queue, figure or proof can take it for one.

    `calls_agreed`: it began in a window in which its Satuan agrees to officers being told.
    """

    __tablename__ = "drill"
    __table_args__ = (
        Index("ix_drill_site_id", "site_id", "started_at"),
        Index("ix_drill_running", "started_at", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[Key]
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    account_id: Mapped[UUID]
    calls_agreed: Mapped[bool]
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]


class DrillWindowRow(Base):
    """When drills of a site may tell officers: asked by its manager, answered by its Satuan."""

    __tablename__ = "drill_window"
    __table_args__ = (
        Index("ix_drill_window_site_id", "site_id", "until_at"),
        Index("ix_drill_window_until_at", "until_at"),
    )

    id: Mapped[Key]
    site_id: Mapped[UUID] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    account_id: Mapped[UUID]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    agreed: Mapped[bool | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None]


class DrillCallRow(Base):
    """An officer told of a drill. Never an offer: nothing waits for it, and it takes nobody away.

    `place` is what their screen says: behind their wall they see no site that they do not go to.
    """

    __tablename__ = "drill_call"
    __table_args__ = (Index("ix_drill_call_personil_id", "personil_id", "over_at"),)

    drill_id: Mapped[UUID] = mapped_column(
        ForeignKey("drill.id", ondelete="CASCADE"), primary_key=True
    )
    personil_id: Mapped[UUID] = mapped_column(ForeignKey("personil.id"), primary_key=True)
    place: Mapped[str]
    called_at: Mapped[datetime]
    over_at: Mapped[datetime]
    received_at: Mapped[datetime | None]


class SiteToldRow(Base):
    """An alarm whose site's contact persons were told, or why they were not: once for each."""

    __tablename__ = "site_told"
    __table_args__ = (Index("ix_site_told_at", "at"),)

    alarm_id: Mapped[UUID] = mapped_column(ForeignKey("alarm.id"), primary_key=True)
    site_id: Mapped[UUID]
    at: Mapped[datetime]
    messages: Mapped[int]
    why_not: Mapped[str | None]
