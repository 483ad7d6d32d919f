"""One transaction per request: the only place, with the outbox loop, that commits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated

import asyncpg
import structlog
from fastapi import Depends, Request

from cas_server.db.bell import Bell
from cas_server.db.pool import Connection, Pool
from cas_server.db.wall import ROLE, OwnWall, Wall, stands
from cas_server.errors import CasError, InvalidInput, Unavailable
from cas_server.kit import fault

POOL_TIMEOUT_S = 5.0

log = structlog.get_logger()

DATABASE_FAULTS = (
    CasError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
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
    """A transaction that may only read; behind a wall it sees a subtree, or what is one's own."""

    def __init__(self, sql: Connection, vault: object = None) -> None:
        self.sql = sql
        self.vault = vault


class Session(ReadSession):
    """A transaction that may write; after its commit the bell rings if something was recorded."""

    def __init__(self, sql: Connection, wall: Wall | None = None, vault: object = None) -> None:
        super().__init__(sql, vault)
        self.wall = wall
        self.rings_bell = False
        self.discarded = False

    @asynccontextmanager
    async def beyond_the_wall(self) -> AsyncIterator[None]:
        """For what crosses the borders of Satuan by its nature: calling officers, freeing them."""
        wall, self.wall = self.wall, None
        if wall is None:
            yield
            return
        await self.sql.execute("SET LOCAL ROLE NONE")
        yield  # after a failure nothing is put back: the transaction is over
        await self.sql.execute(f"SET LOCAL ROLE {ROLE}")
        self.wall = wall

    def discard(self) -> None:
        """Let the transaction end without a trace: for trying something out."""
        self.discarded = True


class _Discarded(Exception):
    """Takes a discarded transaction out through its rollback."""


@asynccontextmanager
async def _begun(sql: Connection, *opening: str | None) -> AsyncIterator[None]:
    """A transaction that begins in one round trip, whatever else opens it."""
    try:
        await sql.execute("; ".join(filter(None, opening)))
        yield
    except asyncio.CancelledError:
        raise  # the connection is given up, and the transaction with it
    except BaseException:
        if not sql.is_closed():
            await sql.execute("ROLLBACK")
        raise
    if await sql.execute("COMMIT") != "COMMIT":
        raise asyncpg.InFailedSQLTransactionError(
            "a statement of the transaction had failed, so nothing was committed"
        )


class Database:
    """The pool, and the two kinds of transaction it lends."""

    def __init__(self, pool: Pool, bell: Bell) -> None:
        self._pool = pool
        self._bell = bell
        # One connection is left for what a session needs from within. Were they all lent, every
        # holder would wait for one more until its time is up, and so would whoever comes next.
        self._places = asyncio.Semaphore(max(1, pool.get_max_size() - 1))
        self._wall_stands: bool | None = None
        self.vault: object = None
        """What seals and opens, attached by the slice above; carried here, never looked at."""

    @property
    def connections(self) -> tuple[int, int, int]:
        """Of the pool: lent just now, open, and how many there may be."""
        pool = self._pool
        return pool.get_size() - pool.get_idle_size(), pool.get_size(), pool.get_max_size()

    @asynccontextmanager
    async def transaction(
        self, wall: Wall | None = None, *, first: str | None = None, from_within: bool = False
    ) -> AsyncIterator[Session]:
        """Commit when the block ends well, roll back when it does not; then ring the bell.

        `first` is a statement without arguments that goes with BEGIN and saves a round trip.
        `from_within` is for callers who may hold a session already, one at a time.
        """
        async with self._connection(from_within=from_within) as sql:
            wall = wall if wall and await self._stands(sql) else None
            session = Session(sql, wall, self.vault)
            with suppress(_Discarded):
                async with _begun(sql, "BEGIN", wall.raised if wall else None, first):
                    yield session
                    if session.discarded:
                        raise _Discarded
                    fault.point("transaction.committing")
        fault.point("transaction.committed")
        if session.rings_bell and not session.discarded:
            self._bell.ring()

    @asynccontextmanager
    async def reading(self, wall: Wall | OwnWall | None = None) -> AsyncIterator[ReadSession]:
        """One consistent snapshot that PostgreSQL itself keeps from writing."""
        async with self.statement() as sql:
            wall = wall if wall and await self._stands(sql) else None
            begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            async with _begun(sql, begin, wall.raised if wall else None):
                yield ReadSession(sql, self.vault)

    async def _stands(self, sql: Connection) -> bool:
        """Whether the database has a wall; where it has none, the queries' own WHERE must do."""
        if self._wall_stands is None:
            self._wall_stands = await stands(sql)
            if not self._wall_stands:
                log.warning("database.no_second_wall", mend="see 'cas doctor'")
        return self._wall_stands

    @asynccontextmanager
    async def glance(self, *, from_within: bool = False) -> AsyncIterator[ReadSession]:
        """For one statement: its snapshot is its own, and it saves BEGIN and COMMIT."""
        async with self._connection(from_within=from_within) as sql:
            yield ReadSession(sql, self.vault)

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[Connection]:
        """A connection for one statement that needs no transaction of its own."""
        async with self._connection() as sql:
            yield sql

    @asynccontextmanager
    async def _connection(self, *, from_within: bool = False) -> AsyncIterator[Connection]:
        if from_within:
            async with self._lent() as sql:
                yield sql
            return
        await self._take_place()
        try:
            async with self._lent() as sql:
                yield sql
        finally:
            self._places.release()

    async def _take_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()  # at once: nobody pays for a clock that is not needed
            return
        try:
            async with asyncio.timeout(POOL_TIMEOUT_S):
                await self._places.acquire()
        except TimeoutError as error:
            raise Unavailable("the database") from error

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[Connection]:
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
        except asyncpg.InternalClientError as error:
            # PostgreSQL has said that the session is over, and the end of its line is not here yet.
            sql.terminate()
            raise Unavailable("the database") from error
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
        with suppress(asyncpg.InterfaceError):  # nobody has ever asked for one
            await self._pool.close()


# Async, though it waits for nothing: FastAPI runs a plain function in a thread, at every request.
async def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


DatabaseOf = Annotated[Database, Depends(_database)]


def _wall(request: Request) -> Wall | OwnWall | None:
    """Set by `allow`, which stands before the session in every route that has a wall."""
    return getattr(request.state, "wall", None)


async def _transaction(request: Request, database: DatabaseOf) -> AsyncIterator[Session]:
    wall = _wall(request)
    async with database.transaction(wall if isinstance(wall, Wall) else None) as session:
        yield session


async def _reading(request: Request, database: DatabaseOf) -> AsyncIterator[ReadSession]:
    async with database.reading(_wall(request)) as session:
        yield session


# "function", not the default: otherwise the phone hears 201 before the row is durable.
WriteTransaction = Annotated[Session, Depends(_transaction, scope="function")]
ReadTransaction = Annotated[ReadSession, Depends(_reading, scope="function")]
