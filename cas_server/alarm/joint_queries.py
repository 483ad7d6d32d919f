"""SQL of alarms merged under one that leads."""

from uuid import UUID

from cas_server.db.session import ReadSession, Session

_UNDER = "SELECT id FROM alarm WHERE merged_into = $1 AND closed_at IS NULL ORDER BY id"
_LEAD = "SELECT coalesce(merged_into, id) FROM alarm WHERE id = $1"
_OUTRUN = """
UPDATE alarm SET version = version + (SELECT version FROM alarm WHERE id = $2) WHERE id = $1
"""


async def under(session: ReadSession, lead_id: UUID) -> list[UUID]:
    """The open alarms that this one leads for."""
    return [row["id"] for row in await session.sql.fetch(_UNDER, lead_id)]


async def lead_of(session: ReadSession, alarm_id: UUID) -> UUID:
    """The alarm that leads for this one: itself, as long as it stands alone."""
    lead_id: UUID = await session.sql.fetchval(_LEAD, alarm_id)
    return lead_id


async def outrun(session: Session, alarm_id: UUID, lead_id: UUID) -> None:
    """Raise a version above what its reporter was told while both counted together."""
    await session.sql.execute(_OUTRUN, alarm_id, lead_id)
