"""CSV files as people save them."""

import pytest

from cas_server.registry.importing.csv_rows import Column, read_table
from cas_server.registry.importing.faults import Faults, ImportFaulty

COLUMNS = (Column("nrp", required=True, aliases=("nip",)), Column("nama", required=True))


def faults_of(raw: bytes) -> list[str]:
    with pytest.raises(ImportFaulty) as caught:
        read_whole(raw)
    return list(caught.value.lines())


def read_whole(raw: bytes) -> None:
    """As an import does: the form first, then whatever else was found."""
    faults = Faults()
    read_table(raw, COLUMNS, faults)
    faults.stop_if_any()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_usual_form_is_read(separator: str, line_end: str, mark: str) -> None:
    lines = [separator.join(cells) for cells in (("NRP", "Nama"), ("1", " Budi "), ("2", "Siti"))]

    table = read_table((mark + line_end.join(lines)).encode(), COLUMNS, faults := Faults())

    assert not len(faults)
    assert [row.cells for row in table.rows] == [
        {"nrp": "1", "nama": "Budi"},
        {"nrp": "2", "nama": "Siti"},
    ]
    assert [row.where for row in table.rows] == ["line 2", "line 3"]


def test_lines_are_counted_as_an_editor_shows_them() -> None:
    raw = b'nrp,nama\n1,"Budi\nContoh"\n\n2,Siti\n'

    table = read_table(raw, COLUMNS, Faults())

    assert [row.where for row in table.rows] == ["line 2", "line 5"]


def test_an_alias_is_read_and_an_unknown_column_is_told() -> None:
    table = read_table(b"NIP,nama,Catatan Lain\n1,Budi,x\n", COLUMNS, Faults())

    assert table.rows[0].cells["nrp"] == "1"
    assert table.ignored == ["catatan_lain"]


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"", ["the file is empty"]),
        (b" \n ", ["the file is empty"]),
        (b"nrp,nama\n", ["the file has a header but no rows"]),
        (b"nrp,umur\n1,2\n", ["line 1: missing columns: nama"]),
        (b"nrp,nama,nama\n1,2,3\n", ["line 1: nama: this column is there more than once"]),
        (b"nrp|nama\n1|2\n", ["line 1: columns must be separated by a comma, semicolon or tab"]),
        (b"nrp,nama\n1,Budi,x\n", ["line 2: has 3 cells, the header has 2"]),
        (b"nrp,nama\n1\n", ["line 2: has 1 cells, the header has 2"]),
        (
            b"nrp,nama\n1,Jos\xe9\n",
            ["line 2: the file is not UTF-8; save it as CSV UTF-8"],
        ),
        ("nrp,nama\n".encode("utf-16"), ["the file is UTF-16; save it as CSV UTF-8"]),
        (b"PK\x03\x04rest", ["the file is a spreadsheet; save it as CSV UTF-8"]),
        (b'{"type": 1}', ["the file is JSON, but this is read from CSV"]),
    ],
)
def test_a_file_in_the_wrong_form_is_refused_in_one_sentence(raw: bytes, found: list[str]) -> None:
    assert faults_of(raw) == found


def test_an_open_quotation_mark_is_told_with_its_line() -> None:
    [fault] = faults_of(b'nrp,nama\n1,Budi\n2,"Siti\n')

    assert fault.startswith("line 3: is not CSV")
