"""Imports beside each other, and an import that fails half-way."""

import asyncio
from pathlib import Path

import pytest

from cas_server.db.session import Database
from cas_server.registry.importing import ImportFaulty, ImportKind, ImportReport, import_file
from cas_server.registry.importing.files import FileUnreadable
from tests.registry.stage import SATUAN


async def bring(database: Database, path: Path) -> ImportReport:
    async with database.transaction() as session:
        return await import_file(session, ImportKind.SATUAN, path)


async def test_two_imports_of_one_file_do_not_fight(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "satuan.csv"
    path.write_text(SATUAN)

    reports = await asyncio.gather(*(bring(database, path) for _ in range(4)))

    assert sorted(len(report.added) for report in reports) == [0, 0, 0, 4]
    assert sorted(report.unchanged for report in reports) == [0, 4, 4, 4]


async def test_a_faulty_file_leaves_what_was_stored_before(
    database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "satuan.csv"
    path.write_text(SATUAN)
    await bring(database, path)
    path.write_text(SATUAN.replace("Polsek Barat", "Lain").replace("99.01.02", "3522010"))

    with pytest.raises(ImportFaulty):
        await bring(database, path)

    async with database.reading() as session:
        names = "SELECT name FROM satuan WHERE code = 'polsek-barat'"
        assert await session.sql.fetchval(names) == "Polsek Barat"


async def test_a_file_that_cannot_be_read_is_one_sentence(
    database: Database, tmp_path: Path
) -> None:
    with pytest.raises(FileUnreadable, match="cannot be read: No such file"):
        await bring(database, tmp_path / "nirwana.csv")
