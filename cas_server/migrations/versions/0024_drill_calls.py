"""Windows in which a Satuan agrees to drills with officers, and the officers a drill has told"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "drill_window",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", MOMENT, nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_drill_window_site_id_site"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill_window")),
    )
    op.create_index("ix_drill_window_site_id", "drill_window", ["site_id", "until_at"])
    op.create_index("ix_drill_window_until_at", "drill_window", ["until_at"])
    op.create_table(
        "drill_call",
        sa.Column("drill_id", sa.Uuid(), nullable=False),
        sa.Column("personil_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("called_at", MOMENT, nullable=False),
        sa.Column("over_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["drill_id"],
            ["drill.id"],
            name=op.f("fk_drill_call_drill_id_drill"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["personil_id"], ["personil.id"], name=op.f("fk_drill_call_personil_id_personil")
        ),
        sa.PrimaryKeyConstraint("drill_id", "personil_id", name=op.f("pk_drill_call")),
    )
    op.create_index("ix_drill_call_personil_id", "drill_call", ["personil_id", "over_at"])


def downgrade() -> None:
    op.drop_table("drill_call")
    op.drop_table("drill_window")
