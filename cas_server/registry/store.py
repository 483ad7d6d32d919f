"""Writes entries into the registry: new ones in, known ones over; then mends what repeats them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec

from cas_server.db.session import Session
from cas_server.kit.geo import Position
from cas_server.kit.ids import new_id
from cas_server.registry.entries import (
    InstansiEntry,
    PersonilEntry,
    SatuanEntry,
    SiteEntry,
    WilayahEntry,
)
from cas_server.vault.masks import mask_name, mask_phone
from cas_server.vault.sealing import Ring
from cas_server.vault.service import finding_ring, ring_of

# Parents follow in a second statement, so that a file may name them in any order.
_PUT_SATUAN = """
INSERT INTO satuan (id, code, name, kind, path, polres_path, at, phone, wilayah_codes, settings,
                    demo)
VALUES ($1, $2, $3, $4, $2 || '/', $2 || '/',
        ST_SetSRID(ST_MakePoint($5, $6), 4326), $7, $8, $9::text::jsonb, $10)
ON CONFLICT (code) DO UPDATE SET
    name = excluded.name, kind = excluded.kind, at = excluded.at, phone = excluded.phone,
    wilayah_codes = excluded.wilayah_codes, settings = excluded.settings, demo = excluded.demo
"""

_PUT_PARENT = """
UPDATE satuan SET parent_id = (SELECT id FROM satuan WHERE code = $2) WHERE code = $1
"""

_PUT_WILAYAH = """
INSERT INTO wilayah (id, code, name, kind, parent_code, area, label_at, satuan_id, approximate)
SELECT $1, $2, $3, $4, $5, ST_GeomFromWKB($6, 4326), ST_SetSRID(ST_MakePoint($7, $8), 4326),
       satuan.id, $10
FROM satuan WHERE satuan.code = $9
ON CONFLICT (code) DO UPDATE SET
    name = excluded.name, kind = excluded.kind, parent_code = excluded.parent_code,
    area = excluded.area, label_at = excluded.label_at, satuan_id = excluded.satuan_id,
    approximate = excluded.approximate
"""

_PUT_PERSONIL = """
INSERT INTO personil (id, nrp, name, rank, satuan_id, skills, phone, demo)
SELECT $1, $2, $3, $4, satuan.id, $6, $7, $8 FROM satuan WHERE satuan.code = $5
ON CONFLICT (nrp) DO UPDATE SET
    name = excluded.name, rank = excluded.rank, satuan_id = excluded.satuan_id,
    skills = excluded.skills, phone = excluded.phone, demo = excluded.demo
"""

_LEAVE_DESA = """
UPDATE wilayah SET bhabinkamtibmas_id = NULL
FROM personil WHERE personil.id = bhabinkamtibmas_id AND personil.nrp = $1 AND code <> ALL ($2)
"""

_TAKE_DESA = """
UPDATE wilayah SET bhabinkamtibmas_id = personil.id
FROM personil WHERE personil.nrp = $1 AND code = ANY ($2)
  AND bhabinkamtibmas_id IS DISTINCT FROM personil.id
"""

_PUT_INSTANSI = """
INSERT INTO instansi (id, code, name, kind, demo) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (code) DO UPDATE SET
    name = excluded.name, kind = excluded.kind, demo = excluded.demo
"""

_PUT_SITE = """
INSERT INTO site (id, instansi_id, code, name, address, at, contacts, contacts_sealed,
                  responder_notes, demo)
SELECT $1, instansi.id, $2, $4, $5, ST_SetSRID(ST_MakePoint($6, $7), 4326), $8::text::jsonb, $9,
       $10, $11
FROM instansi WHERE instansi.code = $3
ON CONFLICT (code) DO UPDATE SET
    instansi_id = excluded.instansi_id, name = excluded.name, address = excluded.address,
    at = excluded.at, demo = excluded.demo,
    contacts = CASE WHEN site.written_at IS NULL THEN excluded.contacts ELSE site.contacts END,
    contacts_sealed = CASE WHEN site.written_at IS NULL
        THEN excluded.contacts_sealed ELSE site.contacts_sealed END,
    responder_notes = CASE WHEN site.written_at IS NULL
        THEN excluded.responder_notes ELSE site.responder_notes END
"""

# A sealed value opens only in its own row, so a known site's id is asked for before it is stored.
_SITE_IDS = "SELECT code, id FROM site WHERE code = ANY ($1)"

_ADD_MASYARAKAT = """
INSERT INTO masyarakat (id, name, name_sealed, phone, phone_sealed, phone_hash, demo)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING
"""

MASYARAKAT_COLUMNS = (
    "id",
    "name",
    "name_sealed",
    "phone",
    "phone_sealed",
    "phone_hash",
    "demo",
)

_HAND_OVER = """
UPDATE wilayah SET satuan_id = satuan.id FROM satuan
WHERE wilayah.code = $1 AND satuan.code = $2 AND wilayah.satuan_id <> satuan.id
"""

_REFRESH_TREE = """
WITH RECURSIVE tree AS (
    SELECT id, code || '/' AS path, CASE WHEN kind = 'polres' THEN code || '/' END AS polres_path,
           settings AS effective
    FROM satuan WHERE parent_id IS NULL
  UNION ALL
    SELECT s.id, tree.path || s.code || '/',
           coalesce(tree.polres_path,
                    CASE WHEN s.kind = 'polres' THEN tree.path || s.code || '/' END),
           tree.effective || s.settings
    FROM satuan s JOIN tree ON s.parent_id = tree.id
)
UPDATE satuan SET path = tree.path, polres_path = coalesce(tree.polres_path, tree.path),
                  effective = tree.effective
FROM tree
WHERE tree.id = satuan.id
  AND (satuan.path, satuan.polres_path, satuan.effective)
      IS DISTINCT FROM (tree.path, coalesce(tree.polres_path, tree.path), tree.effective)
"""

# Every table that repeats a Satuan's path stands here, whichever slice it belongs to: what one
# sees is found by that path, so a moved Satuan or Personil must not leave a row behind.
_REFRESH_PATHS = (
    """
    UPDATE account SET satuan_id = personil.satuan_id, name = personil.name
    FROM personil WHERE account.holder_id = personil.id AND account.role = 'personil'
      AND (account.satuan_id, account.name) IS DISTINCT FROM (personil.satuan_id, personil.name)
    """,
    """
    UPDATE account SET satuan_path = satuan.path
    FROM satuan WHERE satuan.id = account.satuan_id AND account.satuan_path <> satuan.path
    """,
    """
    UPDATE duty SET satuan_path = satuan.path
    FROM personil JOIN satuan ON satuan.id = personil.satuan_id
    WHERE personil.id = duty.personil_id AND duty.satuan_path <> satuan.path
    """,
    """
    UPDATE last_position SET satuan_path = satuan.path
    FROM personil JOIN satuan ON satuan.id = personil.satuan_id
    WHERE personil.id = last_position.personil_id AND last_position.satuan_path <> satuan.path
    """,
    """
    UPDATE alarm SET satuan_path = satuan.path
    FROM satuan WHERE satuan.id = alarm.satuan_id AND alarm.satuan_path <> satuan.path
    """,
    """
    UPDATE shift_note SET satuan_path = satuan.path
    FROM satuan WHERE satuan.id = shift_note.satuan_id AND shift_note.satuan_path <> satuan.path
    """,
)


async def put_satuan(session: Session, entries: list[SatuanEntry]) -> None:
    """Store units and their place in the tree; their Wilayah are not handed over here."""
    await session.sql.executemany(
        _PUT_SATUAN,
        [
            (
                new_id(),
                entry.code,
                entry.name,
                entry.kind,
                *_lon_lat(entry.position),
                entry.phone,
                entry.wilayah_codes,
                msgspec.json.encode(entry.settings).decode(),
                entry.demo,
            )
            for entry in entries
        ],
    )
    await session.sql.executemany(
        _PUT_PARENT, [(entry.code, entry.parent_code) for entry in entries]
    )
    await refresh_tree(session)


async def put_wilayah(session: Session, entries: list[WilayahEntry]) -> None:
    """Store areas; a Bhabinkamtibmas stays with a desa that is stored again."""
    await session.sql.executemany(
        _PUT_WILAYAH,
        [
            (
                new_id(),
                entry.code,
                entry.name,
                entry.kind,
                entry.parent_code,
                entry.area_wkb,
                *_lon_lat(entry.label),
                entry.satuan_code,
                entry.approximate,
            )
            for entry in entries
        ],
    )


async def hand_over(session: Session, answering: dict[str, str]) -> None:
    """Let Wilayah (by code) be answered for by Satuan (by code)."""
    await session.sql.executemany(_HAND_OVER, list(answering.items()))


async def put_personil(session: Session, entries: list[PersonilEntry]) -> None:
    """Store officers, and the desa they are Bhabinkamtibmas of."""
    await session.sql.executemany(
        _PUT_PERSONIL,
        [
            (
                new_id(),
                entry.nrp,
                entry.name,
                entry.rank,
                entry.satuan_code,
                entry.skills,
                entry.phone,
                entry.demo,
            )
            for entry in entries
        ],
    )
    desa = [
        (entry.nrp, entry.bhabinkamtibmas_desa)
        for entry in entries
        if entry.bhabinkamtibmas_desa is not None
    ]
    # Two may swap their desa in one file: everybody leaves before anybody takes.
    await session.sql.executemany(_LEAVE_DESA, desa)
    await session.sql.executemany(_TAKE_DESA, desa)
    await refresh_paths(session)


async def put_instansi(
    session: Session, instansi: Iterable[InstansiEntry], sites: Iterable[SiteEntry]
) -> None:
    """Store institutions and their sites."""
    await session.sql.executemany(
        _PUT_INSTANSI,
        [(new_id(), entry.code, entry.name, entry.kind, entry.demo) for entry in instansi],
    )
    entries = list(sites)
    rows = await session.sql.fetch(_SITE_IDS, [entry.code for entry in entries])
    known = {row["code"]: row["id"] for row in rows}
    ring = await ring_of(session)
    await session.sql.executemany(
        _PUT_SITE,
        [_site_record(ring, known.get(entry.code) or new_id(), entry) for entry in entries],
    )


def _site_record(ring: Ring, site_id: UUID, entry: SiteEntry) -> tuple[Any, ...]:
    whole = msgspec.json.encode(entry.contacts).decode()
    shown = [
        {**each, "phone": mask_phone(each["phone"]) if each["phone"] else ""}
        for each in entry.contacts
    ]
    return (
        site_id,
        entry.code,
        entry.instansi_code,
        entry.name,
        entry.address,
        *_lon_lat(entry.position),
        msgspec.json.encode(shown).decode(),
        ring.seal(whole, "site.contacts", site_id),
        entry.responder_notes,
        entry.demo,
    )


async def add_masyarakat(session: Session, masyarakat_id: UUID, name: str, phone: str) -> None:
    """Enter a citizen; entering the same one again changes nothing."""
    ring = await finding_ring(session)
    record = masyarakat_record(ring, masyarakat_id, name, phone, demo=False)
    await session.sql.execute(_ADD_MASYARAKAT, *record)


def masyarakat_record(
    ring: Ring, masyarakat_id: UUID, name: str, phone: str, *, demo: bool
) -> tuple[Any, ...]:
    """A row of MASYARAKAT_COLUMNS: masks to show, the whole sealed, a hash to find it by."""
    return (
        masyarakat_id,
        mask_name(name),
        ring.seal(name, "masyarakat.name", masyarakat_id),
        mask_phone(phone),
        ring.seal(phone, "masyarakat.phone", masyarakat_id),
        ring.hash("phone", phone),
        demo,
    )


async def refresh_tree(session: Session) -> None:
    """Recompute path, Polres and effective settings of every Satuan, and all that repeats them."""
    await refresh_effective(session)
    await refresh_paths(session)


async def refresh_effective(session: Session) -> None:
    """Recompute what settings hold where; nobody has moved."""
    await session.sql.execute(_REFRESH_TREE)


async def refresh_paths(session: Session) -> None:
    """Let accounts, duty, positions, alarms and notes stand where their Satuan stands now."""
    for statement in _REFRESH_PATHS:
        await session.sql.execute(statement)


def _lon_lat(position: Position | None) -> tuple[float | None, float | None]:
    return (position.lon, position.lat) if position else (None, None)
