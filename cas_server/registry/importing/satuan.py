"""Pure: a CSV file of Satuan as entries.

Columns: nama, jenis (polda, polres, polsek, unit); and if wanted kode (else made from nama), induk
(code of the parent; else the only Polres or Polda there is), wilayah (the Kemendagri codes it
answers for, with spaces between), lat, lon, telepon, pengaturan (settings as a JSON object).

`unit` is read as nama. `kec_kode` is read when there is no wilayah: a Polsek answers for that
kecamatan, a Polres for the kabupaten around it. A column that is absent leaves what is stored; an
empty cell clears it.
"""

from collections.abc import Mapping

import msgspec

from cas_server.registry.entries import SatuanEntry, SatuanKind
from cas_server.registry.importing import kemendagri
from cas_server.registry.importing.cells import Cells
from cas_server.registry.importing.csv_rows import Column, Table
from cas_server.registry.importing.faults import Faults
from cas_server.registry.importing.tree import check_tree, only_parent

COLUMNS = (
    Column("nama", required=True, aliases=("unit", "name")),
    Column("jenis", required=True, aliases=("kind",)),
    Column("kode", aliases=("code",)),
    Column("induk", aliases=("parent",)),
    Column("wilayah"),
    Column("kec_kode"),
    Column("lat"),
    Column("lon", aliases=("lng",)),
    Column("telepon", aliases=("phone",)),
    Column("pengaturan", aliases=("settings",)),
)
_KINDS = {kind.value: kind for kind in SatuanKind}

Known = Mapping[str, SatuanEntry]


def check(table: Table, known: Known, faults: Faults, *, swap: bool) -> list[SatuanEntry]:
    """The file's Satuan; `known` are all that are stored, by code."""
    lines: dict[str, str] = {}
    entries: list[SatuanEntry] = []
    for row in table.rows:
        entry = _entry(Cells(row, faults), table, known, swap=swap)
        if entry.code in lines:
            faults.add(row.where, "kode", f"{entry.code} stands already on {lines[entry.code]}")
        lines.setdefault(entry.code, row.where)
        entries.append(entry)
    faults.stop_if_any()
    whole = {**known, **{entry.code: entry for entry in entries}}
    entries = [only_parent(entry, whole) for entry in entries]
    whole |= {entry.code: entry for entry in entries}
    check_tree(whole, lines, faults)
    _check_claims(whole, lines, faults)
    return entries


def _entry(cells: Cells, table: Table, known: Known, *, swap: bool) -> SatuanEntry:
    code = cells.code("kode") if cells.optional("kode") else cells.code("nama")
    kind = cells.kind("jenis", _KINDS, SatuanKind.UNIT)
    old = known.get(code) or SatuanEntry(code, "", kind, None)
    given = table.columns
    return SatuanEntry(
        code=code,
        name=cells.text("nama"),
        kind=kind,
        parent_code=cells.code("induk") if cells.optional("induk") else _kept(old, given),
        position=cells.position(swap=swap) if {"lat", "lon"} & given else old.position,
        phone=cells.phone("telepon", emergency=True) if "telepon" in given else old.phone,
        wilayah_codes=_wilayah_codes(cells, kind, old, given),
        settings=_settings(cells) if "pengaturan" in given else old.settings,
        closed=old.closed,
    )


def _kept(old: SatuanEntry, given: frozenset[str]) -> str | None:
    return None if "induk" in given else old.parent_code


def _wilayah_codes(
    cells: Cells, kind: SatuanKind, old: SatuanEntry, given: frozenset[str]
) -> list[str]:
    column = "wilayah" if "wilayah" in given else "kec_kode"
    if column not in given:
        return old.wilayah_codes
    codes = cells.words(column)
    for code in codes:
        if sentence := kemendagri.fault_of(code):
            cells.fault(column, sentence)
    if column == "wilayah" or kind is SatuanKind.POLSEK:
        return codes
    if kind is SatuanKind.POLRES:
        return sorted({kemendagri.self_and_above(code)[-1] for code in codes})
    return []


def _settings(cells: Cells) -> dict[str, object]:
    text = cells.optional("pengaturan") or "{}"
    try:
        settings = msgspec.json.decode(text, type=dict[str, bool | int | float])
    except msgspec.MsgspecError:
        cells.fault("pengaturan", 'is not a JSON object of numbers such as {"accept_s": 20}')
        return {}
    if any(value < 0 for value in settings.values()):
        cells.fault("pengaturan", "no setting may be below zero")
    return dict(settings)


def _check_claims(whole: Known, lines: Mapping[str, str], faults: Faults) -> None:
    """No Wilayah may have two Satuan that answer for it."""
    answering: dict[str, str] = {}
    for satuan in whole.values():
        if satuan.closed and satuan.wilayah_codes:
            where = lines.get(satuan.code, "")
            faults.add(where, "wilayah", f"{satuan.code} is closed; open it in the settings first")
        for code in satuan.wilayah_codes:
            other = answering.setdefault(code, satuan.code)
            if other != satuan.code:
                where = lines.get(satuan.code) or lines.get(other, "")
                faults.add(where, "wilayah", f"{code} is claimed by {other} and {satuan.code}")
