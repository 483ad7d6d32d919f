"""SQL of the officers that a drill has told: nothing of it is an offer, nothing an alarm."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.instansi.views import DrillCall
from cas_server.registry.queries import SATUAN_OF_SITE

# Once for each drill, while it and its window last, and never beside a real alarm of the site.
_DUE = f"""
SELECT d.id, d.site_id, site.name, site.address, satuan.path AS ground, a.satuan_path AS lent
FROM drill d JOIN site ON site.id = d.site_id
JOIN satuan ON satuan.id = {SATUAN_OF_SITE}
JOIN drill_window w ON w.site_id = d.site_id AND w.agreed AND w.from_at <= $2 AND w.until_at > $2
JOIN account a ON a.id = w.answered_by
WHERE d.id = $1 AND d.ended_at IS NULL AND d.started_at > $3
  AND NOT EXISTS (SELECT FROM drill_call c WHERE c.drill_id = d.id)
  AND NOT EXISTS (SELECT FROM alarm WHERE alarm.site_id = d.site_id AND alarm.closed_at IS NULL)
ORDER BY w.answered_at LIMIT 1 FOR UPDATE OF d
"""  # noqa: S608 - a constant
# Whoever is asked or busy, or in danger themselves, is left alone.
_FREE = """
FROM duty d
WHERE d.availability = 'available' AND d.alarm_id IS NULL
  AND NOT EXISTS (SELECT FROM offer o WHERE o.personil_id = d.personil_id AND o.state = 'open')
  AND NOT EXISTS (SELECT FROM responder r JOIN alarm a ON a.id = r.alarm_id
      WHERE r.personil_id = d.personil_id AND r.state <> 'released' AND a.closed_at IS NULL)
  AND NOT EXISTS (SELECT FROM alarm a JOIN account p ON p.id = a.reporter_account_id
      WHERE p.holder_id = d.personil_id AND a.closed_at IS NULL)
"""
_NEAREST = f"""
WITH near AS MATERIALIZED (
    SELECT l.personil_id, ST_Distance(l.at::geography, site.at::geography) AS metres
    FROM last_position l, site
    WHERE site.id = $1 AND l.available AND starts_with(l.satuan_path, $2) AND l.fixed_at > $3
      AND l.mock IS NOT TRUE
      AND NOT EXISTS (SELECT FROM drill_call c
          WHERE c.personil_id = l.personil_id AND c.over_at > $4)
    ORDER BY l.at <-> site.at LIMIT 30
)
SELECT personil_id FROM near WHERE personil_id IN (SELECT d.personil_id {_FREE})
ORDER BY metres LIMIT $5
"""  # noqa: S608 - a constant
_IS_FREE = f"SELECT EXISTS (SELECT {_FREE} AND d.personil_id = $1)"
_CALL = """
INSERT INTO drill_call (drill_id, personil_id, place, called_at, over_at)
SELECT $1, unnest($2::uuid[]), $3, $4, $5
"""
_END = """
UPDATE drill_call SET over_at = $2 FROM drill
WHERE drill.id = drill_call.drill_id AND drill.site_id = $1 AND drill.ended_at IS NOT NULL
  AND over_at > $2
RETURNING personil_id
"""
_OF_PERSONIL = """
SELECT drill_id, place, called_at, over_at, received_at FROM drill_call
WHERE personil_id = $1 AND over_at > $2 ORDER BY called_at DESC LIMIT 5
"""
_RECEIVE = """
UPDATE drill_call SET received_at = $3
WHERE drill_id = $1 AND personil_id = $2 AND received_at IS NULL AND over_at > $3
RETURNING (SELECT site_id FROM drill WHERE id = $1)
"""
_CALLED = "SELECT EXISTS (SELECT FROM drill_call WHERE drill_id = $1 AND personil_id = $2)"


@dataclass(frozen=True, slots=True)
class DueDrill:
    """A drill whose officers are to be told; `lent` is the path of the desk that agreed."""

    drill_id: UUID
    site_id: UUID
    place: str
    ground: str
    lent: str


async def due(
    session: Session, drill_id: UUID, now: datetime, begun_after: datetime
) -> DueDrill | None:
    """The drill, held until the commit; None when nobody is to be told of it any more."""
    row = await session.sql.fetchrow(_DUE, drill_id, now, begun_after)
    if row is None:
        return None
    place = f"{row['name']}, {row['address']}"
    return DueDrill(row["id"], row["site_id"], place, row["ground"], row["lent"])


async def nearest(
    session: Session, drill: DueDrill, now: datetime, heard_after: datetime, most: int
) -> list[UUID]:
    """The nearest free Personil of the Satuan that agreed."""
    values = (drill.site_id, drill.lent, heard_after, now, most)
    return [row["personil_id"] for row in await session.sql.fetch(_NEAREST, *values)]


async def is_free(session: ReadSession, personil_id: UUID) -> bool:
    """False for whoever went off duty, is asked for something real, or is on it."""
    return bool(await session.sql.fetchval(_IS_FREE, personil_id))


async def call(
    session: Session, drill: DueDrill, whom: list[UUID], now: datetime, until: datetime
) -> None:
    await session.sql.execute(_CALL, drill.drill_id, whom, drill.place, now, until)


async def end(session: Session, site_id: UUID, now: datetime) -> list[UUID]:
    """The calls of a site's ended drills are over; whose screens showed one."""
    return [row["personil_id"] for row in await session.sql.fetch(_END, site_id, now)]


async def of_personil(session: ReadSession, personil_id: UUID, now: datetime) -> list[DrillCall]:
    """What an officer's screen may show now, the newest first."""
    rows = await session.sql.fetch(_OF_PERSONIL, personil_id, now)
    return [DrillCall(**dict(row)) for row in rows]


async def receive(
    session: Session, drill_id: UUID, personil_id: UUID, now: datetime
) -> UUID | None:
    """Note the officer's tap; the site, or None when it was noted before or is over."""
    site_id: UUID | None = await session.sql.fetchval(_RECEIVE, drill_id, personil_id, now)
    return site_id


async def was_called(session: ReadSession, drill_id: UUID, personil_id: UUID) -> bool:
    return bool(await session.sql.fetchval(_CALLED, drill_id, personil_id))
