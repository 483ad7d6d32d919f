"""SQL of sign-ins that hold a socket open: which are over, and that the others are in use."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cas_server.db.session import ReadSession
from cas_server.identity.subject import TOUCH_EVERY

_LOOK = """
SELECT * FROM (
    SELECT k.id,
           (c.id IS NULL OR c.revoked_at IS NOT NULL OR a.disabled_at IS NOT NULL
            OR coalesce(c.expires_at <= $2, false)) AS over,
           (c.idle_after IS NOT NULL AND coalesce(c.last_used_at, c.created_at) <= $3) AS untouched
    FROM unnest($1::uuid[]) AS k (id)
    LEFT JOIN credential c ON c.id = k.id
    LEFT JOIN account a ON a.id = c.account_id
) looked WHERE over OR untouched
"""

_TOUCH = "UPDATE credential SET last_used_at = $2 WHERE id = ANY ($1::uuid[])"


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look at many sign-ins found; most are in neither list."""

    over: list[UUID]
    untouched: list[UUID]
    """Would end by being idle, though somebody is watching."""


async def look(session: ReadSession, sign_in_ids: Collection[UUID], now: datetime) -> Looked:
    """Which of these sign-ins open nothing any more, and which are to be noted as used."""
    rows = await session.sql.fetch(_LOOK, list(sign_in_ids), now, now - TOUCH_EVERY)
    return Looked(
        over=[row["id"] for row in rows if row["over"]],
        untouched=[row["id"] for row in rows if not row["over"]],
    )


async def touch(session: ReadSession, sign_in_ids: Collection[UUID], now: datetime) -> None:
    """These sign-ins are in use."""
    await session.sql.execute(_TOUCH, list(sign_in_ids), now)
