"""SQL of the Personil's forms: the list, and everything that follows from a change."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cas_server.administration.forms import version_of
from cas_server.administration.personil_views import PersonilPage, PersonilRecord
from cas_server.db.session import ReadSession, Session

_COLUMNS = """
SELECT p.id, p.nrp, p.name, p.rank, p.satuan_id, s.name AS satuan_name, p.skills, p.phone, p.demo,
       p.out_of_service_at IS NULL AS in_service,
       EXISTS (SELECT FROM duty d WHERE d.personil_id = p.id) AS on_duty,
       (SELECT a.number FROM responder r JOIN alarm a ON a.id = r.alarm_id
        WHERE r.personil_id = p.id AND r.state <> 'released' AND a.closed_at IS NULL
        ORDER BY a.raised_at DESC LIMIT 1) AS alarm,
       ARRAY(SELECT w.name FROM wilayah w WHERE w.bhabinkamtibmas_id = p.id ORDER BY 1) AS desa
"""
_FITTING = """
FROM personil p JOIN satuan s ON s.id = p.satuan_id
WHERE starts_with(s.path, $1) AND (p.out_of_service_at IS NULL) = $2
  AND ($3::uuid IS NULL OR p.satuan_id = $3)
  AND (starts_with(p.nrp, $4) OR strpos(lower(p.name), lower($4)) > 0
       OR strpos(lower(s.name), lower($4)) > 0)
"""
_LIST = f"{_COLUMNS} {_FITTING} ORDER BY lower(p.name), p.nrp LIMIT $5"
_COUNT = f"SELECT count(*) {_FITTING}"
_ONE = f"""{_COLUMNS}
FROM personil p JOIN satuan s ON s.id = p.satuan_id WHERE p.id = $2 AND starts_with(s.path, $1)
"""
_LOCK = "SELECT FROM personil WHERE id = $1 FOR UPDATE"
_SATUAN = """
SELECT path, name FROM satuan
WHERE id = $1 AND starts_with(path, $2) AND closed_at IS NULL
"""
_HAS_NUMBER = """
SELECT EXISTS (SELECT FROM personil
    WHERE phone = $1 AND id <> $2 AND out_of_service_at IS NULL)
"""
_INSERT = """
INSERT INTO personil (id, nrp, name, rank, satuan_id, skills, phone)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id
"""
_UPDATE = """
UPDATE personil SET name = $2, rank = $3, satuan_id = $4, skills = $5, phone = $6 WHERE id = $1
"""
_FOLLOW = """
UPDATE account SET name = p.name, satuan_id = p.satuan_id, satuan_path = s.path
FROM personil p JOIN satuan s ON s.id = p.satuan_id
WHERE p.id = $1 AND account.holder_id = p.id AND account.role = 'personil'
"""
_ENDS = "UPDATE personil SET out_of_service_at = $2 WHERE id = $1"
_CLOSE_ACCOUNT = """
UPDATE account SET disabled_at = $2 WHERE holder_id = $1 AND role = 'personil'
"""
_LEAVE_DESA = "UPDATE wilayah SET bhabinkamtibmas_id = NULL WHERE bhabinkamtibmas_id = $1"
_END_SIGN_INS = """
WITH ended AS (
    UPDATE credential SET revoked_at = $2
    WHERE account_id IN (SELECT id FROM account WHERE holder_id = $1 AND role = 'personil')
      AND revoked_at IS NULL AND (scope = 'session' OR $3)
    RETURNING scope, expires_at
) SELECT count(*) FROM ended WHERE scope = 'session' AND (expires_at IS NULL OR expires_at > $2)
"""
_END_KEYS = """
UPDATE press_key SET revoked_at = $2 WHERE revoked_at IS NULL AND account_id IN
    (SELECT id FROM account WHERE holder_id = $1 AND role = 'personil')
"""
_HAS_ACCOUNT = "SELECT EXISTS (SELECT FROM account WHERE holder_id = $1 AND role = 'personil')"


async def page(
    session: ReadSession, path: str, wanted: tuple[bool, UUID | None, str], limit: int
) -> PersonilPage:
    """Those at `path` and below who are `wanted`: in service or not, of a Satuan, by a text."""
    rows = await session.sql.fetch(_LIST, path, *wanted, limit)
    total = await session.sql.fetchval(_COUNT, path, *wanted)
    return PersonilPage(total=total, personil=[_record(row) for row in rows])


async def one(session: ReadSession, path: str, personil_id: UUID) -> PersonilRecord | None:
    """A Personil of a Satuan at `path` or below."""
    row = await session.sql.fetchrow(_ONE, path, personil_id)
    return None if row is None else _record(row)


async def locked(session: Session, path: str, personil_id: UUID) -> PersonilRecord | None:
    """The same, held until the commit."""
    await session.sql.execute(_LOCK, personil_id)
    return await one(session, path, personil_id)


def _record(row: Any) -> PersonilRecord:
    facts = dict(row)
    shown = ("nrp", "name", "rank", "satuan_id", "skills", "phone", "in_service")
    return PersonilRecord(**facts, version=version_of(*(facts[name] for name in shown)))


async def satuan(session: ReadSession, satuan_id: UUID, path: str) -> tuple[str, str] | None:
    """Path and name of an open Satuan at `path` or below."""
    row = await session.sql.fetchrow(_SATUAN, satuan_id, path)
    return None if row is None else (row["path"], row["name"])


async def is_number_taken(session: ReadSession, phone: str, personil_id: UUID) -> bool:
    """Whether another Personil in service has it: then it would let neither of them sign in."""
    return bool(await session.sql.fetchval(_HAS_NUMBER, phone, personil_id))


async def add(session: Session, personil_id: UUID, nrp: str, *rest: object) -> bool:
    """Enter somebody (name, rank, Satuan, skills, phone); False when the NRP or id is taken."""
    return await session.sql.fetchval(_INSERT, personil_id, nrp, *rest) is not None


async def change(session: Session, personil_id: UUID, *rest: object) -> None:
    """Write name, rank, Satuan, skills and phone; their account follows."""
    await session.sql.execute(_UPDATE, personil_id, *rest)
    await session.sql.execute(_FOLLOW, personil_id)


async def set_service(session: Session, personil_id: UUID, ended_at: datetime | None) -> None:
    """Take out of service at a time, or bring back; the account closes and opens with it."""
    await session.sql.execute(_ENDS, personil_id, ended_at)
    await session.sql.execute(_CLOSE_ACCOUNT, personil_id, ended_at)


async def leave_desa(session: Session, personil_id: UUID) -> None:
    """They are nobody's Bhabinkamtibmas any more."""
    await session.sql.execute(_LEAVE_DESA, personil_id)


async def end_sign_ins(
    session: Session, personil_id: UUID, now: datetime, *, for_good: bool
) -> int:
    """End their sign-ins, and say how many were open; for good also what only presses."""
    if for_good:
        await session.sql.execute(_END_KEYS, personil_id, now)
    return int(await session.sql.fetchval(_END_SIGN_INS, personil_id, now, for_good))


async def has_account(session: ReadSession, personil_id: UUID) -> bool:
    return bool(await session.sql.fetchval(_HAS_ACCOUNT, personil_id))
