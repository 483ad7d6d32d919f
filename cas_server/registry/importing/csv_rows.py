"""Pure: rows out of a CSV file as people save it, with the line each one stands on."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cas_server.registry.importing.faults import Faults

HEADER = "line 1"
_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its name; `aliases` are read as it."""

    name: str
    required: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line's cells by column name, trimmed; a column the file lacks is not there."""

    line: int
    cells: dict[str, str]

    @property
    def where(self) -> str:
        return f"line {self.line}"


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows; `ignored` are its columns that mean nothing here."""

    rows: list[Row]
    columns: frozenset[str]
    ignored: list[str]


def read_table(raw: bytes, columns: Sequence[Column], faults: Faults) -> Table:
    """The whole file, or ImportFaulty when its form makes reading on pointless."""
    text = _decode(raw, faults)
    lines = _records(text, _separator(text), faults)
    _, header = next(lines, (1, []))
    faults.stop_if_any()
    names = _named(header, columns, faults)
    faults.stop_if_any()
    rows = [_row(line, cells, names, faults) for line, cells in lines if any(cells)]
    if not rows:
        faults.add("", "", "the file has a header but no rows")
    known = {column.name for column in columns}
    ignored = [name for name in names if name not in known]
    return Table(rows, frozenset(names) & known, ignored)


def _decode(raw: bytes, faults: Faults) -> str:
    if not raw.strip():
        faults.add("", "", "the file is empty")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        faults.add("", "", "the file is UTF-16; save it as CSV UTF-8")
    if raw.startswith(b"PK\x03\x04"):
        faults.add("", "", "the file is a spreadsheet; save it as CSV UTF-8")
    if raw.lstrip().startswith(b"{"):
        faults.add("", "", "the file is JSON, but this is read from CSV")
    faults.stop_if_any()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        faults.add(f"line {line}", "", "the file is not UTF-8; save it as CSV UTF-8")
        faults.stop_if_any()
        raise


def _separator(text: str) -> str:
    first = text.partition("\n")[0]
    return max(_SEPARATORS, key=first.count)


def _records(text: str, separator: str, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        faults.add(f"line {line}", "", f"is not CSV ({error}); a quotation mark may be missing")


def _named(header: list[str], columns: Sequence[Column], faults: Faults) -> list[str]:
    """The header's names, aliases replaced; faults for missing and repeated ones."""
    written = [name.lower().replace(" ", "_") for name in header]
    names = [_meant(name, columns, written) for name in written]
    missing = [column.name for column in columns if column.required and column.name not in names]
    if len(names) == 1 and len(missing) > 1:
        faults.add(HEADER, "", "columns must be separated by a comma, semicolon or tab")
    elif missing:
        faults.add(HEADER, "", f"missing columns: {', '.join(missing)}")
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        faults.add(HEADER, name, "this column is there more than once")
    return names


def _meant(name: str, columns: Sequence[Column], written: list[str]) -> str:
    for column in columns:
        # An alias beside the name itself is a column of its own, such as a second code.
        if name in column.aliases and column.name not in written:
            return column.name
    return name


def _row(line: int, cells: list[str], names: list[str], faults: Faults) -> Row:
    if len(cells) != len(names):
        faults.add(f"line {line}", "", f"has {len(cells)} cells, the header has {len(names)}")
    return Row(line, dict(zip(names, cells, strict=False)))
