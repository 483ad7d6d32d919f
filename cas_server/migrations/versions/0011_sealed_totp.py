"""Secrets of authenticator apps are sealed like names and numbers"""

from base64 import b32encode
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from cas_server.settings import Settings
from cas_server.vault import key_file
from cas_server.vault.queries import Stored
from cas_server.vault.sealing import KeyKey, Ring, WrappedKey, new_data_key
from cas_server.vault.service import open_ring

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

PLACE = "totp.secret"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.alter_column("totp", "secret", new_column_name="secret_sealed")
    op.alter_column("totp", "pending", new_column_name="pending_sealed")
    # Offered minutes ago and never confirmed: whoever wanted it asks again.
    op.execute("UPDATE totp SET pending_sealed = NULL")
    held = _rows("SELECT account_id, secret_sealed FROM totp WHERE secret_sealed IS NOT NULL")
    if not held:
        return  # and no key is asked for
    ring = _ring()
    for row in held:
        text = b32encode(row["secret_sealed"]).decode()
        op.get_bind().execute(
            sa.text("UPDATE totp SET secret_sealed = :sealed WHERE account_id = :id"),
            {"id": row["account_id"], "sealed": ring.seal(text, PLACE, row["account_id"])},
        )


def _rows(statement: str) -> list[Any]:
    return list(op.get_bind().execute(sa.text(statement)).mappings())


def _ring() -> Ring:
    settings = Settings()
    keks = key_file.load(settings)
    stored = [
        Stored(
            WrappedKey(row["id"], row["purpose"], row["wrapped"], row["kek_id"]),
            row["retired_at"] is not None,
        )
        for row in _rows("SELECT * FROM data_key ORDER BY created_at, id")
    ]
    return open_ring(stored or _first_keys(keks[0]), keks, key_file.where(settings))


def _first_keys(kek: KeyKey) -> list[Stored]:
    keys = [new_data_key("seal", kek), new_data_key("lookup", kek)]
    for key in keys:
        op.get_bind().execute(
            sa.text(
                """INSERT INTO data_key (id, purpose, wrapped, kek_id, created_at)
                   VALUES (:id, :purpose, :wrapped, :kek_id, :at)"""
            ),
            {"id": key.id, "purpose": key.purpose, "wrapped": key.wrapped, "kek_id": key.kek_id,
             "at": datetime.now(UTC)},
        )  # fmt: skip
    return [Stored(key, retired=False) for key in keys]


def downgrade() -> None:
    raise NotImplementedError("sealed secrets are not put back in the clear")
