"""A database as an earlier version left it, with somebody in it."""

import asyncpg
from alembic import command
from sqlalchemy.engine import Connection

from cas_server.db.migrate import alembic_config, plain_engine
from cas_server.embedded import Cluster
from cas_server.kit.ids import new_id


async def older_database(cluster: Cluster, revision: str, rows: str) -> str:
    """Its address; `rows` are the statements that fill it."""
    name = f"old_{new_id().hex}"
    cluster.create_database(name)
    dsn = cluster.url(name)
    await _execute(dsn, "CREATE EXTENSION postgis")
    engine = plain_engine(dsn)
    async with engine.connect() as connection:
        await connection.run_sync(_upgrade, revision)
        await connection.commit()
    await engine.dispose()
    await _execute(dsn, rows)
    return dsn


async def _execute(dsn: str, statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(statements)
    await connection.close()


def _upgrade(connection: Connection, revision: str) -> None:
    command.upgrade(alembic_config(connection), revision)
