"""What is asked of the regency: who answers for a point, and what the map and lists show."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec

from cas_server.db.session import ReadSession
from cas_server.errors import CasError
from cas_server.identity.codes import RegisteredPersonil
from cas_server.kit.geo import Position
from cas_server.registry.views import PoliceContact

_HERE = "ST_SetSRID(ST_MakePoint($1, $2), 4326)"

# Outside every Wilayah the nearest Satuan answers: degrees find it with a margin, metres choose.
_NEAREST_SATUAN = """
SELECT id FROM (
    SELECT id, at FROM satuan WHERE at IS NOT NULL AND kind <> 'unit' AND closed_at IS NULL
    ORDER BY at <-> {point} LIMIT 8
) near
WHERE {point} IS NOT NULL
ORDER BY ST_Distance(at::geography, {point}::geography) LIMIT 1
"""


def ground(home: str) -> str:
    """CTEs about the point $1 (lon), $2 (lat): `here`, the Wilayah that cover it, one of a kind;
    `satuan_here`, who answers for it; `polres`, that one's and those whose border is near.

    The finest Wilayah decides. `home` is an SQL expression: the Satuan of somebody who has no point
    at all; the last resort keeps even a press without either alive.
    """
    return f"""
here AS MATERIALIZED (
    SELECT DISTINCT ON (kind) kind, code, name, satuan_id, bhabinkamtibmas_id
    FROM wilayah WHERE ST_Intersects(area, {_HERE})
    ORDER BY kind, code
), satuan_here AS MATERIALIZED (
    SELECT s.*, coalesce((s.effective->>'border_m')::float8, 1000) AS border_m FROM satuan s
    WHERE s.id = coalesce(
        (SELECT satuan_id FROM here ORDER BY length(code) DESC LIMIT 1),
        CASE WHEN $1::float8 IS NULL THEN {home} END,
        ({_NEAREST_SATUAN.format(point=_HERE)}),
        (SELECT id FROM satuan WHERE closed_at IS NULL
         ORDER BY kind = 'polres' DESC, path LIMIT 1))
), polres AS MATERIALIZED (
    SELECT polres_path AS path FROM satuan_here
    UNION
    SELECT beyond.polres_path
    FROM satuan_here s, wilayah w JOIN satuan beyond ON beyond.id = w.satuan_id
    WHERE beyond.polres_path <> s.polres_path
      AND w.area && ST_Expand({_HERE}, s.border_m / 100000)
      AND ST_DWithin(w.area::geography, {_HERE}::geography, s.border_m)
)"""  # noqa: S608 - constants of this module and of its callers


_COVER = f"""
WITH {ground("NULL::uuid")}
SELECT s.id AS satuan_id, s.code AS satuan_code, s.name AS satuan_name, s.path AS satuan_path,
       s.polres_path, s.phone AS satuan_phone, s.effective::text AS settings,
       desa.code AS desa_code, desa.name AS desa_name, desa.bhabinkamtibmas_id,
       kecamatan.code AS kecamatan_code, kecamatan.name AS kecamatan_name,
       kabupaten.code AS kabupaten_code, kabupaten.name AS kabupaten_name,
       ARRAY(SELECT path FROM polres WHERE path <> s.polres_path ORDER BY 1) AS polres_beyond
FROM satuan_here s
LEFT JOIN here desa ON desa.kind = 'desa'
LEFT JOIN here kecamatan ON kecamatan.kind = 'kecamatan'
LEFT JOIN here kabupaten ON kabupaten.kind = 'kabupaten'
"""  # noqa: S608 - constants of this module only

# A ten-thousandth of a degree is 11 m, a pixel at the zoom at which one looks at a desa.
_OUTLINES = """
SELECT json_build_object(
    'type', 'FeatureCollection',
    'features', coalesce(json_agg(json_build_object(
        'type', 'Feature',
        'id', code,
        'properties', json_build_object(
            'code', code, 'name', name, 'kind', kind, 'satuan_id', satuan_id,
            'approximate', approximate,
            'label', json_build_array(round(ST_X(label_at)::numeric, 6),
                                      round(ST_Y(label_at)::numeric, 6))),
        'geometry', ST_AsGeoJSON(ST_SimplifyPreserveTopology(area, 0.0001), 6)::json
    ) ORDER BY code), '[]'::json)
)::text
FROM wilayah WHERE kind = $1
"""

# A row's xmin changes with every write of it, so this sees any change without reading an outline.
_OUTLINES_VERSION = """
SELECT md5(coalesce(string_agg(code || ' ' || xmin::text, ',' ORDER BY code), ''))
FROM wilayah WHERE kind = $1
"""

_SATUAN_BELOW = """
SELECT id, code, name, kind, parent_id, path, phone, demo, ST_Y(at) AS lat, ST_X(at) AS lon
FROM satuan WHERE starts_with(path, $1) AND closed_at IS NULL ORDER BY path
"""

SATUAN_OF_SITE = f"""coalesce(
    (SELECT satuan_id FROM wilayah WHERE ST_Intersects(area, site.at)
     ORDER BY length(code) DESC, code LIMIT 1),
    ({_NEAREST_SATUAN.format(point="site.at")}))"""  # noqa: S608 - constants of this module only
"""SQL: the id of the Satuan that a `site` belongs to: who would answer for a press from it."""

_SITES_BELOW = f"""
SELECT site.id, site.code, site.name, site.address, ST_Y(site.at) AS lat, ST_X(site.at) AS lon,
       site.contacts::text AS contacts, site.responder_notes, site.demo,
       instansi.id AS instansi_id, instansi.name AS instansi_name, instansi.kind AS instansi_kind,
       satuan.id AS satuan_id
FROM site
JOIN instansi ON instansi.id = site.instansi_id
JOIN satuan ON satuan.id = {SATUAN_OF_SITE}
WHERE starts_with(satuan.path, $1) AND instansi.closed_at IS NULL
ORDER BY site.code
"""  # noqa: S608 - constants of this module only


# A ground's Bhabinkamtibmas, the Satuan that answers for it, then those above that one.
_CONTACTS = """
SELECT kind, name, rank, phone, lat, lon FROM (
    SELECT kind, name, NULL AS rank, phone, ST_Y(at) AS lat, ST_X(at) AS lon, length(path) AS depth
    FROM satuan WHERE starts_with($1, path)
    UNION ALL
    SELECT 'bhabinkamtibmas', name, rank, phone, NULL, NULL, 1000 FROM personil WHERE id = $2
) contact WHERE phone IS NOT NULL ORDER BY depth DESC
"""


class NoSatuan(CasError):
    """The registry is empty: nobody could be called."""

    code = "no_satuan"
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__("no Satuan is registered yet; import one with `cas import satuan FILE`")


@dataclass(frozen=True, slots=True)
class WilayahName:
    """A Wilayah by its Kemendagri code, and what people call it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Cover:
    """Who answers for a point. Outside every Wilayah the three names are None.

    `settings` are the Satuan's own over all its ancestors'. `polres_beyond` are the paths of
    other Polres whose Wilayah begins within the Satuan's `border_m`.
    """

    satuan_id: UUID
    satuan_code: str
    satuan_name: str
    satuan_path: str
    satuan_phone: str | None
    polres_path: str
    settings: dict[str, Any]
    desa: WilayahName | None
    kecamatan: WilayahName | None
    kabupaten: WilayahName | None
    bhabinkamtibmas_id: UUID | None
    polres_beyond: tuple[str, ...]

    @property
    def wilayah(self) -> WilayahName | None:
        """The finest Wilayah that covers the point."""
        return self.desa or self.kecamatan or self.kabupaten


@dataclass(frozen=True, slots=True)
class SatuanFacts:
    """A Satuan and where it stands."""

    id: UUID
    code: str
    name: str
    kind: str
    parent_id: UUID | None
    path: str
    phone: str | None
    demo: bool
    position: Position | None


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site, the Instansi it belongs to, and the Satuan that answers for it."""

    id: UUID
    code: str
    name: str
    address: str
    position: Position
    contacts: list[dict[str, str]]
    responder_notes: str
    demo: bool
    instansi_id: UUID
    instansi_name: str
    instansi_kind: str
    satuan_id: UUID


async def cover(session: ReadSession, position: Position | None) -> Cover:
    """Who answers for a point; for no point at all, the first Polres of the tree."""
    lon, lat = (position.lon, position.lat) if position else (None, None)
    row = await session.sql.fetchrow(_COVER, lon, lat)
    if row is None:
        raise NoSatuan
    return Cover(
        satuan_id=row["satuan_id"],
        satuan_code=row["satuan_code"],
        satuan_name=row["satuan_name"],
        satuan_path=row["satuan_path"],
        satuan_phone=row["satuan_phone"],
        polres_path=row["polres_path"],
        settings=msgspec.json.decode(row["settings"]),
        desa=_name_of(row, "desa"),
        kecamatan=_name_of(row, "kecamatan"),
        kabupaten=_name_of(row, "kabupaten"),
        bhabinkamtibmas_id=row["bhabinkamtibmas_id"],
        polres_beyond=tuple(row["polres_beyond"]),
    )


async def contacts(
    session: ReadSession, satuan_path: str, bhabinkamtibmas_id: UUID | None
) -> list[PoliceContact]:
    """Who can be telephoned on the ground of a Satuan."""
    rows = await session.sql.fetch(_CONTACTS, satuan_path, bhabinkamtibmas_id)
    return [PoliceContact.model_validate(dict(row)) for row in rows]


async def outlines(session: ReadSession, kind: str) -> str:
    """Every Wilayah of a kind as one GeoJSON FeatureCollection."""
    return str(await session.sql.fetchval(_OUTLINES, kind))


async def outlines_version(session: ReadSession, kind: str) -> str:
    """A word that changes whenever `outlines` would."""
    return str(await session.sql.fetchval(_OUTLINES_VERSION, kind))


async def satuan_below(session: ReadSession, path: str) -> list[SatuanFacts]:
    """The subtree at `path`, parents before their children."""
    return [
        SatuanFacts(
            id=row["id"],
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            parent_id=row["parent_id"],
            path=row["path"],
            phone=row["phone"],
            demo=row["demo"],
            position=None if row["lat"] is None else Position(row["lat"], row["lon"]),
        )
        for row in await session.sql.fetch(_SATUAN_BELOW, path)
    ]


async def sites_below(session: ReadSession, path: str) -> list[SiteFacts]:
    """Sites that the subtree at `path` answers for."""
    return [
        SiteFacts(
            id=row["id"],
            code=row["code"],
            name=row["name"],
            address=row["address"],
            position=Position(row["lat"], row["lon"]),
            contacts=msgspec.json.decode(row["contacts"]),
            responder_notes=row["responder_notes"],
            demo=row["demo"],
            instansi_id=row["instansi_id"],
            instansi_name=row["instansi_name"],
            instansi_kind=row["instansi_kind"],
            satuan_id=row["satuan_id"],
        )
        for row in await session.sql.fetch(_SITES_BELOW, path)
    ]


def _name_of(row: Any, kind: str) -> WilayahName | None:
    code = row[f"{kind}_code"]
    return None if code is None else WilayahName(code, row[f"{kind}_name"])


_PERSONIL_OF_PHONE = """
SELECT p.id, p.name, p.satuan_id, s.path
FROM personil p JOIN satuan s ON s.id = p.satuan_id
WHERE p.phone = $1 AND p.out_of_service_at IS NULL LIMIT 2
"""


async def personil_of_phone(session: ReadSession, phone: str) -> RegisteredPersonil | None:
    """The Personil with this number; None also when two share it, for then it proves nobody."""
    rows = await session.sql.fetch(_PERSONIL_OF_PHONE, phone)
    if len(rows) != 1:
        return None
    [row] = rows
    return RegisteredPersonil(row["id"], row["name"], row["satuan_id"], row["path"])
