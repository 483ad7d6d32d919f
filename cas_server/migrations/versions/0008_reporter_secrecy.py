"""Names and numbers of reporters are sealed; what is shown of them is a mask"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from cas_server.settings import Settings
from cas_server.vault import key_file
from cas_server.vault.masks import mask_name, mask_phone
from cas_server.vault.queries import Stored
from cas_server.vault.sealing import Ring, new_data_key
from cas_server.vault.service import open_ring

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BATCH = 1_000


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("SET LOCAL statement_timeout = 0")
    _make_tables()
    _add_columns()
    # Minutes old at most and soon asked for again: not worth a key. The day's budget starts anew.
    op.execute("DELETE FROM one_time_code")
    if _holds_anybody():
        _carry_over(_first_ring())
    _tighten()


def _make_tables() -> None:
    op.create_table(
        "data_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("kek_id", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('seal', 'lookup')", name=op.f("ck_data_key_purpose")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_key")),
    )
    op.create_index(
        "uq_data_key_in_use",
        "data_key",
        ["purpose"],
        unique=True,
        postgresql_where="retired_at IS NULL",
    )
    op.create_table(
        "reveal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("alarm_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"], name=op.f("fk_reveal_alarm_id_alarm")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveal")),
    )
    op.create_index("ix_reveal_alarm_id", "reveal", ["alarm_id", "id"])
    op.create_index("ix_reveal_account_id_at", "reveal", ["account_id", "at"])


def _add_columns() -> None:
    added = {
        "account": ("name_sealed", "phone_sealed", "phone_hash"),
        "masyarakat": ("name_sealed", "phone_sealed", "phone_hash"),
        "one_time_code": ("phone_hash", "phone_sealed"),
        "alarm": ("reporter_name_sealed", "reporter_phone_sealed"),
        "folded_press": ("phone_sealed",),
        "site": ("contacts_sealed",),
    }
    for table, columns in added.items():
        for column in columns:
            op.add_column(table, sa.Column(column, sa.LargeBinary(), nullable=True))
    op.drop_constraint(op.f("uq_account_phone"), "account", type_="unique")
    op.drop_constraint(op.f("uq_masyarakat_phone"), "masyarakat", type_="unique")
    op.drop_index("ix_one_time_code_phone_created_at", "one_time_code")
    op.drop_column("one_time_code", "phone")


def _tighten() -> None:
    op.alter_column("masyarakat", "name_sealed", nullable=False)
    op.alter_column("masyarakat", "phone_sealed", nullable=False)
    op.alter_column("masyarakat", "phone_hash", nullable=False)
    op.alter_column("one_time_code", "phone_sealed", nullable=False)
    op.alter_column("one_time_code", "phone_hash", nullable=False)
    op.create_unique_constraint(op.f("uq_account_phone_hash"), "account", ["phone_hash"])
    op.create_unique_constraint(op.f("uq_masyarakat_phone_hash"), "masyarakat", ["phone_hash"])
    op.create_index(
        "ix_one_time_code_phone_hash_created_at", "one_time_code", ["phone_hash", "created_at"]
    )


def _rows(statement: str, **values: Any) -> list[Any]:
    return list(op.get_bind().execute(sa.text(statement), values).mappings())


def _holds_anybody() -> bool:
    """True when there is something to seal: then a key is needed, and said to be missing."""
    return bool(
        _rows(
            """SELECT 1 WHERE EXISTS (SELECT FROM account WHERE role = 'masyarakat' OR phone <> '')
               OR EXISTS (SELECT FROM masyarakat) OR EXISTS (SELECT FROM alarm)
               OR EXISTS (SELECT FROM site WHERE contacts <> '[]')"""
        )
    )


def _first_ring() -> Ring:
    settings = Settings()
    keks = key_file.load(settings)
    keys = [new_data_key("seal", keks[0]), new_data_key("lookup", keks[0])]
    for key in keys:
        op.get_bind().execute(
            sa.text(
                """INSERT INTO data_key (id, purpose, wrapped, kek_id, created_at)
                   VALUES (:id, :purpose, :wrapped, :kek_id, :at)"""
            ),
            {"id": key.id, "purpose": key.purpose, "wrapped": key.wrapped, "kek_id": key.kek_id,
             "at": datetime.now(UTC)},
        )  # fmt: skip
    stored = [Stored(key, retired=False) for key in keys]
    return open_ring(stored, keks, key_file.where(settings))


def _carry_over(ring: Ring) -> None:
    # Masks first where they are copied: an alarm knows its reporter by account.
    for table in ("account", "masyarakat"):
        _each(f"SELECT id, name, phone, {_role(table)} AS role FROM {table}", table,  # noqa: S608
              lambda row, table=table: _person(ring, table, row))  # fmt: skip
    _each(
        "SELECT id, reporter_role, reporter_name, reporter_phone FROM alarm",
        "alarm",
        lambda row: _alarm(ring, row),
    )
    _each(
        "SELECT id, phone FROM folded_press WHERE phone IS NOT NULL",
        "folded_press",
        lambda row: _folded(ring, row),
    )
    _each(
        "SELECT id, contacts::text AS contacts FROM site WHERE contacts <> '[]'",
        "site",
        lambda row: _site(ring, row),
    )


def _role(table: str) -> str:
    return "role" if table == "account" else "'masyarakat'"


def _each(select: str, table: str, made: Any) -> None:
    rows = _rows(select)
    for start in range(0, len(rows), BATCH):
        batch = [{"id": row["id"], **made(row)} for row in rows[start : start + BATCH]]
        columns = [name for name in batch[0] if name != "id"]
        casts = {"contacts": "(:contacts)::text::jsonb"}
        assigned = ", ".join(f"{name} = {casts.get(name, f':{name}')}" for name in columns)
        statement = f"UPDATE {table} SET {assigned} WHERE id = :id"  # noqa: S608 - names of this file
        op.get_bind().execute(sa.text(statement), batch)


def _person(ring: Ring, table: str, row: Any) -> dict[str, Any]:
    secret, phone = row["role"] == "masyarakat", row["phone"]
    return {
        "name": mask_name(row["name"]) if secret else row["name"],
        "name_sealed": ring.seal(row["name"], f"{table}.name", row["id"]) if secret else None,
        "phone": mask_phone(phone) if phone else None,
        "phone_sealed": ring.seal(phone, f"{table}.phone", row["id"]) if phone else None,
        "phone_hash": ring.hash("phone", phone) if phone else None,
    }


def _alarm(ring: Ring, row: Any) -> dict[str, Any]:
    """A caller's name is sealed with the alarm: it stands nowhere else."""
    role, name, phone = row["reporter_role"], row["reporter_name"], row["reporter_phone"]
    # "unknown" pressed without any proof, and has said no name but perhaps a number.
    caller = role in ("caller", "unknown")
    kept = phone if caller else None
    return {
        "reporter_name": mask_name(name) if role in ("caller", "masyarakat") else name,
        "reporter_phone": mask_phone(phone) if phone else None,
        "reporter_name_sealed": ring.seal(name, "alarm.reporter_name", row["id"])
        if caller
        else None,
        "reporter_phone_sealed": ring.seal(kept, "alarm.reporter_phone", row["id"])
        if kept
        else None,
    }


def _folded(ring: Ring, row: Any) -> dict[str, Any]:
    sealed = ring.seal(row["phone"], "folded_press.phone", row["id"])
    return {"phone": mask_phone(row["phone"]), "phone_sealed": sealed}


def _site(ring: Ring, row: Any) -> dict[str, Any]:
    shown = [
        {**each, "phone": mask_phone(each["phone"]) if each.get("phone") else ""}
        for each in json.loads(row["contacts"])
    ]
    return {
        "contacts": json.dumps(shown),
        "contacts_sealed": ring.seal(row["contacts"], "site.contacts", row["id"]),
    }


def downgrade() -> None:
    raise NotImplementedError("sealed names and numbers are not put back in the clear")
