"""What one-time codes cost, and from where they were asked for"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("one_time_code", sa.Column("network", sa.LargeBinary(), nullable=True))
    op.add_column("one_time_code", sa.Column("paid_by", sa.Text(), nullable=True))
    op.add_column(
        "one_time_code",
        sa.Column("messages", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.create_index("ix_one_time_code_device_created_at", "one_time_code", ["device", "created_at"])
    op.create_index(
        "ix_one_time_code_paid_created_at",
        "one_time_code",
        ["created_at"],
        postgresql_where=sa.text("paid_by IS NOT NULL"),
        postgresql_include=["paid_by", "used_at", "network"],
    )
    op.create_index("ix_personil_phone", "personil", ["phone"])


def downgrade() -> None:
    op.drop_index("ix_personil_phone", table_name="personil")
    op.drop_index("ix_one_time_code_paid_created_at", table_name="one_time_code")
    op.drop_index("ix_one_time_code_device_created_at", table_name="one_time_code")
    for column in ("messages", "paid_by", "network"):
        op.drop_column("one_time_code", column)
