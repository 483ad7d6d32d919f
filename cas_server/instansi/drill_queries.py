"""SQL of drills: a table of their own, which nothing of the alarm reads."""

from datetime import datetime
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.instansi.views import Drill, RunningDrill
from cas_server.registry.queries import SATUAN_OF_SITE

_SHOWN = """
    d.id, d.site_id, d.calls_agreed, d.started_at, d.answered_at, d.ended_at,
    (SELECT count(*) FROM drill_call c WHERE c.drill_id = d.id) AS personil_told,
    (SELECT count(received_at) FROM drill_call c WHERE c.drill_id = d.id) AS personil_received,
    (SELECT max(received_at) FROM drill_call c WHERE c.drill_id = d.id) AS last_received_at
"""
# A site that begins another has finished the one before.
_END_OTHERS = "UPDATE drill SET ended_at = $2 WHERE site_id = $1 AND ended_at IS NULL AND id <> $3"
_BEGIN = """
INSERT INTO drill (id, site_id, account_id, calls_agreed, started_at)
SELECT $1, s.id, $3, EXISTS (SELECT FROM drill_window w
    WHERE w.site_id = s.id AND w.agreed AND w.from_at <= $4 AND w.until_at > $4), $4
FROM site s WHERE s.id = $2
ON CONFLICT (id) DO NOTHING RETURNING calls_agreed
"""
_ONE = f"SELECT {_SHOWN} FROM drill d WHERE d.id = $1"  # noqa: S608 - a constant
_OF_SITE = f"""
SELECT {_SHOWN} FROM drill d WHERE d.site_id = $1 ORDER BY d.started_at DESC LIMIT 10
"""  # noqa: S608 - a constant
_COUNT = "SELECT count(*) FROM drill WHERE site_id = $1 AND started_at > $2"
_END = "UPDATE drill SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL"
_ANSWER = """
UPDATE drill SET answered_at = $2, answered_by = $3 WHERE id = $1 AND answered_at IS NULL
"""
_RUNNING = f"""
SELECT {_SHOWN},
       i.name AS instansi_name, site.name, site.address
FROM drill d JOIN site ON site.id = d.site_id JOIN instansi i ON i.id = site.instansi_id
JOIN satuan ON satuan.id = {SATUAN_OF_SITE}
WHERE d.ended_at IS NULL AND d.started_at > $1 AND starts_with(satuan.path, $2)
ORDER BY d.started_at LIMIT 200
"""  # noqa: S608 - a constant


async def begin(
    session: Session, drill_id: UUID, site_id: UUID, account_id: UUID, now: datetime
) -> bool | None:
    """Whether officers may be told of it; None when it had begun before."""
    agreed: bool | None = await session.sql.fetchval(_BEGIN, drill_id, site_id, account_id, now)
    if agreed is not None:
        await session.sql.execute(_END_OTHERS, site_id, now, drill_id)
    return agreed


async def drill(session: ReadSession, drill_id: UUID) -> Drill | None:
    row = await session.sql.fetchrow(_ONE, drill_id)
    return Drill(**dict(row)) if row else None


async def of_site(session: ReadSession, site_id: UUID) -> list[Drill]:
    """The newest drills of a site."""
    return [Drill(**dict(row)) for row in await session.sql.fetch(_OF_SITE, site_id)]


async def count(session: ReadSession, site_id: UUID, since: datetime) -> int:
    return int(await session.sql.fetchval(_COUNT, site_id, since))


async def end(session: Session, drill_id: UUID, now: datetime) -> None:
    await session.sql.execute(_END, drill_id, now)


async def answer(session: Session, drill_id: UUID, by: UUID, now: datetime) -> bool:
    """False when somebody was first; then it stays theirs."""
    return bool(await session.sql.execute(_ANSWER, drill_id, now, by) != "UPDATE 0")


async def running(session: ReadSession, path: str, after: datetime) -> list[RunningDrill]:
    """Drills on the ground of `path` that began after a time and are not over, in their order."""
    named = ("instansi_name", "name", "address")
    return [
        RunningDrill(
            site_id=row["site_id"],
            **{key: row[key] for key in named},
            drill=Drill(**{key: row[key] for key in Drill.model_fields}),
        )
        for row in await session.sql.fetch(_RUNNING, after, path)
    ]
