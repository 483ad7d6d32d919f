"""What the registry holds now, as entries, for a file to be compared with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cas_server.db.session import ReadSession, Session
from cas_server.kit.geo import Position
from cas_server.registry.entries import (
    InstansiEntry,
    InstansiKind,
    PersonilEntry,
    SatuanEntry,
    SatuanKind,
    SiteEntry,
    WilayahEntry,
    WilayahKind,
)
from cas_server.vault.service import open_sealed

# A province takes longer to check than a request may last.
_TAKE_TIME = """
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL lock_timeout = 0;
"""

# The number is this project's own; it means "somebody imports".
_LOCK = "SELECT pg_advisory_xact_lock(35220001), now()"

# A form waits for another form, and not for the file of a province.
_WAIT_BRIEFLY = "SET LOCAL lock_timeout = '3s'"

_SATUAN = """
SELECT s.code, s.name, s.kind, parent.code AS parent_code, ST_Y(s.at) AS lat, ST_X(s.at) AS lon,
       s.phone, s.wilayah_codes, s.settings::text AS settings, s.demo,
       s.closed_at IS NOT NULL AS closed
FROM satuan s LEFT JOIN satuan parent ON parent.id = s.parent_id
ORDER BY s.path
"""

_WILAYAH = """
SELECT w.code, w.name, w.kind, w.parent_code, ST_AsBinary(w.area, 'NDR') AS area_wkb,
       ST_Y(w.label_at) AS lat, ST_X(w.label_at) AS lon, satuan.code AS satuan_code, w.approximate
FROM wilayah w JOIN satuan ON satuan.id = w.satuan_id
WHERE w.code = ANY ($1)
"""

_WILAYAH_CODES = "SELECT code FROM wilayah WHERE kind = ANY ($1)"

_PERSONIL = """
SELECT p.nrp, p.name, p.rank, satuan.code AS satuan_code, p.skills, p.phone, p.demo,
       ARRAY(SELECT code FROM wilayah WHERE bhabinkamtibmas_id = p.id ORDER BY code) AS desa
FROM personil p JOIN satuan ON satuan.id = p.satuan_id
"""

_OUT_OF_SERVICE = """
SELECT nrp FROM personil WHERE nrp = ANY ($1) AND out_of_service_at IS NOT NULL ORDER BY nrp
"""

_CLOSED_INSTANSI = """
SELECT code FROM instansi WHERE code = ANY ($1) AND closed_at IS NOT NULL ORDER BY code
"""

_INSTANSI = "SELECT code, name, kind, demo FROM instansi"

_SITES = """
SELECT site.code, instansi.code AS instansi_code, site.name, site.address, ST_Y(site.at) AS lat,
       ST_X(site.at) AS lon, site.id, site.contacts::text AS contacts, site.contacts_sealed,
       site.responder_notes, site.demo, site.written_at IS NOT NULL AS own_words
FROM site JOIN instansi ON instansi.id = site.instansi_id
"""

# Accounts of anybody but the Personil and Instansi that an import itself opens them for.
_OTHER_USERNAMES = """
SELECT username FROM account WHERE username IS NOT NULL AND role <> $1
"""

_PERSONIL_HOLDERS = """
SELECT p.nrp AS key, p.id, p.name, p.satuan_id, satuan.path AS satuan_path
FROM personil p JOIN satuan ON satuan.id = p.satuan_id WHERE p.nrp = ANY ($1)
"""

_INSTANSI_HOLDERS = """
SELECT code AS key, id, name, NULL::uuid AS satuan_id, '' AS satuan_path
FROM instansi WHERE code = ANY ($1)
"""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody in the registry who is to have an account; `key` becomes the username."""

    key: str
    id: UUID
    name: str
    satuan_id: UUID | None
    satuan_path: str


async def lock(session: Session) -> datetime:
    """One import at a time, until the commit: what is known must not change meanwhile.

    Returns the time of the transaction.
    """
    await session.sql.execute(_TAKE_TIME)
    now: datetime = await session.sql.fetchval(_LOCK, column=1)
    return now


async def lock_briefly(session: Session) -> None:
    """The same for a form; the database's own error when the turn does not come in 3 s."""
    await session.sql.execute(_WAIT_BRIEFLY)
    await session.sql.execute(_LOCK)


async def satuan(session: ReadSession) -> dict[str, SatuanEntry]:
    """All Satuan by code."""
    return {
        row["code"]: SatuanEntry(
            code=row["code"],
            name=row["name"],
            kind=SatuanKind(row["kind"]),
            parent_code=row["parent_code"],
            position=_position(row),
            phone=row["phone"],
            wilayah_codes=row["wilayah_codes"],
            settings=msgspec.json.decode(row["settings"]),
            demo=row["demo"],
            closed=row["closed"],
        )
        for row in await session.sql.fetch(_SATUAN)
    }


async def wilayah(session: ReadSession, codes: list[str]) -> dict[str, WilayahEntry]:
    """The Wilayah of these codes that there are."""
    return {
        row["code"]: WilayahEntry(
            code=row["code"],
            name=row["name"],
            kind=WilayahKind(row["kind"]),
            parent_code=row["parent_code"],
            area_wkb=row["area_wkb"],
            label=Position(row["lat"], row["lon"]),
            satuan_code=row["satuan_code"],
            approximate=row["approximate"],
        )
        for row in await session.sql.fetch(_WILAYAH, codes)
    }


async def wilayah_codes(session: ReadSession, *kinds: WilayahKind) -> frozenset[str]:
    """The codes of all Wilayah of these kinds."""
    return frozenset(row["code"] for row in await session.sql.fetch(_WILAYAH_CODES, kinds))


async def personil(session: ReadSession) -> dict[str, PersonilEntry]:
    """All Personil by NRP."""
    return {
        row["nrp"]: PersonilEntry(
            nrp=row["nrp"],
            name=row["name"],
            rank=row["rank"],
            satuan_code=row["satuan_code"],
            skills=row["skills"],
            phone=row["phone"],
            bhabinkamtibmas_desa=row["desa"],
            demo=row["demo"],
        )
        for row in await session.sql.fetch(_PERSONIL)
    }


async def out_of_service(session: ReadSession, nrps: list[str]) -> list[str]:
    """Those of these Personil who were taken out of service; no file brings them back."""
    return [row["nrp"] for row in await session.sql.fetch(_OUT_OF_SERVICE, nrps)]


async def closed_instansi(session: ReadSession, codes: list[str]) -> list[str]:
    """Those of these Instansi that are closed; no file opens them."""
    return [row["code"] for row in await session.sql.fetch(_CLOSED_INSTANSI, codes)]


async def instansi(session: ReadSession) -> dict[str, InstansiEntry]:
    """All Instansi by code."""
    return {
        row["code"]: InstansiEntry(
            code=row["code"],
            name=row["name"],
            kind=InstansiKind(row["kind"]),
            demo=row["demo"],
        )
        for row in await session.sql.fetch(_INSTANSI)
    }


async def sites(session: ReadSession) -> dict[str, SiteEntry]:
    """All sites by code."""
    return {
        row["code"]: SiteEntry(
            code=row["code"],
            instansi_code=row["instansi_code"],
            name=row["name"],
            address=row["address"],
            position=Position(row["lat"], row["lon"]),
            contacts=msgspec.json.decode(await _contacts(session, row)),
            responder_notes=row["responder_notes"],
            demo=row["demo"],
            own_words=row["own_words"],
        )
        for row in await session.sql.fetch(_SITES)
    }


async def _contacts(session: ReadSession, row: Any) -> str:
    whole = await open_sealed(session, row["contacts_sealed"], "site.contacts", row["id"])
    return whole or str(row["contacts"])


async def usernames_besides(session: ReadSession, role: str) -> frozenset[str]:
    """Usernames that an account of this role cannot have."""
    rows = await session.sql.fetch(_OTHER_USERNAMES, role)
    return frozenset(row["username"] for row in rows)


async def personil_holders(session: ReadSession, nrps: list[str]) -> list[Holder]:
    """These Personil, as holders of accounts."""
    return [Holder(**row) for row in await session.sql.fetch(_PERSONIL_HOLDERS, nrps)]


async def instansi_holders(session: ReadSession, codes: list[str]) -> list[Holder]:
    """These Instansi, as holders of accounts."""
    return [Holder(**row) for row in await session.sql.fetch(_INSTANSI_HOLDERS, codes)]


def _position(row: Any) -> Position | None:
    return None if row["lat"] is None else Position(row["lat"], row["lon"])
