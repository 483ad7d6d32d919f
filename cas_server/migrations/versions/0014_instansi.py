"""People of an Instansi, its drills and lines; a site's floor"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NO = sa.text("false")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("account", sa.Column("manager", sa.Boolean(), server_default=NO, nullable=False))
    # One number may be a citizen's and, at work, a petugas's.
    op.drop_constraint("uq_account_phone_hash", "account", type_="unique")
    op.create_unique_constraint("uq_account_phone_hash_role", "account", ["phone_hash", "role"])
    op.add_column("site", sa.Column("floor", sa.Text(), server_default="", nullable=False))
    op.add_column("site", sa.Column("drills_call", sa.Boolean(), server_default=NO, nullable=False))
    op.create_index(
        "ix_alarm_at_site",
        "alarm",
        ["raised_at"],
        postgresql_where=sa.text("site_id IS NOT NULL"),
    )
    _make_line()
    _make_drill()
    _make_told()


def _make_line() -> None:
    op.create_table(
        "site_line",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name="fk_site_line_site_id_site", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("site_id", "device", name="pk_site_line"),
    )
    op.create_index("ix_site_line_seen_at", "site_line", ["seen_at"])


def _make_drill() -> None:
    op.create_table(
        "drill",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("calls_agreed", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name="fk_drill_site_id_site", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_drill"),
    )
    op.create_index("ix_drill_site_id", "drill", ["site_id", "started_at"])
    op.create_index(
        "ix_drill_running", "drill", ["started_at"], postgresql_where=sa.text("ended_at IS NULL")
    )


def _make_told() -> None:
    op.create_table(
        "site_told",
        sa.Column("alarm_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("why_not", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"], name="fk_site_told_alarm_id_alarm"),
        sa.PrimaryKeyConstraint("alarm_id", name="pk_site_told"),
    )
    op.create_index("ix_site_told_at", "site_told", ["at"])


def downgrade() -> None:
    for table in ("site_told", "drill", "site_line"):
        op.drop_table(table)
    op.drop_index("ix_alarm_at_site", "alarm")
    op.drop_column("site", "drills_call")
    op.drop_column("site", "floor")
    # Where a number is a citizen's and a petugas's, the petugas's lets it go.
    op.execute("""UPDATE account SET phone_hash = NULL WHERE role = 'instansi' AND phone_hash IN (
        SELECT phone_hash FROM account WHERE role <> 'instansi')""")
    op.drop_constraint("uq_account_phone_hash_role", "account", type_="unique")
    op.create_unique_constraint("uq_account_phone_hash", "account", ["phone_hash"])
    op.drop_column("account", "manager")
