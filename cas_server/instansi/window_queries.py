"""SQL of the windows in which a site's drills may tell officers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.instansi.views import AskedWindow, DrillWindow
from cas_server.registry.queries import SATUAN_OF_SITE

_SHOWN = "w.id, w.site_id, w.from_at, w.until_at, w.asked_at, w.agreed, w.answered_at"
_ASK = """
INSERT INTO drill_window (id, site_id, account_id, from_at, until_at, asked_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING RETURNING id
"""
_ONE = f"SELECT {_SHOWN} FROM drill_window w WHERE w.id = $1"  # noqa: S608 - a constant
_OF_SITE = f"""
SELECT {_SHOWN} FROM drill_window w WHERE w.site_id = $1 AND w.until_at > $2
ORDER BY w.from_at, w.id LIMIT 20
"""  # noqa: S608 - a constant
_COUNT = "SELECT count(*) FROM drill_window WHERE site_id = $1 AND until_at > $2"
_ANSWER = """
UPDATE drill_window SET agreed = $2, answered_at = $3, answered_by = $4
WHERE id = $1 AND agreed IS DISTINCT FROM $2
"""
_ASKED = f"""
SELECT {_SHOWN}, i.name AS instansi_name, site.name, site.address
FROM drill_window w JOIN site ON site.id = w.site_id JOIN instansi i ON i.id = site.instansi_id
JOIN satuan ON satuan.id = {SATUAN_OF_SITE}
WHERE w.until_at > $1 AND w.agreed IS DISTINCT FROM false AND starts_with(satuan.path, $2)
ORDER BY w.agreed IS NOT NULL, w.from_at LIMIT 200
"""  # noqa: S608 - a constant


async def ask(session: Session, account_id: UUID, wanted: DrillWindow) -> bool:
    """False when it was asked for before."""
    values = (wanted.id, wanted.site_id, account_id, wanted.from_at, wanted.until_at)
    return await session.sql.fetchval(_ASK, *values, wanted.asked_at) is not None


async def window(session: ReadSession, window_id: UUID) -> DrillWindow | None:
    row = await session.sql.fetchrow(_ONE, window_id)
    return DrillWindow(**dict(row)) if row else None


async def of_site(session: ReadSession, site_id: UUID, now: datetime) -> list[DrillWindow]:
    """The windows of a site that are not over, in their order."""
    return [DrillWindow(**dict(row)) for row in await session.sql.fetch(_OF_SITE, site_id, now)]


async def count(session: ReadSession, site_id: UUID, now: datetime) -> int:
    return int(await session.sql.fetchval(_COUNT, site_id, now))


async def answer(
    session: Session, window_id: UUID, by: UUID, now: datetime, *, agreed: bool
) -> bool:
    """False when that was said before."""
    told: Any = await session.sql.execute(_ANSWER, window_id, agreed, now, by)
    return bool(told != "UPDATE 0")


async def asked(session: ReadSession, path: str, now: datetime) -> list[AskedWindow]:
    """Windows on the ground of `path` that wait for an answer, then those that were agreed to."""
    named = ("site_id", "instansi_name", "name", "address")
    return [
        AskedWindow(
            **{key: row[key] for key in named},
            window=DrillWindow(**{key: row[key] for key in DrillWindow.model_fields}),
        )
        for row in await session.sql.fetch(_ASKED, now, path)
    ]
