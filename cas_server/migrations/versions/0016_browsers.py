"""Keys of browsers that are woken without Firebase"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("device", sa.Column("p256dh", sa.Text(), nullable=True))
    op.add_column("device", sa.Column("auth", sa.Text(), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM device WHERE address_type = 'web_push'")
    op.drop_column("device", "auth")
    op.drop_column("device", "p256dh")
