"""An intake over a real database, with a clock that stands, and ways to disturb it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg

from cas_server.db.session import Database
from cas_server.presence import service
from cas_server.presence.intake import Intake
from cas_server.presence.views import Availability
from tests.presence.stage import (
    NOON,
    Regency,
    StoppedClock,
    make_personil,
)

ANY_WAITING = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"


class Stage:
    """An intake over a real database, with a clock that stands."""

    def __init__(self, database: Database, regency: Regency) -> None:
        self.database = database
        self.regency = regency
        self.clock = StoppedClock()
        self.intake = Intake(database, self.clock)

    async def on_duty(self, name: str = "Budi") -> UUID:
        async with self.database.transaction() as session:
            personil_id = await make_personil(session, self.regency.kota, name)
            await service.begin_duty(session, personil_id, Availability.AVAILABLE, NOON)
        return personil_id

    async def occupy(self, personil_id: UUID, alarm_id: UUID) -> None:
        async with self.database.transaction() as session:
            await service.occupy(session, personil_id, alarm_id, self.clock())

    async def end(self, personil_id: UUID) -> None:
        async with self.database.transaction() as session:
            await service.end_duty(session, personil_id, self.clock())

    async def rows(self, statement: str) -> list[Any]:
        async with self.database.statement() as sql:
            return [tuple(row) for row in await sql.fetch(statement)]

    @asynccontextmanager
    async def without(self, table: str) -> AsyncIterator[None]:
        """While a table is missing, every statement that needs it fails."""
        await self.rows(f"ALTER TABLE {table} RENAME TO {table}_elsewhere")
        try:
            yield
        finally:
            await self.rows(f"ALTER TABLE {table}_elsewhere RENAME TO {table}")

    async def live(self) -> list[UUID]:
        return [row[0] for row in await self.rows("SELECT personil_id FROM last_position")]


@asynccontextmanager
async def holding(dsn: str, statement: str, personil_id: UUID) -> AsyncIterator[asyncpg.Connection]:
    """Another connection, in the middle of a transaction that has run `statement`."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(statement, personil_id)
            yield connection
    finally:
        await connection.close()
