"""What every schedule plays on: a regency and its people, and a database that forgets."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from cas_server.db.bell import Bell
from cas_server.db.pool import Connection
from cas_server.db.session import Database, ReadSession, Session
from cas_server.db.wall import OwnWall, Wall
from cas_server.embedded import Cluster, temporary_cluster
from cas_server.identity.roles import Role
from cas_server.kit import ids
from cas_server.kit.geo import Position
from cas_server.kit.ids import new_id
from cas_server.push import service as push
from cas_server.push.port import AddressType, Device, Platform
from tests.factories import (
    Person,
    Regency,
    make_masyarakat,
    make_personil,
    make_regency,
    make_staff,
)
from tests.simulation.rows import Columns, columns

DAWN = datetime(2026, 3, 1, tzinfo=UTC)
"""When every schedule begins, by the only clock there is."""
OFFICERS = 8
CITIZENS = 5


class OneTransaction(Database):
    """Every transaction a savepoint in one that is rolled back in the end.

    What a request would roll back, goes back to its savepoint; nothing outlives the schedule, and
    no two transactions are ever open at once.
    """

    def __init__(self, sql: Connection, vault: object) -> None:
        self.sql = sql
        self._alone = asyncio.Lock()
        self._kept: str | None = None  # said together with the next savepoint
        self.vault = vault

    @asynccontextmanager
    async def transaction(
        self,
        wall: Wall | None = None,  # noqa: ARG002 - the shape of a Database
        *,
        first: str | None = None,
        from_within: bool = False,
    ) -> AsyncIterator[Session]:
        async with self._taken(from_within=from_within):
            session = Session(self.sql, None, self.vault)
            await self.sql.execute("; ".join(filter(None, (self._kept, "SAVEPOINT act", first))))
            self._kept = "RELEASE SAVEPOINT act"
            try:
                yield session
            except BaseException:
                await self.sql.execute("ROLLBACK TO SAVEPOINT act")
                raise
            if session.discarded:
                await self.sql.execute("ROLLBACK TO SAVEPOINT act")

    @asynccontextmanager
    async def reading(self, wall: Wall | OwnWall | None = None) -> AsyncIterator[ReadSession]:  # noqa: ARG002 - the shape of a Database
        async with self.glance() as session:
            yield session

    @asynccontextmanager
    async def glance(self, *, from_within: bool = False) -> AsyncIterator[ReadSession]:
        async with self._taken(from_within=from_within):
            yield ReadSession(self.sql, self.vault)

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[Connection]:
        async with self._taken():
            yield self.sql

    @asynccontextmanager
    async def _taken(self, *, from_within: bool = False) -> AsyncIterator[None]:
        if from_within:
            yield
            return
        async with self._alone:
            yield


@dataclass(frozen=True)
class Ground:
    """Who there is. All ids are in the order of making, so that ties fall the same way."""

    regency: Regency
    officers: tuple[Person, ...]
    citizens: tuple[Person, ...]
    operator: Person
    neighbour: Person
    tables: Columns

    def place(self, number: int) -> Position:
        """One of many places in and around the regency, the same for the same number."""
        return self.regency.at((number * 7_919) % 18_000 - 9_000, (number * 4_409) % 18_000 - 9_000)

    def officer_of(self, personil_id: UUID) -> int:
        return next(n for n, one in enumerate(self.officers) if one.holder_id == personil_id)


class _Milliseconds:
    """What ids take for the time: each is younger than the one before it."""

    def __init__(self) -> None:
        self._passed = itertools.count(int(DAWN.timestamp() * 1_000))

    def time_ns(self) -> int:
        return next(self._passed) * 1_000_000


@contextmanager
def ids_in_order() -> Iterator[None]:
    """Ids of one millisecond would stand in an order of chance, and a seed mean many schedules."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ids, "time", _Milliseconds())
        yield


async def settle(database: Database) -> Ground:
    """Make the ground, once for all schedules of a database."""
    with ids_in_order():
        async with database.transaction() as session:
            return await _people(session)


async def _people(session: Session) -> Ground:
    regency = await make_regency(session)
    posts = [regency.kota] * 5 + [regency.dander] * 2 + [regency.rengel]
    officers = [await make_personil(session, post, on_duty=False) for post in posts]
    citizens = [await make_masyarakat(session) for _ in range(CITIZENS)]
    operator = await make_staff(session, regency.polres)
    neighbour = await make_staff(session, regency.neighbour)
    pimpinan = await make_staff(session, regency.kota, Role.PIMPINAN)
    for person in (*officers, operator, pimpinan):
        device = Device(new_id(), person.account_id, Platform.ANDROID, AddressType.FCM_TOKEN,
                        f"phone of {person.account_id}")  # fmt: skip
        await push.register(session, device, DAWN)
    tables = await columns(session.sql)
    return Ground(regency, tuple(officers), tuple(citizens), operator, neighbour, tables)


def at(seconds: float) -> datetime:
    return DAWN + timedelta(seconds=seconds)


def nobody_listens(dsn: str) -> Bell:
    """A bell that is never rung: whoever works here is called by the simulation."""
    return Bell(dsn)


@contextmanager
def own_cluster() -> Iterator[Cluster]:
    """A cluster that need not survive anything."""
    quick = {"fsync": "off", "synchronous_commit": "off", "autovacuum": "off"}
    with temporary_cluster(lambda _: None, settings=quick) as cluster:
        yield cluster
