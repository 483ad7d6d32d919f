"""The second wall stands around several people at once: no table changes, wall.sql is run again"""

from collections.abc import Sequence

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Nothing: whoever sees that a migration is missing raises the wall after it."""


def downgrade() -> None:
    """Nothing: an earlier version raises its own wall."""
