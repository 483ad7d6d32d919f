"""Connections: time-outs, and a first query so that no press pays for a cold connection."""

from typing import TypeAlias

import asyncpg

CONNECT_TIMEOUT_S = 5.0

SESSION_SETTINGS = {
    "application_name": "cas",
    "timezone": "UTC",
    "jit": "off",
    "plan_cache_mode": "force_generic_plan",
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "15s",
}

# The first geography call in a new connection loads PROJ and costs 20 to 90 ms.
_WARM = "SELECT ST_Distance('POINT(112 -7)'::geography, 'POINT(112.1 -7)'::geography)"

Connection: TypeAlias = asyncpg.Connection
Pool: TypeAlias = asyncpg.Pool


async def connect(dsn: str) -> Connection:
    """One connection of its own, outside every pool."""
    return await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT_S, server_settings=SESSION_SETTINGS)


def create_pool(dsn: str, size: int) -> Pool:
    """At most `size` connections, opened when first needed and kept; call it where a loop runs."""

    async def warm(connection: Connection) -> None:
        await connection.fetchval(_WARM)

    async def nothing(_: Connection) -> None:
        """Every use is one transaction or one statement, so there is nothing to reset."""

    return asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=size,
        max_inactive_connection_lifetime=0,
        timeout=CONNECT_TIMEOUT_S,
        server_settings=SESSION_SETTINGS,
        init=warm,
        reset=nothing,
    )
