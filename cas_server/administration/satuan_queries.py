"""SQL of the Satuan's forms: the tree with what hangs on it, and everything that follows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cas_server.administration.forms import version_of
from cas_server.administration.ground_views import SatuanForm, SatuanRecord
from cas_server.db.session import ReadSession, Session

_LIST = """
SELECT s.id, s.code, s.name, s.kind, s.parent_id, s.path, s.phone, ST_Y(s.at) AS lat,
       ST_X(s.at) AS lon, s.closed_at IS NULL AS open, s.demo,
       (SELECT count(*) FROM personil p
        WHERE p.satuan_id = s.id AND p.out_of_service_at IS NULL) AS personil,
       (SELECT count(*) FROM account a WHERE a.satuan_id = s.id AND a.disabled_at IS NULL
        AND a.role IN ('operator', 'pimpinan')) AS desks,
       (SELECT count(*) FROM alarm a WHERE a.satuan_id = s.id AND a.closed_at IS NULL) AS alarms,
       (SELECT count(*) FROM wilayah w WHERE w.satuan_id = s.id) AS wilayah
FROM satuan s WHERE starts_with(s.path, $1) AND ($2::uuid IS NULL OR s.id = $2)
ORDER BY s.path
"""
_INSERT = """
INSERT INTO satuan (id, code, name, kind, parent_id, path, polres_path, phone, at)
SELECT $1, $2, $3, $4, $5, p.path || $2 || '/', p.polres_path, $6,
       ST_SetSRID(ST_MakePoint($7, $8), 4326)
FROM satuan p WHERE p.id = $5
ON CONFLICT DO NOTHING RETURNING id
"""
_UPDATE = """
UPDATE satuan SET name = $2, parent_id = $3, phone = $4,
    at = ST_SetSRID(ST_MakePoint($5, $6), 4326)
WHERE id = $1
"""
_SET_CLOSED = "UPDATE satuan SET closed_at = $2 WHERE id = $1 RETURNING closed_at"
_ALARMS_BELOW = """
SELECT number FROM alarm WHERE starts_with(satuan_path, $1) AND closed_at IS NULL ORDER BY number
"""
_OPEN_BELOW = """
SELECT name FROM satuan WHERE parent_id = $1 AND closed_at IS NULL ORDER BY name
"""
_ON_DUTY_BELOW = """
SELECT personil_id, satuan_path, availability, alarm_id FROM duty WHERE starts_with(satuan_path, $1)
"""
# A Wilayah whose Satuan has no desk, nor any Satuan above it: its alarms would ring nowhere.
_DESKLESS = """
SELECT DISTINCT s.id, s.name FROM satuan s JOIN wilayah w ON w.satuan_id = s.id
WHERE NOT EXISTS (SELECT FROM account a
    WHERE a.role IN ('operator', 'pimpinan') AND a.disabled_at IS NULL
      AND starts_with(s.path, a.satuan_path))
"""
_PERSONIL_TO = "UPDATE personil SET satuan_id = $2 WHERE satuan_id = $1"
_WILAYAH_TO = "UPDATE wilayah SET satuan_id = $2 WHERE satuan_id = $1"
_CODES_TO = """
WITH old AS (SELECT wilayah_codes FROM satuan WHERE id = $1)
UPDATE satuan SET wilayah_codes = CASE WHEN id = $1 THEN '{}' ELSE ARRAY(
    SELECT unnest(satuan.wilayah_codes) UNION SELECT unnest(old.wilayah_codes) ORDER BY 1) END
FROM old WHERE id IN ($1, $2)
"""
_DESKS_END = """
UPDATE account SET disabled_at = $2
WHERE satuan_id = $1 AND role <> 'personil' AND disabled_at IS NULL RETURNING id
"""
_DESKS_RETURN = """
UPDATE account SET disabled_at = NULL
WHERE satuan_id = $1 AND role <> 'personil' AND disabled_at = $2 RETURNING id
"""
_CLOSED_AT = "SELECT closed_at FROM satuan WHERE id = $1"
# Of the staff at a path: what a desk sees was found by the path it had when it signed in.
_SIGN_INS_END = """
UPDATE credential SET revoked_at = $2 WHERE revoked_at IS NULL AND scope = 'session'
  AND (expires_at IS NULL OR expires_at > $2) AND account_id IN (
    SELECT id FROM account WHERE starts_with(satuan_path, $1)
      AND role IN ('operator', 'pimpinan', 'admin'))
RETURNING id
"""


async def below(
    session: ReadSession, path: str, satuan_id: UUID | None = None
) -> list[SatuanRecord]:
    """The tree at a path, parents before their children; or one of it."""
    return [_record(row) for row in await session.sql.fetch(_LIST, path, satuan_id)]


def _record(row: Any) -> SatuanRecord:
    facts = dict(row)
    shown = ("code", "name", "kind", "parent_id", "phone", "lat", "lon", "open")
    return SatuanRecord(**facts, version=version_of(*(facts[name] for name in shown)))


async def add(session: Session, satuan_id: UUID, code: str, form: SatuanForm) -> bool:
    """Enter a Satuan below its parent; False when the code or id is taken."""
    values = (form.name, form.kind.value, form.parent_id, form.phone, form.lon, form.lat)
    return await session.sql.fetchval(_INSERT, satuan_id, code, *values) is not None


async def change(session: Session, satuan_id: UUID, form: SatuanForm) -> None:
    values = (form.name, form.parent_id, form.phone, form.lon, form.lat)
    await session.sql.execute(_UPDATE, satuan_id, *values)


async def alarms_below(session: ReadSession, path: str) -> list[int]:
    """The numbers of the open alarms at a path and below."""
    return [row["number"] for row in await session.sql.fetch(_ALARMS_BELOW, path)]


async def open_below(session: ReadSession, satuan_id: UUID) -> list[str]:
    """The names of the open Satuan right below."""
    return [row["name"] for row in await session.sql.fetch(_OPEN_BELOW, satuan_id)]


async def on_duty_below(session: ReadSession, path: str) -> list[Any]:
    """Rows of who is on duty: personil_id, satuan_path, availability, alarm_id."""
    return list(await session.sql.fetch(_ON_DUTY_BELOW, path))


async def without_desk(session: ReadSession) -> dict[UUID, str]:
    """Satuan with a Wilayah whose alarms would ring at no desk, by id."""
    return {row["id"]: row["name"] for row in await session.sql.fetch(_DESKLESS)}


async def hand_all(session: Session, satuan_id: UUID, to: UUID) -> None:
    """Personil and Wilayah go to another Satuan, also for files to come."""
    for statement in (_PERSONIL_TO, _WILAYAH_TO, _CODES_TO):
        await session.sql.execute(statement, satuan_id, to)


async def close(session: Session, satuan_id: UUID, now: datetime) -> int:
    """Close a Satuan and the accounts of its staff; how many those were."""
    await session.sql.execute(_SET_CLOSED, satuan_id, now)
    return len(await session.sql.fetch(_DESKS_END, satuan_id, now))


async def reopen(session: Session, satuan_id: UUID) -> int:
    """Open it, and the accounts that were closed with it; how many those are."""
    closed_at = await session.sql.fetchval(_CLOSED_AT, satuan_id)
    await session.sql.execute(_SET_CLOSED, satuan_id, None)
    return len(await session.sql.fetch(_DESKS_RETURN, satuan_id, closed_at))


async def end_desk_sign_ins(session: Session, path: str, now: datetime) -> int:
    """Whoever sits at a desk at a path or below signs in anew; how many were signed in."""
    return len(await session.sql.fetch(_SIGN_INS_END, path, now))
