"""Personil out of service, Satuan and Instansi that are closed"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ENDS = {"personil": "out_of_service_at", "satuan": "closed_at", "instansi": "closed_at"}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, column in ENDS.items():
        op.add_column(table, sa.Column(column, sa.DateTime(timezone=True), nullable=True))
    op.add_column("instansi", sa.Column("satuan_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_instansi_satuan_id_satuan", "instansi", "satuan", ["satuan_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_column("instansi", "satuan_id")
    for table, column in ENDS.items():
        op.drop_column(table, column)
