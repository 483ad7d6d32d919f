"""One transaction per request: the only place, with the outbox loop, that commits."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Annotated, Any

import asyncpg
from fastapi import Depends, Request
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from cas_server.db.bell import Bell
from cas_server.errors import CasError, Unavailable

DATABASE_FAULTS = (CasError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
"""What a background loop lives through: it tries again, for the database may come back."""


class ReadSession:
    """A transaction that may only read: `sql` for written SQL, `orm` for SQLAlchemy."""

    def __init__(self, connection: AsyncConnection, sql: "asyncpg.Connection[Any]") -> None:
        self.sql = sql
        self.orm = AsyncSession(bind=connection, expire_on_commit=False)


class Session(ReadSession):
    """A transaction that may write; after its commit the bell rings if something was recorded."""

    def __init__(self, connection: AsyncConnection, sql: "asyncpg.Connection[Any]") -> None:
        super().__init__(connection, sql)
        self.rings_bell = False
        self.discarded = False

    def discard(self) -> None:
        """Let the transaction end without a trace: for trying something out."""
        self.discarded = True


class _Discarded(Exception):
    """Takes a discarded transaction out through its rollback."""


class Database:
    """The pool, and the two kinds of transaction it lends."""

    def __init__(self, engine: AsyncEngine, bell: Bell) -> None:
        self._engine = engine
        self._bell = bell

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Commit when the block ends well, roll back when it does not; then ring the bell."""
        async with self._lend() as (connection, sql):
            session = Session(connection, sql)
            with suppress(_Discarded):
                async with sql.transaction():
                    yield session
                    await _settle(session)
            await session.orm.close()
        if session.rings_bell and not session.discarded:
            self._bell.ring()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """One consistent snapshot that PostgreSQL itself keeps from writing."""
        async with self._lend() as (connection, sql):
            session = ReadSession(connection, sql)
            async with sql.transaction(isolation="repeatable_read", readonly=True):
                yield session
            await session.orm.close()

    @asynccontextmanager
    async def statement(self) -> AsyncIterator["asyncpg.Connection[Any]"]:
        """A connection for one statement that needs no transaction of its own."""
        async with self._lend() as (_, sql):
            yield sql

    @asynccontextmanager
    async def _lend(self) -> AsyncIterator[tuple[AsyncConnection, "asyncpg.Connection[Any]"]]:
        async with AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(self._engine.connect())
            except (OSError, PoolTimeout, asyncpg.CannotConnectNowError, TimeoutError) as error:
                raise Unavailable("the database") from error
            pooled = await connection.get_raw_connection()
            sql = pooled.driver_connection
            assert sql is not None
            try:
                yield connection, sql
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                if not sql.is_closed():
                    raise
                await connection.invalidate()
                raise Unavailable("the database") from error

    async def close(self) -> None:
        """Give every connection back to PostgreSQL."""
        await self._engine.dispose()


async def _settle(session: Session) -> None:
    await session.orm.flush()
    if session.discarded:
        raise _Discarded


def _database(request: Request) -> Database:
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
