"""Consents, erasures, and when an alarm's reporter was forgotten"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "consent",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "version", name=op.f("pk_consent")),
    )
    op.create_table(
        "erasure",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_erasure")),
    )
    op.create_index(
        "ix_erasure_waiting",
        "erasure",
        ["asked_at"],
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.add_column("alarm", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_alarm_to_forget",
        "alarm",
        ["closed_at"],
        postgresql_where=sa.text("closed_at IS NOT NULL AND forgotten_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_alarm_to_forget", table_name="alarm")
    op.drop_column("alarm", "forgotten_at")
    op.drop_index("ix_erasure_waiting", table_name="erasure")
    op.drop_table("erasure")
    op.drop_table("consent")
