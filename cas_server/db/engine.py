"""Engine and pool: time-outs, and a first query so that no press pays for a cold connection."""

from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

CONNECT_TIMEOUT_S = 5.0
POOL_TIMEOUT_S = 5.0

SESSION_SETTINGS = {
    "application_name": "cas",
    "timezone": "UTC",
    "jit": "off",
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "15s",
}

# The first geography call in a new connection loads PROJ and costs 20 to 90 ms.
_WARM = "SELECT ST_Distance('POINT(112 -7)'::geography, 'POINT(112.1 -7)'::geography)"


async def connect(dsn: str) -> "asyncpg.Connection[Any]":
    """One connection of its own, outside every pool."""
    return await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT_S, server_settings=SESSION_SETTINGS)


def create_engine(dsn: str, pool_size: int) -> AsyncEngine:
    """A pool over asyncpg that never opens a transaction by itself: `db.session` does."""

    async def open_warm() -> "asyncpg.Connection[Any]":
        connection = await connect(dsn)
        await connection.fetchval(_WARM)
        return connection

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=open_warm,
        isolation_level="AUTOCOMMIT",
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        pool_pre_ping=False,
    )
