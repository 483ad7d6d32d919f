"""The regency: Satuan, Wilayah, Personil, Masyarakat, Instansi and their sites."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from cas_server.db.base import Area, Base, Key, MaybePoint, Point


class SatuanRow(Base):
    """A unit of the police. `path` holds the codes from the root down, each closed by a slash:
    what one sees is every row whose path starts with one's own.

    `polres_path` is the path of the Polres it belongs to (its own when it stands above one).
    `settings` is what was set here; `effective` is it merged over all ancestors' settings.
    `wilayah_codes` are the Kemendagri codes it answers for, with all that lies below them.
    """

    __tablename__ = "satuan"
    __table_args__ = (
        CheckConstraint("kind IN ('polda', 'polres', 'polsek', 'unit')", name="kind"),
        Index("ix_satuan_at", "at", postgresql_using="gist"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("satuan.id"), index=True)
    path: Mapped[str] = mapped_column(unique=True)
    polres_path: Mapped[str]
    at: Mapped[MaybePoint]
    phone: Mapped[str | None]
    wilayah_codes: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    settings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    effective: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    demo: Mapped[bool] = mapped_column(server_default=text("false"))
    closed_at: Mapped[datetime | None]


class PersonilRow(Base):
    """A police officer. Out of service they stay in the stories of alarms, and nowhere else."""

    __tablename__ = "personil"

    id: Mapped[Key]
    nrp: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    rank: Mapped[str]
    satuan_id: Mapped[UUID] = mapped_column(ForeignKey("satuan.id"), index=True)
    skills: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    phone: Mapped[str | None] = mapped_column(index=True)
    demo: Mapped[bool] = mapped_column(server_default=text("false"))
    out_of_service_at: Mapped[datetime | None]


class WilayahRow(Base):
    """An area with its responsible Satuan; `code` is Kemendagri's (35.22.15.2001).

    `approximate` marks an outline that is only a drawing aid ("batas perkiraan").
    """

    __tablename__ = "wilayah"
    __table_args__ = (
        CheckConstraint("kind IN ('kabupaten', 'kecamatan', 'desa')", name="kind"),
        Index("ix_wilayah_area", "area", postgresql_using="gist"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    parent_code: Mapped[str | None]
    area: Mapped[Area]
    label_at: Mapped[Point]
    satuan_id: Mapped[UUID] = mapped_column(ForeignKey("satuan.id"), index=True)
    bhabinkamtibmas_id: Mapped[UUID | None] = mapped_column(ForeignKey("personil.id"))
    approximate: Mapped[bool] = mapped_column(server_default=text("false"))


class MasyarakatRow(Base):
    """A citizen who can press. `name` and `phone` are masks of what stands sealed beside them."""

    __tablename__ = "masyarakat"

    id: Mapped[Key]
    name: Mapped[str]
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    phone: Mapped[str]
    phone_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    phone_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    demo: Mapped[bool] = mapped_column(server_default=text("false"))


class InstansiRow(Base):
    """A bank, school, shop: an institution with sites.

    `satuan_id` is whose admin entered it: until it has a site, nobody else may change it.
    """

    __tablename__ = "instansi"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    demo: Mapped[bool] = mapped_column(server_default=text("false"))
    closed_at: Mapped[datetime | None]
    satuan_id: Mapped[UUID | None] = mapped_column(ForeignKey("satuan.id"))


class SiteRow(Base):
    """A place of an Instansi: its point is where a press comes from when a phone has none.

    `contacts` is a list of {"name", "phone", "duty"}, its numbers masked; sealed it is whole.
    """

    __tablename__ = "site"
    __table_args__ = (Index("ix_site_at", "at", postgresql_using="gist"),)

    id: Mapped[Key]
    instansi_id: Mapped[UUID] = mapped_column(ForeignKey("instansi.id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    address: Mapped[str]
    at: Mapped[Point]
    contacts: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    contacts_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    responder_notes: Mapped[str] = mapped_column(server_default="")
    floor: Mapped[str] = mapped_column(server_default="")
    # When the Instansi's manager wrote notes and contacts: imports leave them alone from then on.
    written_at: Mapped[datetime | None]
    # Not read any more (drill_window is); goes in a later release.
    drills_call: Mapped[bool] = mapped_column(server_default=text("false"))
    demo: Mapped[bool] = mapped_column(server_default=text("false"))
