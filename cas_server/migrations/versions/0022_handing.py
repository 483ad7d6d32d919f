"""Alarms handed from the desk of one Satuan to another's"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Whether anybody sits there is asked with the owner's eyes: a desk does not see its neighbour's people.
STAFFED = """
CREATE VIEW staffed_satuan AS
SELECT s.id AS satuan_id FROM satuan s
WHERE s.kind IN ('polsek', 'polres') AND s.closed_at IS NULL AND EXISTS (
    SELECT FROM account o WHERE o.role = 'operator' AND o.disabled_at IS NULL
        AND starts_with(s.path, o.satuan_path))
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "alarm_handover",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("alarm_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_satuan_id", sa.Uuid(), nullable=False),
        sa.Column("to_satuan_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alarm_id"], ["alarm.id"], name=op.f("fk_alarm_handover_alarm_id_alarm")
        ),
        sa.ForeignKeyConstraint(
            ["from_satuan_id"], ["satuan.id"], name=op.f("fk_alarm_handover_from_satuan_id_satuan")
        ),
        sa.ForeignKeyConstraint(
            ["to_satuan_id"], ["satuan.id"], name=op.f("fk_alarm_handover_to_satuan_id_satuan")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm_handover")),
    )
    op.create_index(op.f("ix_alarm_handover_alarm_id"), "alarm_handover", ["alarm_id", "id"])
    op.execute(STAFFED)


def downgrade() -> None:
    op.execute("DROP VIEW staffed_satuan")
    op.execute("DROP VIEW IF EXISTS wall_handed CASCADE")
    op.drop_table("alarm_handover")
