"""What an Instansi's manager wrote of a site is told from what an import brought"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # The journal is long: read before the table is locked, so that presses at sites go on meanwhile.
    op.execute("""
        CREATE TEMPORARY TABLE site_words ON COMMIT DROP AS
        SELECT payload->>'site_id' AS site_id, max(at) AS at FROM journal
        WHERE kind = 'site.changed' GROUP BY 1
    """)
    op.add_column("site", sa.Column("written_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("""
        UPDATE site SET written_at = w.at FROM site_words w WHERE w.site_id = site.id::text
    """)


def downgrade() -> None:
    op.drop_column("site", "written_at")
