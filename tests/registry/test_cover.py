"""Who answers for a point."""

import pytest

from cas_server.db.session import Session
from cas_server.kit.geo import Position
from cas_server.registry import queries
from cas_server.registry.queries import NoSatuan, WilayahName
from tests.registry.stage import Files, collection, feature, square

IN_SUKAMAJU = Position(-7.08, 112.02)
IN_BARAT_ONLY = Position(-7.02, 112.02)
IN_TIMUR = Position(-7.05, 112.15)

NEIGHBOUR = """\
kode,nama,jenis,wilayah,lat,lon
polres-tetangga,Polres Tetangga,polres,98.01,-7.05,112.25
"""


async def test_the_finest_wilayah_decides_and_names_its_bhabinkamtibmas(
    session: Session, files: Files
) -> None:
    await files.bring_regency()

    cover = await queries.cover(session, IN_SUKAMAJU)

    nrp = "SELECT nrp FROM personil WHERE id = $1"
    assert cover.satuan_code == "polsek-barat"
    assert cover.polres_path == "polda-contoh/polres-contoh/"
    assert cover.settings == {"accept_s": 20, "backups": 1}
    assert cover.desa == WilayahName("99.01.01.2001", "Sukamaju")
    assert cover.kecamatan == WilayahName("99.01.01", "Barat")
    assert cover.wilayah == cover.desa
    assert await session.sql.fetchval(nrp, cover.bhabinkamtibmas_id) == "85010001"


async def test_a_point_in_no_desa_belongs_to_its_kecamatan(session: Session, files: Files) -> None:
    await files.bring_regency()

    cover = await queries.cover(session, IN_BARAT_ONLY)

    assert cover.desa is None
    assert cover.wilayah == WilayahName("99.01.01", "Barat")
    assert cover.bhabinkamtibmas_id is None


async def test_a_border_belongs_to_one_and_always_the_same(session: Session, files: Files) -> None:
    await files.bring_regency()

    found = {(await queries.cover(session, Position(-7.05, 112.1))).satuan_code for _ in range(5)}

    assert found == {"polsek-barat"}


@pytest.mark.parametrize(
    ("position", "satuan_code"),
    [
        (Position(-7.05, 112.5), "polsek-timur"),
        (Position(-7.05, 111.5), "polsek-barat"),
        (Position(52.5, 13.4), "polsek-barat"),
    ],
)
async def test_outside_every_wilayah_the_nearest_satuan_answers(
    session: Session, files: Files, position: Position, satuan_code: str
) -> None:
    await files.bring_regency()

    cover = await queries.cover(session, position)

    assert cover.satuan_code == satuan_code
    assert cover.wilayah is None


async def test_without_any_place_a_polres_answers(session: Session, files: Files) -> None:
    await files.bring_regency()

    cover = await queries.cover(session, None)

    assert cover.satuan_code == "polres-contoh"


async def test_close_to_a_border_the_polres_beyond_is_named(session: Session, files: Files) -> None:
    await files.bring_regency()
    await files.bring("satuan", NEIGHBOUR)
    await files.bring("wilayah", collection(feature("98.01.01", "Lain", square(112.2, -7.1))))

    close = await queries.cover(session, Position(-7.05, 112.195))
    far = await queries.cover(session, IN_TIMUR)

    assert close.satuan_code == "polsek-timur"
    assert close.polres_beyond == ("polda-contoh/polres-tetangga/",)
    assert far.polres_beyond == ()


async def test_an_empty_registry_says_so(session: Session) -> None:
    with pytest.raises(NoSatuan):
        await queries.cover(session, IN_SUKAMAJU)
