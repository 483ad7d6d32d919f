"""What fuzzing is done against: a real house, in it two Polres with people and alarms."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from cas_server.db.bell import Bell
from cas_server.db.pool import create_pool
from cas_server.db.session import Database, Session
from cas_server.identity.roles import Role
from cas_server.settings import Settings
from cas_server.vault.service import attach
from tests.factories import (
    BOJONEGORO,
    Person,
    make_instansi,
    make_masyarakat,
    make_personil,
    make_staff,
)
from tests.http.authority_world import World, make_world
from tests.live.house import House, house_on

ASKERS = {
    "nobody": None,
    "citizen": "reporter",
    "officer": "called",
    "petugas": "bank",
    "operator": "here operator",
    "admin": "here admin",
}
"""Who asks, and who that is in the world."""

SPARE = 150
"""Accounts like each asker's, for what ends a sign-in or an account."""


@dataclass(frozen=True)
class Stage:
    """`told` by asker: a file with its tokens and with ids of things that exist."""

    house: House
    told: dict[str, Path]


async def _another(session: Session, world: World, role: Role) -> Person:
    if role is Role.MASYARAKAT:
        return await make_masyarakat(session)
    if role is Role.PERSONIL:
        return await make_personil(session, world.here, on_duty=False)
    if role is Role.INSTANSI:
        return (await make_instansi(session, BOJONEGORO))[0]
    return await make_staff(session, world.here, role)


async def _tokens(database: Database, world: World, name: str | None) -> list[str]:
    """The asker's own, and those of others who are the same to the server."""
    if name is None:
        return []
    who = world.people[name]
    async with database.transaction() as session:
        spare = [await _another(session, world, who.subject.role) for _ in range(SPARE)]
    return [who.token, *(each.token for each in spare)]


def _ids(world: World) -> dict[str, list[str]]:
    """Of both sides of the border: what is next door must be refused."""
    return {
        "alarm_id": [str(world.alarm), str(world.foreign_alarm)],
        "offer_id": [str(world.offer), str(world.foreign_offer)],
        "device_id": [str(world.device)],
        "confirmation_id": [str(world.waiting)],
        "personil_id": [str(world.people["called"].holder_id)],
    }


@asynccontextmanager
async def stage_on(dsn: str, folder: Path) -> AsyncIterator[Stage]:
    """A migrated database becomes a house with everybody in it."""
    database = attach(Database(create_pool(dsn, 4), Bell(dsn)), Settings())
    with house_on(dsn, folder, {"CAS_SMS_UNANSWERED_PER_NETWORK": "100000"}) as house:
        async with httpx2.AsyncClient(base_url=house.url) as client:
            world = await make_world(client, database)
        told = {}
        for asker, name in ASKERS.items():
            known = {"tokens": await _tokens(database, world, name), "ids": _ids(world)}
            told[asker] = folder / f"{asker}.json"
            told[asker].write_text(json.dumps(known))
        await database.close()
        yield Stage(house, told)
