"""What officers report with their photos, backup they ask for, and their stretches of duty"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    moment = sa.DateTime(timezone=True)
    op.add_column("responder", sa.Column("reported_at", moment, nullable=True))
    op.add_column("responder", sa.Column("disposition", sa.Text(), nullable=True))
    op.add_column("responder", sa.Column("report_note", sa.Text(), nullable=True))
    op.add_column("responder", sa.Column("backup_asked_at", moment, nullable=True))
    op.add_column("alarm", sa.Column("backup_asked_at", moment, nullable=True))
    op.add_column(
        "alarm", sa.Column("backups_more", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("alarm_picture", sa.Column("personil_id", sa.Uuid(), nullable=True))
    op.create_table(
        "duty_stretch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("personil_id", sa.Uuid(), nullable=False),
        sa.Column("satuan_path", sa.Text(), nullable=False),
        sa.Column("began_at", moment, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["personil_id"], ["personil.id"], name=op.f("fk_duty_stretch_personil_id_personil")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_stretch")),
    )
    op.create_index(
        "ix_duty_stretch_personil_id_began_at", "duty_stretch", ["personil_id", "began_at"]
    )
    op.execute(
        "INSERT INTO duty_stretch (personil_id, satuan_path, began_at) "
        "SELECT personil_id, satuan_path, since FROM duty"
    )


def downgrade() -> None:
    op.drop_table("duty_stretch")
    op.drop_column("alarm_picture", "personil_id")
    op.drop_column("alarm", "backups_more")
    op.drop_column("alarm", "backup_asked_at")
    for name in ("backup_asked_at", "report_note", "disposition", "reported_at"):
        op.drop_column("responder", name)
