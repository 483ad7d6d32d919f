"""Bring a database to the newest schema, and say where it stands."""

from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from cas_server.db import wall
from cas_server.db.pool import connect

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file; it works on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def plain_engine(dsn: str) -> AsyncEngine:
    """An engine with ordinary transactions, for schema work only."""
    return create_async_engine("postgresql+asyncpg://", async_creator=lambda: connect(dsn))


async def upgrade(dsn: str) -> None:
    """Run every migration that is missing, then raise the wall; two at once wait for each other."""
    engine = plain_engine(dsn)
    try:
        async with engine.connect() as connection:
            await connection.exec_driver_sql("SELECT pg_advisory_lock(4201)")
            await connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS postgis")
            await connection.commit()
            await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "head"))
            await connection.commit()
            raw = (await connection.get_raw_connection()).driver_connection
            assert raw is not None
            await wall.build(raw)
    finally:
        await engine.dispose()


async def is_current(dsn: str) -> bool:
    """True when no migration is missing; also False for a database that has none yet."""
    engine = plain_engine(dsn)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(_is_current)
    except (OSError, asyncpg.PostgresError):
        return False
    finally:
        await engine.dispose()


def _is_current(connection: Connection) -> bool:
    heads = ScriptDirectory(str(MIGRATIONS)).get_heads()
    return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)
