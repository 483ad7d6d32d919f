"""Pure: a CSV file of Instansi and their sites as entries, one line for each site.

Columns: kode, nama, jenis (bank, toko-emas, sekolah, spbu, rumah-sakit, kantor, lainnya), alamat,
lat, lon; and if wanted kode_lokasi (else the Instansi's code), nama_lokasi (else its name),
kontak1_nama, kontak1_telepon, kontak1_tugas and so on to kontak3, catatan (notes for responders).
What a site's manager wrote themselves stays, whatever stands in kontak and catatan.
An Instansi with several sites has a line for each, with the same kode, nama and jenis.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cas_server.kit.geo import Position
from cas_server.registry.entries import InstansiEntry, InstansiKind, SiteEntry
from cas_server.registry.importing.cells import Cells
from cas_server.registry.importing.csv_rows import Column, Table
from cas_server.registry.importing.faults import Faults

_CONTACTS = ("kontak1", "kontak2", "kontak3")
COLUMNS = (
    Column("kode", required=True, aliases=("code",)),
    Column("nama", required=True, aliases=("name",)),
    Column("jenis", required=True, aliases=("kind",)),
    Column("alamat", required=True, aliases=("address",)),
    Column("lat", required=True),
    Column("lon", required=True, aliases=("lng",)),
    Column("kode_lokasi"),
    Column("nama_lokasi"),
    Column("catatan"),
    *(Column(f"{each}_{part}") for each in _CONTACTS for part in ("nama", "telepon", "tugas")),
)
_KINDS = {
    "bank": InstansiKind.BANK,
    "toko-emas": InstansiKind.GOLD_SHOP,
    "sekolah": InstansiKind.SCHOOL,
    "spbu": InstansiKind.FUEL_STATION,
    "rumah-sakit": InstansiKind.HOSPITAL,
    "kantor": InstansiKind.OFFICE,
    "lainnya": InstansiKind.OTHER,
}
_NOWHERE = Position(0, 0)


@dataclass(frozen=True, slots=True)
class Known:
    """What the check needs of the registry: all by code, and usernames that others have."""

    instansi: Mapping[str, InstansiEntry]
    sites: Mapping[str, SiteEntry]
    usernames: frozenset[str]


@dataclass(frozen=True, slots=True)
class Checked:
    """The file's Instansi, each once, and all sites; `kept` are the codes of sites of which the
    file says other words than their manager, which stay."""

    instansi: list[InstansiEntry]
    sites: list[SiteEntry]
    kept: list[str]


def check(table: Table, known: Known, faults: Faults, *, swap: bool) -> Checked:
    """The file's Instansi and sites."""
    instansi: dict[str, InstansiEntry] = {}
    sites: dict[str, SiteEntry] = {}
    lines: dict[str, str] = {}
    kept = []
    for row in table.rows:
        cells = Cells(row, faults)
        entry = _instansi(cells, known)
        if instansi.setdefault(entry.code, entry) != entry:
            cells.fault("nama, jenis", f"differ from an earlier line of {entry.code}")
        site = _site(cells, entry, known, swap=swap)
        if site.code in sites:
            cells.fault("kode_lokasi", f"{site.code} stands already on {lines[site.code]}")
        lines.setdefault(site.code, row.where)
        stays = _with_own_words(site, known.sites.get(site.code))
        if stays.told != site.told:
            kept.append(site.code)
        sites.setdefault(site.code, stays)
    return Checked(list(instansi.values()), list(sites.values()), kept)


def _instansi(cells: Cells, known: Known) -> InstansiEntry:
    code = cells.code("kode")
    if code in known.usernames:
        cells.fault("kode", f"{code} is the username of another account")
    return InstansiEntry(code, cells.text("nama"), cells.kind("jenis", _KINDS, InstansiKind.OTHER))


def _site(cells: Cells, instansi: InstansiEntry, known: Known, *, swap: bool) -> SiteEntry:
    code = cells.code("kode_lokasi") if cells.optional("kode_lokasi") else instansi.code
    old = known.sites.get(code)
    if old and old.instansi_code != instansi.code:
        cells.fault("kode_lokasi", f"{code} belongs to {old.instansi_code}")
    position = cells.position(swap=swap)
    if position is None and not (cells.optional("lat") or cells.optional("lon")):
        cells.fault("lat, lon", "are empty; a site is where a press comes from")
    return SiteEntry(
        code=code,
        instansi_code=instansi.code,
        name=cells.optional("nama_lokasi") or instansi.name,
        address=cells.text("alamat"),
        position=position or _NOWHERE,
        contacts=_contacts(cells),
        responder_notes=cells.optional("catatan") or "",
    )


def _with_own_words(site: SiteEntry, old: SiteEntry | None) -> SiteEntry:
    """A site of the file, with what its manager wrote of it before."""
    if old is None or not old.own_words:
        return site
    return replace(site, contacts=old.contacts, responder_notes=old.responder_notes, own_words=True)


def _contacts(cells: Cells) -> list[dict[str, str]]:
    found = []
    for each in _CONTACTS:
        name, phone = cells.optional(f"{each}_nama"), cells.phone(f"{each}_telepon")
        if name:
            duty = cells.optional(f"{each}_tugas") or ""
            found.append({"name": name, "phone": phone or "", "duty": duty})
        elif phone:
            cells.fault(f"{each}_nama", "is empty beside a phone number")
    return found
