"""SQL of what responders report, and of the tasks that are behind them."""

from datetime import datetime
from uuid import UUID

from cas_server.alarm.report_views import OfficerReport, PastTask
from cas_server.db.session import ReadSession, Session

_FILE = """
UPDATE responder SET reported_at = $3, disposition = $4, report_note = $5
WHERE alarm_id = $1 AND personil_id = $2
  AND (reported_at IS NULL OR (disposition, report_note) IS DISTINCT FROM ($4, $5))
RETURNING personil_id
"""
_REPORTS = """
SELECT json_build_object('personil_id', r.personil_id, 'name', p.name, 'rank', p.rank,
    'reported_at', r.reported_at, 'disposition', r.disposition, 'note', r.report_note,
    'pictures', coalesce(taken.ids, '[]'))::text AS view
FROM responder r JOIN personil p ON p.id = r.personil_id
LEFT JOIN LATERAL (SELECT json_agg(id ORDER BY received_at, id) AS ids FROM alarm_picture
    WHERE alarm_id = r.alarm_id AND personil_id = r.personil_id) taken ON true
WHERE r.alarm_id = $1 AND (r.disposition IS NOT NULL OR taken.ids IS NOT NULL)
  AND ($2::uuid IS NULL OR r.personil_id = $2)
ORDER BY r.reported_at NULLS LAST, r.accepted_at
"""
_PAST = """
SELECT json_build_object('alarm_id', a.id, 'number', a.number, 'kind', a.kind, 'demo', a.demo,
    'status', a.status, 'officer_in_danger', a.reporter_role = 'personil',
    'wilayah_name', a.wilayah_name, 'part', r.part, 'accepted_at', r.accepted_at,
    'on_scene_at', r.on_scene_at, 'released_at', r.released_at,
    'release_reason', r.release_reason, 'reported_at', r.reported_at,
    'closed_at', a.closed_at, 'disposition', a.disposition)::text AS view
FROM responder r JOIN alarm a ON a.id = r.alarm_id
WHERE r.personil_id = $1 AND r.state = 'released' AND r.accepted_at < $2
ORDER BY r.accepted_at DESC LIMIT $3
"""


async def file(
    session: Session, alarm_id: UUID, personil_id: UUID, said: tuple[str, str], now: datetime
) -> bool:
    """Write down (disposition, note); False when the same was said before."""
    return await session.sql.fetchval(_FILE, alarm_id, personil_id, now, *said) is not None


async def reports(
    session: ReadSession, alarm_id: UUID, personil_id: UUID | None = None
) -> list[OfficerReport]:
    """What the responders of an alarm have reported or photographed, or one of them."""
    rows = await session.sql.fetch(_REPORTS, alarm_id, personil_id)
    return [OfficerReport.model_validate_json(row["view"]) for row in rows]


async def past(
    session: ReadSession, personil_id: UUID, before: datetime, most: int
) -> list[PastTask]:
    """What a Personil had taken on before a time and is over for them, the newest first."""
    rows = await session.sql.fetch(_PAST, personil_id, before, most)
    return [PastTask.model_validate_json(row["view"]) for row in rows]
