"""Instansi and their sites out of a CSV file."""

import msgspec
import pytest

from cas_server.db.session import Session
from cas_server.registry.importing import Change, ImportFaulty
from tests.registry.stage import INSTANSI, Files

HEADER = INSTANSI.partition("\n")[0]


async def faults_of(files: Files, content: str) -> list[str]:
    with pytest.raises(ImportFaulty) as caught:
        await files.bring("instansi", content)
    return list(caught.value.lines())


async def test_an_instansi_has_a_site_for_each_line_and_one_account(
    session: Session, files: Files
) -> None:
    report = await files.bring("instansi", INSTANSI)

    sites = await session.sql.fetch(
        "SELECT site.code, contacts::text, responder_notes, ST_X(at) AS lon FROM site ORDER BY code"
    )
    assert report.added == ["bank-contoh", "bank-1", "bank-2"]
    assert [row["lon"] for row in sites] == [112.05, 112.15]
    assert msgspec.json.decode(sites[0]["contacts"]) == [
        {"name": "Ani", "phone": "+62 ••• ••• 891", "duty": "Satpam"}
    ]
    assert sites[0]["responder_notes"] == "Pintu belakang"
    assert await session.sql.fetchval("SELECT array_agg(username) FROM account") == ["bank-contoh"]


async def test_a_second_import_says_what_changed(files: Files) -> None:
    await files.bring("instansi", INSTANSI)

    report = await files.bring("instansi", INSTANSI.replace("Jl. Dua", "Jl. Tiga"))

    assert report.changed == [Change("bank-2", ["address"])]
    assert report.unchanged == 2


async def test_without_a_code_the_site_has_the_instansis(session: Session, files: Files) -> None:
    await files.bring(
        "instansi",
        "kode,nama,jenis,alamat,lat,lon\nspbu-1,SPBU Contoh,SPBU,Jl. Satu,-7.05,112.05\n",
    )

    assert await session.sql.fetchval("SELECT code FROM site") == "spbu-1"
    assert await session.sql.fetchval("SELECT kind FROM instansi") == "fuel_station"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("b,Bank,warung,Jl,-7,112,,,,,", "jenis: warung is none of: bank, toko-emas, "),
        ("b,Bank,bank,,-7,112,,,,,", "alamat: is empty"),
        ("b,Bank,bank,Jl,,,,,,,", "lat, lon: are empty; a site is where a press comes from"),
        ("b,Bank,bank,Jl,112,-7,,,,,", "lat, lon: longitude and latitude are swapped"),
        ("b,Bank,bank,Jl,-7,112,,Ani,99,,", "kontak1_telepon: 99 is not an Indonesian"),
        ("b,Bank,bank,Jl,-7,112,,,081234567891,,", "kontak1_nama: is empty beside a phone"),
        ("!,Bank,bank,Jl,-7,112,,,,,", "kode: must hold letters or digits"),
    ],
)
async def test_a_fault_is_named_with_its_line_and_column(
    files: Files, line: str, fault: str
) -> None:
    found = await faults_of(files, f"{HEADER}\n{line}\n")

    assert [each for each in found if each.startswith(f"line 2: {fault}")], found


async def test_lines_of_one_instansi_must_agree(files: Files) -> None:
    found = await faults_of(
        files, INSTANSI.replace("Bank Contoh,bank,Jl. Dua", "Lain,bank,Jl. Dua")
    )

    assert found == ["line 3: nama, jenis: differ from an earlier line of bank-contoh"]


async def test_a_site_code_that_stands_twice_names_the_other_line(files: Files) -> None:
    found = await faults_of(files, INSTANSI.replace("bank-2", "bank-1"))

    assert found == ["line 3: kode_lokasi: bank-1 stands already on line 2"]


async def test_a_site_of_another_instansi_is_not_taken_over(files: Files) -> None:
    await files.bring("instansi", INSTANSI)

    found = await faults_of(files, f"{HEADER}\nlain,Lain,bank,Jl,-7,112,bank-1,,,,\n")

    assert found == ["line 2: kode_lokasi: bank-1 belongs to bank-contoh"]
