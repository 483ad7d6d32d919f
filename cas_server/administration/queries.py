"""SQL of a Satuan's own settings and of what holds below it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from cas_server.db.session import ReadSession, Session

_SATUAN = """
SELECT s.id, s.code, s.path, s.settings::text, coalesce(p.effective, '{}')::text AS above
FROM satuan s LEFT JOIN satuan p ON p.id = s.parent_id
WHERE s.id = $1 AND starts_with(s.path, $2)
"""
_BELOW = """
SELECT id, name, effective::text FROM satuan WHERE starts_with(path, $1) ORDER BY path
"""
_SET = "UPDATE satuan SET settings = $2::jsonb WHERE id = $1"
_IS_TOP = "SELECT parent_id IS NULL FROM satuan WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a Satuan sets itself, and what would hold without it."""

    id: UUID
    code: str
    path: str
    own: dict[str, Any]
    above: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds at a Satuan."""

    name: str
    settings: dict[str, Any]


async def settings_of(session: ReadSession, satuan_id: UUID, path: str) -> Settings | None:
    """None when there is no such Satuan at `path` or below."""
    row = await session.sql.fetchrow(_SATUAN, satuan_id, path)
    if row is None:
        return None
    own, above = msgspec.json.decode(row["settings"]), msgspec.json.decode(row["above"])
    return Settings(row["id"], row["code"], row["path"], own, above)


async def effective_below(session: ReadSession, path: str) -> dict[UUID, Effective]:
    """Of a Satuan and all below it."""
    return {
        row["id"]: Effective(row["name"], msgspec.json.decode(row["effective"]))
        for row in await session.sql.fetch(_BELOW, path)
    }


async def set_settings(session: Session, satuan_id: UUID, settings: dict[str, Any]) -> None:
    """Write a Satuan's own; what follows from it is not written here."""
    await session.sql.execute(_SET, satuan_id, msgspec.json.encode(settings).decode())


async def is_top(session: ReadSession, satuan_id: UUID | None) -> bool:
    """True for the Satuan that stands above all others here."""
    return bool(await session.sql.fetchval(_IS_TOP, satuan_id))
