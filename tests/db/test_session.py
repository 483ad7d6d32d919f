"""What the end of a transaction promises."""

from contextlib import suppress

import asyncpg
import pytest

from cas_server.db.session import DATABASE_FAULTS, Database

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
