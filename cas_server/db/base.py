"""Declarative base, constraint names, shared column types."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import DateTime, MetaData, Text, Uuid, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Point = Annotated[WKBElement, mapped_column(Geometry("POINT", srid=4326, spatial_index=False))]
# A type of its own: GeoAlchemy notes in the type whether its first column may be empty, and then
# makes every other column of that type the same.
MaybePoint = Annotated[
    WKBElement | None, mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
]
Area = Annotated[
    WKBElement, mapped_column(Geometry("MULTIPOLYGON", srid=4326, spatial_index=False))
]
Key = Annotated[UUID, mapped_column(primary_key=True)]
CreatedAt = Annotated[datetime, mapped_column(server_default=func.now())]


class Base(DeclarativeBase):
    """Every table of every slice; geometry indexes are written beside the table, by name."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a plain class attribute
        str: Text(),
        UUID: Uuid(),
        datetime: DateTime(timezone=True),
        list[str]: ARRAY(Text()),
        dict[str, Any]: JSONB(),
        list[dict[str, Any]]: JSONB(),
    }
