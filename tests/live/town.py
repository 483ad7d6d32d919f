"""Two Polres side by side in a running house, and somebody of every kind in both."""

import asyncio
import itertools
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import httpx2

from cas_server.db.bell import Bell
from cas_server.db.pool import create_pool
from cas_server.db.session import Database, Session
from cas_server.evidence import published
from cas_server.evidence.verify import Verdict, verify_database
from cas_server.identity import service as identity
from cas_server.identity.roles import Role
from cas_server.kit.clock import utc_now
from cas_server.kit.geo import Position
from cas_server.settings import Settings
from cas_server.vault.service import attach
from tests.factories import (
    Person,
    Regency,
    Satuan,
    make_instansi,
    make_masyarakat,
    make_personil,
    make_regency,
    make_staff,
)
from tests.live.canary import name_of, phone_of
from tests.live.house import House
from tests.live.play import CALM

SIDES = ("here", "there")
DESKS = tuple(f"{side} {role}" for side in SIDES for role in ("operator", "pimpinan", "admin"))
OFFICERS = tuple(f"{side} officer {number}" for side in SIDES for number in (1, 2))
CITIZENS = tuple(f"{side} citizen {number}" for side in SIDES for number in (1, 2))
SITES = tuple(f"{side} bank" for side in SIDES)
REPORTERS = CITIZENS + SITES + OFFICERS
EVERYBODY = DESKS + OFFICERS + CITIZENS + SITES
T = TypeVar("T")
EAST_M = 22_000.0

_place = itertools.count()
_canary = itertools.count()
_NEAR = {"here": 0.0, "there": EAST_M}


def side_of(name: str) -> str:
    return name.split()[0]


@dataclass
class Town:
    """Who lives there; `ids` by side are what the other side's desks must never be told."""

    regency: Regency
    people: dict[str, Person] = field(default_factory=dict)
    marks: dict[str, set[bytes]] = field(default_factory=dict)
    """By person: what names them, and may be told to nobody else."""
    ids: dict[str, set[str]] = field(default_factory=lambda: {side: set() for side in SIDES})
    alarms: dict[str, str] = field(default_factory=dict)
    """Every alarm's id, and whose side it is on."""

    def at(self, side: str, north_m: float = 0.0) -> dict[str, Any]:
        place = self.regency.at(north_m, _NEAR[side])
        return {"lat": place.lat, "lon": place.lon, "accuracy_m": 8}

    def tells(self, side: str, *ids: object) -> None:
        """These ids are of this side."""
        self.ids[side].update(str(each) for each in ids if each)

    def raised(self, alarm_id: str, side: str) -> None:
        self.alarms[alarm_id] = side
        self.tells(side, alarm_id)

    def moves_in(self, name: str, who: Person) -> None:
        self.people[name] = who
        self.tells(side_of(name), who.account_id, who.subject.holder_id)


def canary() -> int:
    """A number for one more marked identity; a name is never given twice in a thousand."""
    return next(_canary) % 1_000


def marks_of(number: int) -> set[bytes]:
    """What `found_in` finds of this identity."""
    digits = phone_of(number).replace(" ", "")[1:]
    names = {part.lower().encode() for part in name_of(number).split()}
    return {*names, digits.encode(), *(mark.hex().encode() for mark in (*names, digits.encode()))}


async def found_town(database: Database) -> Town:
    """A town of its own, far from every other."""
    number = next(_place)
    centre = Position(3.0 + 0.9 * (number // 40), 81.0 + 0.9 * (number % 40))
    async with database.transaction() as session:
        regency = await make_regency(session, f"t{number}", centre=centre, settings=CALM)
        town = Town(regency)
        for side in SIDES:
            await _people(session, town, side)
        return town


async def _people(session: Session, town: Town, side: str) -> None:
    polres, polsek = _satuan(town.regency, side)
    town.tells(side, polres.id, polsek.id)
    for role in (Role.OPERATOR, Role.PIMPINAN, Role.ADMIN):
        satuan = polsek if role is Role.PIMPINAN else polres
        town.moves_in(f"{side} {role.value}", await make_staff(session, satuan, role))
    for number in (1, 2):
        at = town.regency.at(300.0 * number, _NEAR[side])
        town.moves_in(f"{side} officer {number}", await make_personil(session, polsek, at))
        await new_citizen(session, town, f"{side} citizen {number}")
    bank, site_id = await make_instansi(session, town.regency.at(500, _NEAR[side]))
    town.moves_in(f"{side} bank", bank)
    town.tells(side, site_id)


def _satuan(regency: Regency, side: str) -> tuple[Satuan, Satuan]:
    here = side == "here"
    return (regency.polres, regency.kota) if here else (regency.neighbour, regency.rengel)


async def new_citizen(session: Session, town: Town, name: str) -> None:
    """Somebody marked, in the place of whoever had this name before."""
    number = canary()
    phone = "+62" + phone_of(number).replace(" ", "")[1:]
    who = await make_masyarakat(session, name=name_of(number), phone=phone)
    town.moves_in(name, who)
    town.marks[name] = marks_of(number)


async def sign_in_again(database: Database, town: Town, name: str) -> None:
    """After the end of a sign-in; what was known of the person stays."""
    who = town.people[name]
    async with database.transaction() as session:
        token = await identity.issue(session, who.account_id, "session", "test", utc_now())
    town.people[name] = Person(who.subject, token)


async def offer_sides(database: Database, town: Town) -> dict[UUID, str]:
    """Every offer of the town's alarms, with its side."""
    async with database.reading() as session:
        rows = await session.sql.fetch(
            "SELECT id, alarm_id FROM offer WHERE alarm_id = ANY($1::uuid[])", list(town.alarms)
        )
    return {row["id"]: town.alarms[str(row["alarm_id"])] for row in rows}


class Stage:
    """The house all towns stand in, and a way to its database from code that does not await."""

    def __init__(self, dsn: str, house: House) -> None:
        self.house = house
        self._runner = asyncio.Runner()
        self.database = self.run(self._open(dsn))
        self.client = httpx2.Client(base_url=f"{house.url}/v1", timeout=30)

    @staticmethod
    async def _open(dsn: str) -> Database:
        return attach(Database(create_pool(dsn, 2), Bell(dsn)), Settings())

    def run(self, act: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await act

        return self._runner.run(awaited())

    def close(self) -> None:
        self.client.close()
        self.run(self.database.close())
        self._runner.close()

    async def judged(self) -> Verdict:
        heads = self.house.folder / "evidence" / "heads.jsonl"
        told = published.read(heads) if heads.exists() else None
        return await verify_database(self.database, told, None, lambda _done, _of: None)
