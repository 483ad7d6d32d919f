"""An empty database becomes exactly what the models say, by one road."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from geoalchemy2 import alembic_helpers
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.engine import Connection

from cas_server.db.base import Base
from cas_server.db.migrate import MIGRATIONS, is_current, plain_engine, upgrade
from cas_server.embedded import Cluster
from cas_server.journal.tables import TransactionId


def differences(connection: Connection) -> list[object]:
    # SQLAlchemy has no type of its own for PostgreSQL's transaction ids.
    ischema_names["xid8"] = TransactionId
    context = MigrationContext.configure(
        connection,
        opts={
            "include_object": alembic_helpers.include_object,
            "compare_type": True,
            "compare_server_default": False,
        },
    )
    return list(compare_metadata(context, Base.metadata))


async def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


async def test_an_empty_database_migrated_up_is_what_the_models_say(cluster: Cluster) -> None:
    cluster.create_database("migrated")
    dsn = cluster.url("migrated")
    before = await is_current(dsn)

    await upgrade(dsn)
    await upgrade(dsn)

    engine = plain_engine(dsn)
    try:
        async with engine.connect() as connection:
            different = await connection.run_sync(differences)
    finally:
        await engine.dispose()
    assert (before, await is_current(dsn)) == (False, True)
    assert different == []


async def test_live_positions_are_not_written_to_the_log_of_the_database(
    cluster: Cluster, dsn: str
) -> None:
    """UNLOGGED: alembic's comparison does not see it."""
    engine = plain_engine(dsn)
    try:
        async with engine.connect() as connection:
            result = await connection.exec_driver_sql(
                "SELECT relname FROM pg_class WHERE relpersistence = 'u' AND relkind = 'r'"
            )
            unlogged = [row[0] for row in result]
    finally:
        await engine.dispose()
    assert unlogged == ["last_position"]
    assert cluster.runs()
