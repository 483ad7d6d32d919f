"""Pure: a CSV file of Personil as entries.

Columns: nrp, nama, pangkat, satuan (code or name); and if wanted keahlian (skills and equipment
such as tim_panther motor mobil, with spaces between), telepon, bhabinkamtibmas_desa (the
Kemendagri codes of the desa they are Bhabinkamtibmas of). A column that is absent leaves what is
stored; an empty cell clears it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from cas_server.registry.entries import PersonilEntry
from cas_server.registry.importing import kemendagri
from cas_server.registry.importing.cells import Cells, code_of
from cas_server.registry.importing.csv_rows import Column, Table
from cas_server.registry.importing.faults import Faults

COLUMNS = (
    Column("nrp", required=True, aliases=("nip", "nrp/nip")),
    Column("nama", required=True, aliases=("name",)),
    Column("pangkat", required=True, aliases=("rank",)),
    Column("satuan", required=True, aliases=("unit",)),
    Column("keahlian", aliases=("skills",)),
    Column("telepon", aliases=("phone", "hp")),
    Column("bhabinkamtibmas_desa"),
)

# Police officers have eight digits (year and month of birth, then a number), civilians eighteen.
NRP = re.compile(r"\d{8}|\d{18}")
_SPREADSHEET = re.compile(r"\d([.,]\d+)?[eE]\+\d+")


@dataclass(frozen=True, slots=True)
class Known:
    """What the check needs of the registry: all by code, and usernames that others have."""

    personil: Mapping[str, PersonilEntry]
    satuan_codes: frozenset[str]
    desa_codes: frozenset[str]
    usernames: frozenset[str]
    closed_codes: frozenset[str] = frozenset()


def check(table: Table, known: Known, faults: Faults) -> list[PersonilEntry]:
    """The file's Personil."""
    lines: dict[str, str] = {}
    takers: dict[str, str] = {}
    entries: list[PersonilEntry] = []
    for row in table.rows:
        cells = Cells(row, faults)
        entry = _entry(cells, table, known)
        if entry.nrp in lines:
            cells.fault("nrp", f"{entry.nrp} stands already on {lines[entry.nrp]}")
        lines.setdefault(entry.nrp, row.where)
        for code in entry.bhabinkamtibmas_desa or ():
            if code in takers:
                cells.fault("bhabinkamtibmas_desa", f"{code} is taken already on {takers[code]}")
            takers.setdefault(code, row.where)
        entries.append(entry)
    return entries


def _entry(cells: Cells, table: Table, known: Known) -> PersonilEntry:
    nrp = _nrp(cells, known)
    old = known.personil.get(nrp)
    satuan_code = code_of(cells.text("satuan"))
    if satuan_code and satuan_code not in known.satuan_codes:
        cells.fault("satuan", f"there is no Satuan {satuan_code}")
    if satuan_code in known.closed_codes:
        cells.fault("satuan", f"{satuan_code} is closed; open it in the settings first")
    given = table.columns
    return PersonilEntry(
        nrp=nrp,
        name=cells.text("nama"),
        rank=cells.text("pangkat"),
        satuan_code=satuan_code,
        skills=_skills(cells) if "keahlian" in given or old is None else old.skills,
        phone=cells.phone("telepon") if "telepon" in given or old is None else old.phone,
        bhabinkamtibmas_desa=_desa(cells, known) if "bhabinkamtibmas_desa" in given else None,
    )


def _nrp(cells: Cells, known: Known) -> str:
    nrp = cells.text("nrp")
    if not nrp or NRP.fullmatch(nrp):
        if nrp in known.usernames:
            cells.fault("nrp", f"{nrp} is the username of another account")
        return nrp
    if _SPREADSHEET.fullmatch(nrp):
        cells.fault("nrp", f"{nrp} was rounded by a spreadsheet; format the column as text")
    elif nrp.isdigit() and len(nrp) < len("YYMMxxxx"):
        cells.fault("nrp", f"{nrp} has {len(nrp)} digits of 8; a spreadsheet may drop leading 0s")
    else:
        cells.fault("nrp", f"{nrp} is neither an NRP (8 digits) nor a NIP (18 digits)")
    return nrp


def _skills(cells: Cells) -> list[str]:
    return [code_of(word).replace("-", "_") for word in cells.words("keahlian")]


def _desa(cells: Cells, known: Known) -> list[str]:
    codes = cells.words("bhabinkamtibmas_desa")
    for code in codes:
        sentence = kemendagri.fault_of(code)
        if sentence is None and code not in known.desa_codes:
            sentence = f"there is no desa {code}; import the Wilayah first"
        if sentence:
            cells.fault("bhabinkamtibmas_desa", sentence)
    return codes
