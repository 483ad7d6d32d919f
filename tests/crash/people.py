"""Everybody who lives through one schedule: a Polres of its own, far from all the others."""

import itertools
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cas_server.db.bell import Bell
from cas_server.db.pool import create_pool
from cas_server.db.session import Database, Session
from cas_server.kit.geo import Position
from cas_server.kit.ids import new_id
from cas_server.settings import Settings
from cas_server.vault.service import attach
from tests.factories import (
    Person,
    Regency,
    make_instansi,
    make_masyarakat,
    make_personil,
    make_petugas,
    make_regency,
    make_staff,
)

RULES = {
    "accept_s": 3,
    "receipt_s": 1.5,
    "climb_first_s": 3,
    "climb_second_s": 6,
    "ring_1_count": 2,
    "ring_2_count": 3,
}
CALM = {**RULES, "accept_s": 90, "receipt_s": 90, "climb_first_s": 90, "climb_second_s": 120}
OFFICERS = 7
CITIZENS = 6
DEVICE = """
INSERT INTO device (id, account_id, platform, address_type, address, created_at)
VALUES ($1, $2, $3, 'fcm_token', $4, now())
"""
_place = itertools.count()


@dataclass(frozen=True)
class Bank:
    """A site whose contact person has a phone; `manager` works there."""

    manager: Person
    site_id: UUID
    contact: str


@dataclass(frozen=True)
class Town:
    """One Polres. `guard` stands alone in the south, for the press that ends a schedule.

    `addresses` are the push addresses of officers and desks, by account.
    """

    place: Regency
    officers: list[Person]
    guard: Person
    citizens: list[Person]
    last_citizen: Person
    desks: list[Person]
    bank: Bank
    addresses: dict[UUID, str]

    @property
    def prefix(self) -> str:
        """What the paths of its Satuan begin with."""
        return self.place.polres.path

    @property
    def south(self) -> Position:
        """Where the guard is, and nobody else."""
        return self.place.at(-22_000, 100)


async def make_town(dsn: str, *, calm: bool = False) -> Town:
    """Rows only; whoever lives there acts over the public interfaces."""
    database = attach(Database(create_pool(dsn, 2), Bell(dsn)), Settings())
    number = next(_place)
    centre = Position(-7.15 + 2 * (number // 100), 80.0 + 0.9 * (number % 100))
    try:
        async with database.transaction() as session:
            return await _people(session, centre, number, CALM if calm else RULES)
    finally:
        await database.close()


async def _people(session: Session, centre: Position, number: int, rules: dict[str, Any]) -> Town:
    place = await make_regency(session, f"c{number}", centre=centre, settings=rules)
    near = [place.at(300 + 200 * each, 100 * each) for each in range(OFFICERS - 2)]
    far = [place.at(7_000, 500 * each) for each in range(2)]
    officers = [await make_personil(session, place.kota, at) for at in (*near, *far)]
    guard = await make_personil(session, place.dander, place.at(-22_300))
    desks = [await make_staff(session, place.polres) for _ in range(2)]
    addresses: dict[UUID, str] = {}
    for who, platform in [*((one, "android") for one in (*officers, guard)),
                          *((one, "web") for one in desks)]:  # fmt: skip
        addresses[who.account_id] = f"{platform}-{who.account_id}"
        await session.sql.execute(
            DEVICE, new_id(), who.account_id, platform, addresses[who.account_id]
        )
    citizens = [await make_masyarakat(session) for _ in range(CITIZENS + 1)]
    bank = await _bank(session, place.at(-400, 300), number)
    return Town(place, officers, guard, citizens[1:], citizens[0], desks, bank, addresses)


async def _bank(session: Session, at: Position, number: int) -> Bank:
    account, site_id = await make_instansi(session, at)
    manager = await make_petugas(session, account, manager=True)
    return Bank(manager, site_id, f"+62812{number:08}")
