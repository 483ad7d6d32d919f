"""How Alembic meets our models: every slice's tables, and PostGIS left alone."""

import importlib

from alembic import context
from geoalchemy2 import alembic_helpers
from sqlalchemy.engine import Connection

from cas_server.db.base import Base

SLICES = ("vault", "identity", "registry", "presence", "push", "journal", "outbox", "dispatch",
          "alarm", "evidence", "privacy", "instansi", "metrics")  # fmt: skip
for slice_name in SLICES:
    importlib.import_module(f"cas_server.{slice_name}.tables")


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=alembic_helpers.include_object,
        process_revision_directives=alembic_helpers.writer,
        render_item=alembic_helpers.render_item,
        compare_server_default=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
