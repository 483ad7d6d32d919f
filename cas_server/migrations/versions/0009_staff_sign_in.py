"""Staged sign-ins, second factors and tickets"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_OF_CREDENTIAL = ("network", "idle_after", "last_used_at", "verified_at", "stage", "id")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    moment = sa.DateTime(timezone=True)
    op.add_column("account", sa.Column("password_change_by", moment, nullable=True))
    random_id = sa.text("gen_random_uuid()")
    for column in (
        sa.Column("id", sa.Uuid(), server_default=random_id, nullable=False),
        sa.Column("stage", sa.Text(), server_default="complete", nullable=False),
        sa.Column("verified_at", moment, nullable=True),
        sa.Column("last_used_at", moment, nullable=True),
        sa.Column("idle_after", sa.Interval(), nullable=True),
        sa.Column("network", sa.Text(), server_default="", nullable=False),
    ):
        op.add_column("credential", column)
    _second_factors(moment)
    op.create_table(
        "ticket",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_ticket")),
    )
    op.create_index("ix_ticket_expires_at", "ticket", ["expires_at"], unique=False)


def _second_factors(moment: sa.DateTime) -> None:
    op.create_table(
        "totp",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("pending", sa.LargeBinary(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        _of_account("totp"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_totp")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("last_used_at", moment, nullable=True),
        _of_account("passkey"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
    )
    op.create_index(op.f("ix_passkey_account_id"), "passkey", ["account_id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        _of_account("recovery_code"),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_recovery_code")),
    )


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_account_id_account")
    return sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in ("ticket", "recovery_code", "passkey", "totp"):
        op.drop_table(table)
    for column in _OF_CREDENTIAL:
        op.drop_column("credential", column)
    op.drop_column("account", "password_change_by")
