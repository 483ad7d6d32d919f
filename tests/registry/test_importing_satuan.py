"""Satuan out of a CSV file: the tree, what it hands down, and everything that can be wrong."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from cas_server.db.session import Session
from cas_server.identity.queries import NewAccount
from cas_server.identity.roles import Role
from cas_server.identity.service import make_account
from cas_server.registry.importing import Change, ImportFaulty
from tests.registry.stage import SATUAN, Files, collection, feature, kecamatan, square

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
AS_SEEN_IN_THE_WILD = """\
unit;jenis;kec_kode;kec_nama;lon;lat;akurasi
POLRES CONTOH;polres;99.01.02;Timur;;;harus diisi
POLSEK BARAT;polsek;99.01.01;Barat;112,02;-7,05;perkiraan
"""


async def faults_of(files: Files, content: str) -> list[str]:
    with pytest.raises(ImportFaulty) as caught:
        await files.bring("satuan", content)
    return list(caught.value.lines())


async def row_of(session: Session, code: str) -> Any:
    return await session.sql.fetchrow(
        "SELECT *, effective::text AS effective_text, ST_X(at) AS lon FROM satuan WHERE code = $1",
        code,
    )


async def test_a_file_becomes_a_tree_with_paths_and_settings_handed_down(
    session: Session, files: Files
) -> None:
    report = await files.bring("satuan", SATUAN)

    barat = await row_of(session, "polsek-barat")
    assert report.added == ["polda-contoh", "polres-contoh", "polsek-barat", "polsek-timur"]
    assert barat["path"] == "polda-contoh/polres-contoh/polsek-barat/"
    assert barat["polres_path"] == "polda-contoh/polres-contoh/"
    assert msgspec.json.decode(barat["effective_text"]) == {"accept_s": 20, "backups": 1}
    assert barat["phone"] == "+62353881110"
    assert (await row_of(session, "polda-contoh"))["polres_path"] == "polda-contoh/"


async def test_a_file_without_codes_and_parents_is_understood(
    session: Session, files: Files
) -> None:
    report = await files.bring("satuan", AS_SEEN_IN_THE_WILD)

    barat, polres = await row_of(session, "polsek-barat"), await row_of(session, "polres-contoh")
    assert barat["path"] == "polres-contoh/polsek-barat/"
    assert barat["wilayah_codes"] == ["99.01.01"]
    assert barat["lon"] == pytest.approx(112.02)
    assert polres["wilayah_codes"] == ["99.01"]
    assert report.notes == ["ignored columns: kec_nama, akurasi"]


async def test_a_second_import_says_what_changed(files: Files) -> None:
    await files.bring("satuan", SATUAN)

    report = await files.bring("satuan", SATUAN.replace("Polsek Timur", "Polsek Timur Laut"))

    assert report.changed == [Change("polsek-timur", ["name"])]
    assert report.added == []
    assert report.unchanged == 3


async def test_checking_only_stores_nothing(session: Session, files: Files) -> None:
    report = await files.bring("satuan", SATUAN, check_only=True)

    assert len(report.added) == 4
    assert "would be 4 added" in str(report)
    assert await session.sql.fetchval("SELECT count(*) FROM satuan") == 0


async def test_a_column_that_is_absent_leaves_what_is_stored(
    session: Session, files: Files
) -> None:
    await files.bring("satuan", SATUAN)

    report = await files.bring(
        "satuan", "kode,nama,jenis,induk\npolsek-barat,Polsek Barat,polsek,polres-contoh\n"
    )

    assert report.unchanged == 1
    assert (await row_of(session, "polsek-barat"))["phone"] == "+62353881110"


async def test_whoever_stands_at_a_moved_satuan_moves_along(session: Session, files: Files) -> None:
    await files.bring("satuan", SATUAN)
    timur = await row_of(session, "polsek-timur")
    operator = NewAccount(
        Role.OPERATOR, "Operator", "op", satuan_id=timur["id"], satuan_path=timur["path"]
    )
    await make_account(session, operator, NOON)

    await files.bring(
        "satuan",
        "kode,nama,jenis,induk\n"
        "polres-lain,Polres Lain,polres,polda-contoh\n"
        "polsek-timur,Polsek Timur,polsek,polres-lain\n",
    )

    path = "polda-contoh/polres-lain/polsek-timur/"
    assert (await row_of(session, "polsek-timur"))["polres_path"] == "polda-contoh/polres-lain/"
    assert await session.sql.fetchval("SELECT satuan_path FROM account") == path


async def test_a_wilayah_goes_to_the_satuan_that_now_answers_for_its_code(
    session: Session, files: Files
) -> None:
    await files.bring("satuan", SATUAN)
    await files.bring("wilayah", collection(*kecamatan()))

    await files.bring("satuan", SATUAN.replace("99.01.01", ""))

    who = "SELECT s.code FROM wilayah w JOIN satuan s ON s.id = satuan_id WHERE w.code = $1"
    assert await session.sql.fetchval(who, "99.01.01") == "polres-contoh"
    assert await session.sql.fetchval(who, "99.01.02") == "polsek-timur"


async def test_a_wilayah_that_names_its_satuan_needs_no_code_there(
    session: Session, files: Files
) -> None:
    await files.bring("satuan", SATUAN.replace("99.01.02", ""))

    named = feature("99.01.02", "Timur", square(112.1, -7.1), satuan="polsek-timur")
    await files.bring("wilayah", collection(named))

    who = "SELECT s.code FROM wilayah w JOIN satuan s ON s.id = satuan_id"
    assert await session.sql.fetchval(who) == "polsek-timur"


async def test_a_ring_of_parents_is_refused_where_it_stands(files: Files) -> None:
    found = await faults_of(
        files,
        "kode,nama,jenis,induk\n"
        "pos-a,Pos A,unit,pos-b\n"
        "pos-b,Pos B,unit,pos-a\n"
        "pos-c,Pos C,unit,pos-a\n",
    )

    assert found == [
        "line 2: induk: its parents lead back to itself: pos-a -> pos-b -> pos-a",
        "line 3: induk: its parents lead back to itself: pos-b -> pos-a -> pos-b",
    ]


async def test_a_ring_closed_by_what_is_stored_already_is_refused(files: Files) -> None:
    await files.bring("satuan", SATUAN)

    found = await faults_of(
        files, "kode,nama,jenis,induk\npolda-contoh,Polda Contoh,unit,polsek-barat\n"
    )

    assert any("lead back to itself" in line for line in found)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("pos,Pos,pos-polisi,,,,,,", "line 2: jenis: pos-polisi is none of: polda, polres, "),
        ("pos,Pos,unit,nirwana,,,,,", "line 2: induk: there is no Satuan nirwana"),
        ("pos,Pos,polsek,,,,,,", "line 2: induk: a polsek needs a parent"),
        (",,polres,,,,,,", "line 2: nama: is empty"),
        ("res,Res,polres,,3522010,,,,", "line 2: wilayah: 3522010 looks like a BPS code"),
        ("res,Res,polres,,35.22.010,,,,", "line 2: wilayah: 35.22.010 looks like a BPS code"),
        ("res,Res,polres,,3522,,,,", "line 2: wilayah: 3522 has no dots"),
        ("res,Res,polres,,,112.05,-7.05,,", "line 2: lat, lon: longitude and latitude are swapped"),
        ("res,Res,polres,,,52.5,13.4,,", "line 2: lat, lon: lies outside Indonesia"),
        ("res,Res,polres,,,-7.05,,,", "line 2: lon: is empty"),
        ("res,Res,polres,,,tujuh,112,,", "line 2: lat: tujuh is not a number of degrees"),
        ("res,Res,polres,,,nan,112,,", "line 2: lat: nan is not a number of degrees"),
        ("res,Res,polres,,,,,+6512345678,", "line 2: telepon: +6512345678 is not an Indonesian"),
        ("res,Res,polres,,,,,,banyak", "line 2: pengaturan: is not a JSON object"),
        ('res,Res,polres,,,,,,"{""a"": -1}"', "line 2: pengaturan: no setting may be below zero"),
        ("res,Res,polres", "line 2: has 3 cells, the header has 9"),
    ],
)
async def test_a_fault_is_named_with_its_line_and_column(
    files: Files, line: str, fault: str
) -> None:
    header = SATUAN.partition("\n")[0]

    found = await faults_of(files, f"{header}\n{line}\n")

    assert any(each.startswith(fault) for each in found), found


async def test_every_fault_of_a_file_is_told_and_nothing_is_stored(
    session: Session, files: Files
) -> None:
    broken = SATUAN.replace("99.01.02", "3522010").replace("0353 881110", "911")

    found = await faults_of(files, broken)

    assert [line.split(":")[0] for line in found] == ["line 4", "line 5"]
    assert await session.sql.fetchval("SELECT count(*) FROM satuan") == 0


async def test_a_code_that_stands_twice_names_the_other_line(files: Files) -> None:
    found = await faults_of(files, SATUAN + "polsek-barat,Lagi,polsek,polres-contoh,,,,,\n")

    assert found == ["line 6: kode: polsek-barat stands already on line 4"]


async def test_two_satuan_cannot_answer_for_one_wilayah(files: Files) -> None:
    found = await faults_of(files, SATUAN.replace("99.01.02", "99.01.01"))

    assert found == ["line 5: wilayah: 99.01.01 is claimed by polsek-barat and polsek-timur"]


async def test_swapped_coordinates_are_taken_with_swap(session: Session, files: Files) -> None:
    swapped = "kode,nama,jenis,lat,lon\nres,Polres,polres,112.05,-7.05\n"

    await files.bring("satuan", swapped, swap=True)

    assert (await row_of(session, "res"))["lon"] == pytest.approx(112.05)
