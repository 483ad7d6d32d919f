"""Press keys, how sure it is who pressed, and unverified presses by network"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MALICIOUS = "disposition = 'false_malicious'"


def _alarm_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("verification", sa.Text(), server_default="bearer", nullable=False),
        sa.Column("press_key_id", sa.Uuid(), nullable=True),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("late_s", sa.Integer(), nullable=True),
        sa.Column("clock_off_s", sa.Integer(), nullable=True),
        sa.Column(
            "suspicion_level", sa.SmallInteger(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "suspicion_reasons", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("network", sa.Text(), nullable=True),
        sa.Column("call_held", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("folded", sa.Integer(), server_default=sa.text("0"), nullable=False),
    ]


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "press_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_press_key_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_press_key")),
        sa.UniqueConstraint("public_key", name=op.f("uq_press_key_public_key")),
    )
    op.create_index(op.f("ix_press_key_account_id"), "press_key", ["account_id"])
    op.create_index(op.f("ix_press_key_device"), "press_key", ["device"])
    for column in _alarm_columns():
        op.add_column("alarm", column)
    # The words of a caller's alarm were an operator's from the start.
    op.execute("UPDATE alarm SET verification = 'desk' WHERE reporter_role = 'caller'")
    op.create_check_constraint(
        op.f("ck_alarm_verification"),
        "alarm",
        "verification IN ('verified', 'bearer', 'unverified', 'desk')",
    )
    op.create_index(
        "ix_alarm_malicious_reporter_account_id",
        "alarm",
        ["reporter_account_id"],
        postgresql_where=MALICIOUS,
    )
    op.create_geospatial_table(
        "folded_press",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alarm_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column(
            "at",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alarm_id"], ["alarm.id"], name=op.f("fk_folded_press_alarm_id_alarm")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folded_press")),
    )
    op.create_index(op.f("ix_folded_press_alarm_id"), "folded_press", ["alarm_id"])
    op.create_table(
        "press_network",
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("presses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("network", "minute", name=op.f("pk_press_network")),
    )
    op.create_index(op.f("ix_press_network_minute"), "press_network", ["minute"])
    op.create_table(
        "press_fold",
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("polres_path", sa.Text(), nullable=False),
        sa.Column("alarm_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alarm_id"], ["alarm.id"], name=op.f("fk_press_fold_alarm_id_alarm")
        ),
        sa.PrimaryKeyConstraint("network", "minute", "polres_path", name=op.f("pk_press_fold")),
    )
    op.create_index(op.f("ix_press_fold_minute"), "press_fold", ["minute"])


def downgrade() -> None:
    op.drop_table("press_fold")
    op.drop_table("press_network")
    op.drop_geospatial_table("folded_press")
    op.drop_index("ix_alarm_malicious_reporter_account_id", table_name="alarm")
    op.drop_constraint(op.f("ck_alarm_verification"), "alarm")
    for column in reversed(_alarm_columns()):
        op.drop_column("alarm", column.name)
    op.drop_table("press_key")
