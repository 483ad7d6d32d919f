"""One transaction per request: the only place, with the outbox loop, that commits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated

import asyncpg
from fastapi import Depends, Request

from cas_server.db.bell import Bell
from cas_server.db.pool import Connection, Pool
from cas_server.errors import CasError, InvalidInput, Unavailable

POOL_TIMEOUT_S = 5.0

DATABASE_FAULTS = (CasError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
"""What a background loop lives through: it tries again, for the database may come back."""


_PASSING = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,  # disk full, out of memory, too many connections
    asyncpg.OperatorInterventionError,  # shutting down, starting up, statement timeout
    asyncpg.TransactionRollbackError,  # deadlock, serialization
    asyncpg.LockNotAvailableError,
)
"""What may be gone at the next try: a phone gets 503 and repeats, which is harmless."""


class ReadSession:
    """A transaction that may only read."""

    def __init__(self, sql: Connection) -> None:
        self.sql = sql


class Session(ReadSession):
    """A transaction that may write; after its commit the bell rings if something was recorded."""

    def __init__(self, sql: Connection) -> None:
        super().__init__(sql)
        self.rings_bell = False
        self.discarded = False

    def discard(self) -> None:
        """Let the transaction end without a trace: for trying something out."""
        self.discarded = True


class _Discarded(Exception):
    """Takes a discarded transaction out through its rollback."""


class Database:
    """The pool, and the two kinds of transaction it lends."""

    def __init__(self, pool: Pool, bell: Bell) -> None:
        self._pool = pool
        self._bell = bell

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Commit when the block ends well, roll back when it does not; then ring the bell."""
        async with self.statement() as sql:
            session = Session(sql)
            with suppress(_Discarded):
                async with sql.transaction():
                    yield session
                    if session.discarded:
                        raise _Discarded
        if session.rings_bell and not session.discarded:
            self._bell.ring()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """One consistent snapshot that PostgreSQL itself keeps from writing."""
        async with (
            self.statement() as sql,
            sql.transaction(isolation="repeatable_read", readonly=True),
        ):
            yield ReadSession(sql)

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[ReadSession]:
        """For one statement: its snapshot is its own, and it saves BEGIN and COMMIT."""
        async with self.statement() as sql:
            yield ReadSession(sql)

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[Connection]:
        """A connection for one statement that needs no transaction of its own."""
        sql = await self._acquire()
        try:
            yield sql
        except _PASSING as error:
            raise Unavailable("the database") from error
        except asyncio.CancelledError:
            # Told to end between parsing and running, it would keep that statement's locks.
            sql.terminate()
            raise
        except asyncpg.CharacterNotInRepertoireError as error:
            raise InvalidInput("text", "has a character that cannot be stored (U+0000)") from error
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            if sql.is_closed():
                raise Unavailable("the database") from error
            if isinstance(error, asyncpg.InterfaceError | asyncpg.DataError):
                sql.terminate()  # for instance an argument that does not fit: parsed, never run
            raise
        finally:
            await self._pool.release(sql)

    async def _acquire(self) -> Connection:
        try:
            await self._pool  # the first time only: it opens nothing yet
            return await self._pool.acquire(timeout=POOL_TIMEOUT_S)
        except (OSError, TimeoutError, *_PASSING, asyncpg.InvalidCatalogNameError) as error:
            raise Unavailable("the database") from error

    async def warm(self, connections: int) -> None:
        """Open some connections now, so that the first presses find them open."""
        with suppress(*DATABASE_FAULTS):
            await asyncio.gather(*(self._touch() for _ in range(connections)))

    async def _touch(self) -> None:
        async with self.statement() as sql:
            # Held for a moment, so that each of them gets a connection of its own.
            await sql.execute("SELECT pg_sleep(0.05)")

    async def close(self) -> None:
        """Give every connection back to PostgreSQL."""
        await self._pool.close()


# Async, though it waits for nothing: FastAPI runs a plain function in a thread, at every request.
async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


async def _transaction(database: Annotated[Database, Depends(_database)]) -> AsyncIterator[Session]:
    async with database.transaction() as session:
        yield session


async def _reading(database: Annotated[Database, Depends(_database)]) -> AsyncIterator[ReadSession]:
    async with database.reading() as session:
        yield session


DatabaseOf = Annotated[Database, Depends(_database)]

# "function", not the default: otherwise the phone hears 201 before the row is durable.
WriteTransaction = Annotated[Session, Depends(_transaction, scope="function")]
ReadTransaction = Annotated[ReadSession, Depends(_reading, scope="function")]
