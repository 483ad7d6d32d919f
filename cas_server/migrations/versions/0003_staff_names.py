"""The names of those who act for the police, without anything else of their accounts"""

from collections.abc import Sequence

from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # Named wherever an alarm is shown, also at a Satuan whose wall hides the account itself.
    op.execute(
        "CREATE VIEW staff_name AS SELECT id, name FROM account"
        " WHERE role IN ('operator', 'pimpinan', 'admin')"
    )


def downgrade() -> None:
    op.execute("DROP VIEW staff_name")
