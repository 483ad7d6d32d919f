"""SQL of the Wilayah's form: who answers for which, and what follows when another does."""

from typing import Any
from uuid import UUID

from cas_server.administration.forms import version_of
from cas_server.administration.ground_views import WilayahRecord
from cas_server.db.session import ReadSession, Session
from cas_server.registry.queries import SATUAN_OF_SITE

_LIST = """
SELECT w.code, w.name, w.kind, w.satuan_id, s.name AS satuan_name, w.approximate
FROM wilayah w JOIN satuan s ON s.id = w.satuan_id
WHERE starts_with(s.path, $1) AND ($2::text IS NULL OR w.code = $2)
  AND (strpos(lower(w.name), lower($3)) > 0 OR starts_with(w.code, $3)
       OR strpos(lower(s.name), lower($3)) > 0)
ORDER BY w.code LIMIT 500
"""
# With it goes what lies in it and had the same Satuan.
_AFFECTED = """
SELECT code, name FROM wilayah
WHERE code = $1 OR (starts_with(code, $1 || '.') AND satuan_id = $2) ORDER BY code
"""
_ANSWER = "UPDATE wilayah SET satuan_id = $2 WHERE code = ANY ($1)"
# For files to come: the codes leave whoever had them, and the Wilayah itself is the new one's.
_CODES = """
UPDATE satuan SET wilayah_codes = ARRAY(
    SELECT unnest(wilayah_codes) EXCEPT SELECT unnest($2::text[])
    UNION SELECT $1::text WHERE id = $3 ORDER BY 1)
WHERE id = $3 OR wilayah_codes && $2::text[]
"""
_ALARMS = """
SELECT count(*) FROM alarm WHERE wilayah_code = ANY ($1) AND closed_at IS NULL
"""
_SITES = f"""
SELECT count(*) FROM site WHERE {SATUAN_OF_SITE} = $2 AND EXISTS (
    SELECT FROM wilayah w WHERE w.code = ANY ($1) AND ST_Intersects(w.area, site.at))
"""  # noqa: S608 - a constant


async def answered_at(
    session: ReadSession, path: str, code: str | None = None, search: str = ""
) -> list[WilayahRecord]:
    """Wilayah that Satuan at a path and below answer for, by code, name or Satuan."""
    return [_record(row) for row in await session.sql.fetch(_LIST, path, code, search)]


def _record(row: Any) -> WilayahRecord:
    return WilayahRecord(**row, version=version_of(row["code"], row["satuan_id"]))


async def affected(session: ReadSession, code: str, satuan_id: UUID) -> dict[str, str]:
    """A Wilayah, and what lies in it that this Satuan answers for: names by code."""
    return {row["code"]: row["name"] for row in await session.sql.fetch(_AFFECTED, code, satuan_id)}


async def answer(session: Session, code: str, codes: list[str], satuan_id: UUID) -> None:
    """Let a Satuan answer for these from now on, and for the first of them also in files."""
    await session.sql.execute(_ANSWER, codes, satuan_id)
    await session.sql.execute(_CODES, code, codes, satuan_id)


async def alarms_open(session: ReadSession, codes: list[str]) -> int:
    """How many alarms are open in these Wilayah."""
    return int(await session.sql.fetchval(_ALARMS, codes))


async def sites_of(session: ReadSession, codes: list[str], satuan_id: UUID) -> int:
    """How many sites in these Wilayah a Satuan answers for."""
    return int(await session.sql.fetchval(_SITES, codes, satuan_id))
