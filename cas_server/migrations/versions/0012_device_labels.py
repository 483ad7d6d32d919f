"""A device says what people would call it"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("known_device", sa.Column("label", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("known_device", "label")
