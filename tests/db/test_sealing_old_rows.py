"""A database from before the vault: its people are sealed on the way, and only with a key."""

from pathlib import Path

import asyncpg
import pytest

from cas_server.db.bell import Bell
from cas_server.db.migrate import upgrade
from cas_server.db.pool import create_pool
from cas_server.db.session import Database
from cas_server.embedded import Cluster
from cas_server.identity import queries as identity
from cas_server.identity.queries import Identity
from cas_server.settings import Settings
from cas_server.vault.key_file import BadKey
from cas_server.vault.service import attach
from tests.db.older import older_database

BEFORE = "0004"

PEOPLE = """
INSERT INTO satuan (id, code, name, kind, path, polres_path)
VALUES (gen_random_uuid(), 'p', 'Polres', 'polres', 'p/', 'p/');
INSERT INTO masyarakat (id, name, phone)
VALUES ('00000000-0000-0000-0000-000000000001', 'Siti Aminah', '+6281234567890');
INSERT INTO account (id, role, name, phone, holder_id)
VALUES ('00000000-0000-0000-0000-000000000002', 'masyarakat', 'Siti Aminah', '+6281234567890',
        '00000000-0000-0000-0000-000000000001');
INSERT INTO account (id, role, name, username)
VALUES ('00000000-0000-0000-0000-000000000003', 'operator', 'Operator Satu', 'satu');
INSERT INTO alarm (id, kind, silent, demo, raised_at, reporter_account_id, reporter_role,
    reporter_name, reporter_phone, position_source, satuan_id, satuan_path, ring, next_check_at)
SELECT x.id::uuid, 'crime', false, false, now(), x.account::uuid, x.role, x.name, x.phone, 'none',
    s.id, s.path, 1, now()
FROM satuan s, (VALUES
    ('00000000-0000-0000-0000-000000000004', '00000000-0000-0000-0000-000000000002',
     'masyarakat', 'Siti Aminah', '+6281234567890'),
    ('00000000-0000-0000-0000-000000000005', NULL, 'caller', 'Pak Budi', '0812 9988'))
    AS x (id, account, role, name, phone);
INSERT INTO instansi (id, code, name, kind) VALUES (gen_random_uuid(), 'b', 'Bank', 'bank');
INSERT INTO site (id, instansi_id, code, name, address, at, contacts)
SELECT gen_random_uuid(), id, 'b-1', 'Bank', 'Jl', ST_SetSRID(ST_MakePoint(112, -7), 4326),
    '[{"name": "Ani", "phone": "+6281234567891", "duty": "Satpam"}]' FROM instansi;
"""


@pytest.fixture
async def old_dsn(cluster: Cluster) -> str:
    return await older_database(cluster, BEFORE, PEOPLE)


async def everything(dsn: str) -> str:
    """Every row of every table as text."""
    connection = await asyncpg.connect(dsn)
    text = []
    for table in ("account", "masyarakat", "alarm", "site", "one_time_code"):
        text += [str(row) for row in await connection.fetch(f"SELECT {table}::text FROM {table}")]  # noqa: S608
    await connection.close()
    return "\n".join(text)


async def test_people_are_carried_over_sealed_and_still_found(old_dsn: str) -> None:
    await upgrade(old_dsn)

    database = attach(Database(create_pool(old_dsn, 2), Bell(old_dsn)), Settings())
    async with database.transaction() as session:
        known = await identity.by_phone(session, "+6281234567890")
        assert known is not None
        who = await identity.identity(session, known.account_id)
        names = [row[0] for row in await session.sql.fetch(
            "SELECT reporter_name FROM alarm ORDER BY id")]  # fmt: skip
    await database.close()
    assert who == Identity("Siti Aminah", "+6281234567890")
    assert names == ["S••• A•••", "P••• B•••"]
    text = await everything(old_dsn)
    assert "Operator Satu" in text
    assert "Ani" in text
    found = [word for word in ("Siti", "Budi", "1234567890", "9988", "1234567891") if word in text]
    assert found == []


async def test_without_the_key_nothing_is_changed_and_it_is_said(
    old_dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CAS_KEY_FILE", str(tmp_path / "lost"))

    with pytest.raises(BadKey, match="lost does not exist"):
        await upgrade(old_dsn)

    assert "Siti Aminah" in await everything(old_dsn)
