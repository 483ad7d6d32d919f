"""What the end of a transaction promises, and what becomes of a line that PostgreSQL gave up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from cas_server.db.bell import Bell
from cas_server.db.pool import create_pool
from cas_server.db.session import DATABASE_FAULTS, Database
from cas_server.errors import Unavailable

_PLANT = "INSERT INTO attempt (key, since, tries) VALUES ('\\x01', now(), 1)"


async def test_a_fault_that_was_swallowed_is_told_at_the_commit(database: Database) -> None:
    async def swallowed() -> None:
        async with database.transaction() as session:
            await session.sql.execute(_PLANT)
            with suppress(asyncpg.UniqueViolationError):
                await session.sql.execute(_PLANT)

    with pytest.raises(DATABASE_FAULTS, match="nothing was committed"):
        await swallowed()

    async with database.reading() as session:
        assert await session.sql.fetchval("SELECT count(*) FROM attempt") == 0


@asynccontextmanager
async def _a_line_whose_end_is_not_told(dsn: str) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """The same database over a line that stays open when PostgreSQL closes it, and that moment."""
    whole, socket = urlsplit(dsn), _socket_of(dsn)
    over, ends = asyncio.Event(), list[asyncio.StreamWriter]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward, to_server = await asyncio.open_unix_connection(socket)
        ends.extend([writer, to_server])
        async with asyncio.TaskGroup() as pipes:
            pipes.create_task(_pipe(reader, to_server))
            await _pipe(onward, writer)
            over.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"postgresql://{whole.username}@127.0.0.1:{port}{whole.path}?sslmode=disable", over
    finally:
        server.close()
        for end in ends:
            end.transport.abort()


def _socket_of(dsn: str) -> Path:
    [folder] = parse_qs(urlsplit(dsn).query)["host"]
    [socket] = (path for path in Path(folder).glob(".s.PGSQL.*") if path.suffix != ".lock")
    return socket


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(16_384):
            writer.write(chunk)
            await writer.drain()


async def test_a_session_that_postgresql_has_ended_on_a_line_still_open_is_only_unavailable(
    database: Database, dsn: str, bell: Bell
) -> None:
    async with _a_line_whose_end_is_not_told(dsn) as (far, over):
        distant = Database(create_pool(far, size=2), bell)
        async with distant.statement() as sql:
            pid = await sql.fetchval("SELECT pg_backend_pid()")
        async with database.statement() as sql:
            await sql.execute("SELECT pg_terminate_backend($1)", pid)
            await over.wait()
            await sql.execute("SELECT 1")  # meanwhile the farewell is read

        with pytest.raises(Unavailable):
            async with distant.statement() as sql:
                await sql.fetchval("SELECT 1")

        async with distant.statement() as sql:
            assert await sql.fetchval("SELECT pg_backend_pid()") != pid
    # Only now, for a polite close waits until the other end has closed its line.
    await distant.close()
