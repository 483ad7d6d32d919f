"""A small regency to play on: one Polres, two Polsek, and Personil as needed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cas_server.db.session import Session
from cas_server.kit.ids import new_id

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

_SATUAN = """
INSERT INTO satuan (id, code, name, kind, path, polres_path, at)
VALUES ($1, $2, $3, $4, $5, 'BJN/', ST_SetSRID(ST_Point(111.88, -7.15), 4326))
"""
_PERSONIL = """
INSERT INTO personil (id, nrp, name, rank, satuan_id, skills)
VALUES ($1, $2, $3, 'Bripka', $4, '{motor}')
"""


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Report:
    """What a phone sends."""

    lat: float = -7.1502
    lon: float = 111.8817
    accuracy_m: float = 10.0
    speed_mps: float | None = 4.0
    heading_deg: float | None = 90.0
    battery_percent: int | None = 80
    mock: bool = False
    fixed_at: datetime = NOON

    def moved(self, seconds: float, north_m: float = 0.0) -> "Report":
        """The same phone, later and further north."""
        at = self.fixed_at + timedelta(seconds=seconds)
        return replace(self, fixed_at=at, lat=self.lat + north_m / 111_195)

    def as_json(self) -> dict[str, Any]:
        return {
            "lat": self.lat,
            "lon": self.lon,
            "accuracy_m": self.accuracy_m,
            "fixed_at": self.fixed_at.isoformat(),
        }


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    """Ask again and again, each time a round trip to the database, until it is so."""
    async with asyncio.timeout(10):
        while not await condition():
            pass


class StoppedClock:
    """A clock that stands until somebody moves it."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Regency:
    """The Satuan of the stage."""

    polres: UUID
    kota: UUID
    dander: UUID


async def make_regency(session: Session) -> Regency:
    regency = Regency(new_id(), new_id(), new_id())
    execute = session.sql.execute
    await execute(_SATUAN, regency.polres, "BJN", "Polres Bojonegoro", "polres", "BJN/")
    await execute(_SATUAN, regency.kota, "KOTA", "Polsek Kota", "polsek", "BJN/KOTA/")
    await execute(_SATUAN, regency.dander, "DANDER", "Polsek Dander", "polsek", "BJN/DANDER/")
    return regency


async def make_personil(session: Session, satuan_id: UUID, name: str = "Budi") -> UUID:
    personil_id = new_id()
    await session.sql.execute(_PERSONIL, personil_id, personil_id.hex, name, satuan_id)
    return personil_id
