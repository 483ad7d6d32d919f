"""Secrets of authenticator apps from before they were sealed: sealed on the way, and still good."""

from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from cas_server.db.bell import Bell
from cas_server.db.migrate import upgrade
from cas_server.db.pool import create_pool
from cas_server.db.session import Database
from cas_server.embedded import Cluster
from cas_server.identity import factor_queries
from cas_server.settings import Settings
from cas_server.vault.key_file import BadKey
from cas_server.vault.service import attach
from tests.db.older import older_database

BEFORE = "0010"
SECRET = b"twenty bytes of luck"
ACCOUNT = UUID("00000000-0000-0000-0000-000000000003")

OPERATORS = """
INSERT INTO account (id, role, name, username)
VALUES ('00000000-0000-0000-0000-000000000003', 'operator', 'Operator Satu', 'satu'),
       ('00000000-0000-0000-0000-000000000004', 'operator', 'Operator Dua', 'dua');
INSERT INTO totp (account_id, secret, pending)
VALUES ('00000000-0000-0000-0000-000000000003', 'twenty bytes of luck', 'another twenty bytes'),
       ('00000000-0000-0000-0000-000000000004', NULL, 'never confirmed here');
"""


@pytest.fixture
async def old_dsn(cluster: Cluster) -> str:
    return await older_database(cluster, BEFORE, OPERATORS)


async def stored(dsn: str) -> list[bytes]:
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch("SELECT * FROM totp")
    await connection.close()
    return [value for row in rows for value in row.values() if isinstance(value, bytes)]


async def test_a_secret_is_carried_over_sealed_and_one_never_confirmed_is_forgotten(
    old_dsn: str,
) -> None:
    await upgrade(old_dsn)

    database = attach(Database(create_pool(old_dsn, 2), Bell(old_dsn)), Settings())
    async with database.transaction() as session:
        secret = await factor_queries.totp_secret(session, ACCOUNT)
    await database.close()
    assert secret == SECRET
    [sealed] = await stored(old_dsn)
    assert SECRET not in sealed


async def test_without_the_key_secrets_stay_as_they_were_and_it_is_said(
    old_dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CAS_KEY_FILE", str(tmp_path / "lost"))

    with pytest.raises(BadKey, match="lost does not exist"):
        await upgrade(old_dsn)

    assert SECRET in await stored(old_dsn)
