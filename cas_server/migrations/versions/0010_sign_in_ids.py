"""Sign-ins are found by their id: sockets stand on them"""

from collections.abc import Sequence

from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_credential_id", "credential", ["id"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_credential_id", "credential")
