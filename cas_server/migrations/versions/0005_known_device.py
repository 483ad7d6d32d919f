"""The devices people sign in on; a push may be about an account instead of an alarm"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "known_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'confirmed', 'refused')", name=op.f("ck_known_device_state")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_known_device_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_device")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_known_device_account_id_name")),
    )
    op.create_index(
        "ix_known_device_waiting",
        "known_device",
        ["asked_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )
    # Whoever is signed in now was let in by the rules of then.
    op.execute(
        "INSERT INTO known_device (id, account_id, name, state, asked_at)"
        " SELECT gen_random_uuid(), account_id, device, 'confirmed', min(created_at)"
        " FROM credential WHERE device <> '' GROUP BY account_id, device"
    )
    op.alter_column("push_outcome", "alarm_id", nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM push_outcome WHERE alarm_id IS NULL")
    op.alter_column("push_outcome", "alarm_id", nullable=False)
    op.drop_index("ix_known_device_waiting", table_name="known_device")
    op.drop_table("known_device")
