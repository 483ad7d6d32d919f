"""What an import or the demo regency brings: checked values, ready to be stored."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cas_server.kit.geo import Position


class SatuanKind(StrEnum):
    POLDA = "polda"
    POLRES = "polres"
    POLSEK = "polsek"
    UNIT = "unit"


class WilayahKind(StrEnum):
    KABUPATEN = "kabupaten"
    KECAMATAN = "kecamatan"
    DESA = "desa"


class InstansiKind(StrEnum):
    BANK = "bank"
    GOLD_SHOP = "gold_shop"
    SCHOOL = "school"
    FUEL_STATION = "fuel_station"
    HOSPITAL = "hospital"
    OFFICE = "office"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SatuanEntry:
    """A unit; `wilayah_codes` are the Kemendagri codes it answers for.

    No file closes one or opens it: `closed` is told here so that nothing is put there.
    """

    code: str
    name: str
    kind: SatuanKind
    parent_code: str | None
    position: Position | None = None
    phone: str | None = None
    wilayah_codes: list[str] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    demo: bool = False
    closed: bool = False


@dataclass(frozen=True, slots=True)
class WilayahEntry:
    """An area; `area_wkb` is a MultiPolygon in WGS 84, two-dimensional, little-endian."""

    code: str
    name: str
    kind: WilayahKind
    parent_code: str | None
    area_wkb: bytes
    label: Position
    satuan_code: str
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class PersonilEntry:
    """An officer; `bhabinkamtibmas_desa` None leaves it as it is, a list replaces it."""

    nrp: str
    name: str
    rank: str
    satuan_code: str
    skills: list[str] = field(default_factory=list)
    phone: str | None = None
    bhabinkamtibmas_desa: list[str] | None = None
    demo: bool = False


@dataclass(frozen=True, slots=True)
class InstansiEntry:
    """An institution."""

    code: str
    name: str
    kind: InstansiKind
    demo: bool = False


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """A place of an Instansi; `contacts` as in the table: name, phone, duty.

    `own_words`: its manager wrote contacts and notes, and a file does not change them.
    """

    code: str
    instansi_code: str
    name: str
    address: str
    position: Position
    contacts: list[dict[str, str]] = field(default_factory=list)
    responder_notes: str = ""
    demo: bool = False
    own_words: bool = False

    @property
    def told(self) -> tuple[list[dict[str, str]], str]:
        """What is said of it to those who come."""
        return self.contacts, self.responder_notes
