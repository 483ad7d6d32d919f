"""SQL of the Instansi's forms: the list with sites and managers, and what follows a change."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cas_server.administration.forms import version_of
from cas_server.administration.instansi_views import (
    InstansiForm,
    InstansiPage,
    InstansiRecord,
    RegisteredSite,
)
from cas_server.db.session import ReadSession, Session
from cas_server.registry.queries import SATUAN_OF_SITE

# Whose: with a site on the ground of a path, or entered by an admin there.
_MINE = f"""
FROM instansi i WHERE (EXISTS (
        SELECT FROM site JOIN satuan ON satuan.id = {SATUAN_OF_SITE}
        WHERE site.instansi_id = i.id AND starts_with(satuan.path, $1))
    OR EXISTS (SELECT FROM satuan WHERE id = i.satuan_id AND starts_with(path, $1)))
  AND ($2::uuid IS NULL OR i.id = $2)
  AND (strpos(lower(i.name), lower($3)) > 0 OR starts_with(i.code, lower($3)))
"""  # noqa: S608 - a constant
_LIST = f"""
SELECT i.id, i.code, i.name, i.kind, i.closed_at IS NULL AS open, i.demo,
  (SELECT count(*) FROM account a WHERE a.holder_id = i.id AND a.role = 'instansi'
    AND a.phone_hash IS NOT NULL AND a.disabled_at IS NULL) AS people,
  ARRAY(SELECT a.name || ' ' || coalesce(a.phone, '') FROM account a WHERE a.holder_id = i.id
    AND a.role = 'instansi' AND a.manager AND a.disabled_at IS NULL ORDER BY 1) AS managers,
  (SELECT coalesce(json_agg(json_build_object('code', s.code, 'name', s.name,
      'address', s.address, 'devices', l.devices, 'heard_at', l.heard_at) ORDER BY s.code), '[]')
   FROM site s CROSS JOIN LATERAL (
      SELECT count(*) AS devices, max(seen_at) AS heard_at FROM site_line WHERE site_id = s.id) l
   WHERE s.instansi_id = i.id)::text AS sites
{_MINE} ORDER BY i.closed_at IS NOT NULL, lower(i.name), i.code LIMIT $4
"""  # noqa: S608 - a constant
_COUNT = f"SELECT count(*) {_MINE}"
_SITES_OUTSIDE = f"""
SELECT count(*) FROM site JOIN satuan ON satuan.id = {SATUAN_OF_SITE}
WHERE site.instansi_id = $1 AND NOT starts_with(satuan.path, $2)
"""  # noqa: S608 - a constant
_INSERT = """
INSERT INTO instansi (id, code, name, kind, satuan_id) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING id
"""
_UPDATE = "UPDATE instansi SET name = $2, kind = $3 WHERE id = $1"
_ALARMS = """
SELECT a.number FROM alarm a JOIN site s ON s.id = a.site_id
WHERE s.instansi_id = $1 AND a.closed_at IS NULL ORDER BY 1
"""
_CLOSED_AT = "SELECT closed_at FROM instansi WHERE id = $1"
_SET_CLOSED = "UPDATE instansi SET closed_at = $2 WHERE id = $1"
_ACCOUNTS_END = """
UPDATE account SET disabled_at = $2
WHERE holder_id = $1 AND role = 'instansi' AND disabled_at IS NULL RETURNING id
"""
_ACCOUNTS_RETURN = """
UPDATE account SET disabled_at = NULL
WHERE holder_id = $1 AND role = 'instansi' AND disabled_at = $2 RETURNING id
"""
_END_SIGN_INS = """
WITH ended AS (
    UPDATE credential SET revoked_at = $2 WHERE revoked_at IS NULL AND account_id IN
        (SELECT id FROM account WHERE holder_id = $1 AND role = 'instansi')
    RETURNING scope, expires_at
), keys AS (
    UPDATE press_key SET revoked_at = $2 WHERE revoked_at IS NULL AND account_id IN
        (SELECT id FROM account WHERE holder_id = $1 AND role = 'instansi')
) SELECT count(*) FROM ended WHERE scope = 'session' AND (expires_at IS NULL OR expires_at > $2)
"""
# A counter that is closed for good is no line that was lost.
_END_LINES = "DELETE FROM site_line WHERE site_id IN (SELECT id FROM site WHERE instansi_id = $1)"


async def page(session: ReadSession, path: str, search: str, limit: int) -> InstansiPage:
    """Those of a path that fit, the first of them."""
    rows = await session.sql.fetch(_LIST, path, None, search, limit)
    total = await session.sql.fetchval(_COUNT, path, None, search)
    return InstansiPage(total=total, instansi=[_record(row) for row in rows])


async def one(session: ReadSession, path: str, instansi_id: UUID) -> InstansiRecord | None:
    """An Instansi of a path."""
    row = await session.sql.fetchrow(_LIST, path, instansi_id, "", 1)
    return None if row is None else _record(row)


def _record(row: Any) -> InstansiRecord:
    facts = dict(row)
    sites = msgspec.json.decode(facts.pop("sites"))
    shown = ("code", "name", "kind", "open")
    return InstansiRecord(
        **facts,
        sites=[RegisteredSite(**site) for site in sites],
        version=version_of(*(facts[name] for name in shown)),
    )


async def sites_outside(session: ReadSession, instansi_id: UUID, path: str) -> int:
    """How many of its sites another Satuan than those of a path answers for."""
    return int(await session.sql.fetchval(_SITES_OUTSIDE, instansi_id, path))


async def add(
    session: Session, instansi_id: UUID, code: str, form: InstansiForm, satuan_id: UUID | None
) -> bool:
    """Enter an Instansi without sites; False when the code or id is taken."""
    values = (form.name, form.kind.value, satuan_id)
    return await session.sql.fetchval(_INSERT, instansi_id, code, *values) is not None


async def change(session: Session, instansi_id: UUID, form: InstansiForm) -> None:
    await session.sql.execute(_UPDATE, instansi_id, form.name, form.kind.value)


async def alarms_open(session: ReadSession, instansi_id: UUID) -> list[int]:
    """The numbers of open alarms from its sites."""
    return [row["number"] for row in await session.sql.fetch(_ALARMS, instansi_id)]


async def close(session: Session, instansi_id: UUID, now: datetime) -> tuple[int, int]:
    """Close it with its accounts and lines; how many accounts, and how many were signed in."""
    await session.sql.execute(_SET_CLOSED, instansi_id, now)
    ended = int(await session.sql.fetchval(_END_SIGN_INS, instansi_id, now))
    closed = await session.sql.fetch(_ACCOUNTS_END, instansi_id, now)
    await session.sql.execute(_END_LINES, instansi_id)
    return len(closed), ended


async def reopen(session: Session, instansi_id: UUID) -> int:
    """Open it with the accounts that were closed with it; how many those are."""
    closed_at = await session.sql.fetchval(_CLOSED_AT, instansi_id)
    await session.sql.execute(_SET_CLOSED, instansi_id, None)
    return len(await session.sql.fetch(_ACCOUNTS_RETURN, instansi_id, closed_at))
