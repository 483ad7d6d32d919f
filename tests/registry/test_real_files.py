"""Real files of a real regency, where somebody has them: CAS_TRY_DATA names their folder."""

import os
from pathlib import Path

import pytest

from cas_server.db.session import Session
from cas_server.kit.geo import Position
from cas_server.registry import queries
from cas_server.registry.importing import ImportKind, import_file

FOLDER = os.environ.get("CAS_TRY_DATA")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="CAS_TRY_DATA names no folder")


async def test_a_whole_regency_is_imported_and_answers_for_its_town(session: Session) -> None:
    folder = Path(FOLDER or "")
    await import_file(session, ImportKind.SATUAN, folder / "satuan_perkiraan.csv")
    kecamatan = await import_file(session, ImportKind.WILAYAH, folder / "kecamatan.geojson")
    desa = await import_file(session, ImportKind.WILAYAH, folder / "desa.geojson")

    cover = await queries.cover(session, Position(-7.158968, 111.886204))

    assert (len(kecamatan.added), len(desa.added)) == (28, 430)
    assert cover.satuan_code == "polsek-bojonegoro-kota"
    assert cover.desa is not None
