"""Personil out of a CSV file."""

from datetime import UTC, datetime

import pytest

from cas_server.db.session import Session
from cas_server.identity.queries import NewAccount
from cas_server.identity.roles import Role
from cas_server.identity.service import make_account
from cas_server.registry.importing import Change, ImportFaulty
from tests.registry.stage import PERSONIL, SATUAN, Files, collection, desa, kecamatan

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEADER = PERSONIL.partition("\n")[0]

BHABINKAMTIBMAS = """
SELECT wilayah.code, personil.nrp
FROM wilayah LEFT JOIN personil ON personil.id = bhabinkamtibmas_id
WHERE kind = 'desa' ORDER BY code
"""


async def faults_of(files: Files, content: str) -> list[str]:
    with pytest.raises(ImportFaulty) as caught:
        await files.bring("personil", content)
    return list(caught.value.lines())


@pytest.fixture(autouse=True)
async def regency(files: Files) -> None:
    await files.bring("satuan", SATUAN)
    await files.bring("wilayah", collection(*kecamatan(), *desa()))


async def test_a_personil_is_stored_with_skills_and_phone(session: Session, files: Files) -> None:
    report = await files.bring("personil", PERSONIL)

    budi = await session.sql.fetchrow(
        "SELECT p.*, s.code FROM personil p JOIN satuan s ON s.id = satuan_id "
        "WHERE nrp = '85010001'"
    )
    assert report.added == ["85010001", "86020002"]
    assert budi["skills"] == ["motor", "tim_panther"]
    assert budi["phone"] == "+6281234567890"
    assert budi["code"] == "polsek-barat"
    assert not budi["demo"]


async def test_each_new_personil_has_an_account_under_their_nrp_without_a_password(
    session: Session, files: Files
) -> None:
    await files.bring("personil", PERSONIL)
    await files.bring("personil", PERSONIL)

    rows = await session.sql.fetch(
        "SELECT username, role, password_hash, satuan_path FROM account ORDER BY username"
    )
    assert [tuple(row) for row in rows] == [
        ("85010001", "personil", None, "polda-contoh/polres-contoh/polsek-barat/"),
        ("86020002", "personil", None, "polda-contoh/polres-contoh/polsek-timur/"),
    ]


async def test_a_second_import_says_what_changed(files: Files) -> None:
    await files.bring("personil", PERSONIL)

    report = await files.bring("personil", PERSONIL.replace("Aipda", "Aiptu"))

    assert report.changed == [Change("86020002", ["rank"])]
    assert report.unchanged == 1


async def test_a_personil_who_moves_takes_account_and_duty_along(
    session: Session, files: Files
) -> None:
    await files.bring("personil", PERSONIL)
    await session.sql.execute(
        "INSERT INTO duty (personil_id, satuan_path, since) "
        "SELECT p.id, s.path, $1 FROM personil p JOIN satuan s ON s.id = satuan_id",
        NOON,
    )

    await files.bring("personil", PERSONIL.replace("polsek-barat", "polsek-timur"))

    timur = "polda-contoh/polres-contoh/polsek-timur/"
    paths = "SELECT array_agg(DISTINCT satuan_path) FROM "
    assert await session.sql.fetchval(paths + "duty") == [timur]
    assert await session.sql.fetchval(paths + "account") == [timur]


async def test_a_desa_gets_its_bhabinkamtibmas(session: Session, files: Files) -> None:
    await files.bring("personil", PERSONIL)

    rows = await session.sql.fetch(BHABINKAMTIBMAS)
    assert [tuple(row) for row in rows] == [
        ("99.01.01.2001", "85010001"),
        ("99.01.01.2002", None),
    ]


async def test_two_bhabinkamtibmas_may_swap_their_desa_in_one_file(
    session: Session, files: Files
) -> None:
    both = PERSONIL.replace("mobil,,", "mobil,,99.01.01.2002")
    await files.bring("personil", both)

    await files.bring(
        "personil",
        both.replace("2001\n", "kept\n").replace("2002\n", "2001\n").replace("kept\n", "2002\n"),
    )

    rows = await session.sql.fetch(BHABINKAMTIBMAS)
    assert [tuple(row) for row in rows] == [
        ("99.01.01.2001", "86020002"),
        ("99.01.01.2002", "85010001"),
    ]


async def test_a_file_without_the_column_leaves_the_bhabinkamtibmas(
    session: Session, files: Files
) -> None:
    await files.bring("personil", PERSONIL)

    report = await files.bring(
        "personil", "nrp,nama,pangkat,satuan\n85010001,Budi Contoh,Bripka,polsek-barat\n"
    )

    assert report.unchanged == 1
    assert (await session.sql.fetch(BHABINKAMTIBMAS))[0]["nrp"] == "85010001"


async def test_the_bhabinkamtibmas_stays_when_the_desa_is_imported_again(
    session: Session, files: Files
) -> None:
    await files.bring("personil", PERSONIL)
    renamed = desa()
    renamed[0]["properties"]["nama"] = "Sukamaju Baru"

    await files.bring("wilayah", collection(*renamed))

    assert (await session.sql.fetch(BHABINKAMTIBMAS))[0]["nrp"] == "85010001"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("8501001,Budi,Bripka,polsek-barat,,,", "nrp: 8501001 has 7 digits of 8"),
        ("1.98E+17,Budi,Bripka,polsek-barat,,,", "nrp: 1.98E+17 was rounded by a spreadsheet"),
        ("ABC,Budi,Bripka,polsek-barat,,,", "nrp: ABC is neither an NRP (8 digits) nor a NIP"),
        (",Budi,Bripka,polsek-barat,,,", "nrp: is empty"),
        ("85010001,,Bripka,polsek-barat,,,", "nama: is empty"),
        ("85010001,Budi,,polsek-barat,,,", "pangkat: is empty"),
        ("85010001,Budi,Bripka,polsek-utara,,,", "satuan: there is no Satuan polsek-utara"),
        ("85010001,Budi,Bripka,polsek-barat,,12345,", "telepon: 12345 is not an Indonesian"),
        ("85010001,Budi,Bripka,polsek-barat,,+65 6123 4567,", "telepon: +65 6123 4567 is not an"),
        ("85010001,Budi,Bripka,polsek-barat,,,99.01.01.2009", "bhabinkamtibmas_desa: there is no"),
        (
            "85010001,Budi,Bripka,polsek-barat,,,3522010001",
            "bhabinkamtibmas_desa: 3522010001 looks",
        ),
        ("85010001,Budi,Bripka,polsek-barat,,,99.01.01", "bhabinkamtibmas_desa: there is no desa"),
    ],
)
async def test_a_fault_is_named_with_its_line_and_column(
    files: Files, line: str, fault: str
) -> None:
    found = await faults_of(files, f"{HEADER}\n{line}\n")

    assert [each for each in found if each.startswith(f"line 2: {fault}")], found


async def test_an_nrp_that_stands_twice_names_the_other_line(files: Files) -> None:
    found = await faults_of(files, PERSONIL + "85010001,Lain,Bripka,polsek-timur,,,\n")

    assert found == ["line 4: nrp: 85010001 stands already on line 2"]


async def test_a_desa_that_two_take_names_the_other_line(files: Files) -> None:
    found = await faults_of(files, PERSONIL.replace("mobil,,", "mobil,,99.01.01.2001"))

    assert found == ["line 3: bhabinkamtibmas_desa: 99.01.01.2001 is taken already on line 2"]


async def test_an_nrp_that_is_somebody_elses_username_is_refused(
    session: Session, files: Files
) -> None:
    await make_account(session, NewAccount(Role.OPERATOR, "Operator", "85010001"), NOON)

    found = await faults_of(files, PERSONIL)

    assert found == ["line 2: nrp: 85010001 is the username of another account"]


async def test_what_was_imported_is_in_the_journal(session: Session, files: Files) -> None:
    await files.bring("personil", PERSONIL)

    row = await session.sql.fetchrow(
        "SELECT kind, payload::text FROM journal ORDER BY id DESC LIMIT 1"
    )
    assert row["kind"] == "personil.imported"
    assert '"added": 2' in row["payload"]
