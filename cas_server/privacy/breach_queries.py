"""SQL of a breach pack: whose data could have been seen in a span of time, and who was in."""

from datetime import datetime
from pathlib import Path

from cas_server.db.session import ReadSession

# An alarm's people could be seen while it was open, and again whenever somebody opened it.
_TOUCHED = """
    SELECT id FROM alarm WHERE raised_at < $2 AND coalesce(closed_at, 'infinity') >= $1
    UNION SELECT alarm_id FROM journal WHERE at >= $1 AND at < $2 AND alarm_id IS NOT NULL
"""

_WRITTEN = {
    "people": """
        WITH touched AS (TOUCHED), reasons AS (
            SELECT reporter_account_id AS id, 'reporter of an alarm' AS why, raised_at AS at,
                   'name, phone, place, note, fixes' AS what
            FROM alarm JOIN touched USING (id) WHERE reporter_account_id IS NOT NULL
            UNION ALL
            SELECT a.id, 'Personil called', o.offered_at, 'name, rank, NRP, unit'
            FROM offer o JOIN touched t ON t.id = o.alarm_id
            JOIN account a ON a.holder_id = o.personil_id
            UNION ALL
            SELECT a.id, 'Personil followed on the way', max(t.fixed_at), 'track'
            FROM track t JOIN account a ON a.holder_id = t.personil_id
            WHERE t.fixed_at >= $1 AND t.fixed_at < $2 GROUP BY a.id, t.alarm_id
            UNION ALL
            SELECT actor_id, 'was signed in or acted', at, 'name, sign-in' FROM journal
            WHERE at >= $1 AND at < $2 AND actor_id IS NOT NULL
        )
        SELECT r.id AS account_id, a.role, a.name, a.phone,
               string_agg(DISTINCT r.why, '; ') AS why, string_agg(DISTINCT r.what, '; ') AS what,
               count(*) AS times, min(r.at) AS first_at, max(r.at) AS last_at,
               a.name_sealed, a.phone_sealed
        FROM reasons r LEFT JOIN account a ON a.id = r.id
        GROUP BY r.id, a.role, a.name, a.phone, a.name_sealed, a.phone_sealed
        ORDER BY a.role, r.id""",
    "callers": """
        WITH touched AS (TOUCHED)
        SELECT number, id AS alarm_id, reporter_name AS name, reporter_phone AS phone, raised_at,
               reporter_name_sealed AS name_sealed, reporter_phone_sealed AS phone_sealed
        FROM alarm JOIN touched USING (id) WHERE reporter_account_id IS NULL ORDER BY number""",
    "alarms": """
        WITH touched AS (TOUCHED)
        SELECT number, id AS alarm_id, raised_at, closed_at, satuan_path, wilayah_name, kind
        FROM alarm JOIN touched USING (id) ORDER BY number""",
    "sign_ins": """
        SELECT j.at, a.role, a.name, a.username, a.satuan_path, j.actor_id AS account_id, j.kind
        FROM journal j LEFT JOIN account a ON a.id = j.actor_id
        WHERE j.at >= $1 AND j.at < $2 AND j.kind LIKE 'account.%' ORDER BY j.at""",
    "looks": """
        SELECT j.at, j.kind, a.role, a.name, j.actor_id AS account_id, al.number AS alarm,
               j.alarm_id, j.payload
        FROM journal j LEFT JOIN account a ON a.id = j.actor_id LEFT JOIN alarm al
            ON al.id = j.alarm_id
        WHERE j.at >= $1 AND j.at < $2 AND (j.kind LIKE '%.seen' OR j.kind LIKE '%.exported'
            OR j.kind LIKE '%.revealed') ORDER BY j.at""",
    "could_look": """
        SELECT c.created_at AS signed_in_at, c.expires_at, c.revoked_at AS ended_at, a.role, a.name,
               a.username, a.satuan_path, c.device
        FROM credential c JOIN account a ON a.id = c.account_id
        WHERE c.scope = 'session' AND c.created_at < $2
          AND least(coalesce(c.revoked_at, 'infinity'), coalesce(c.expires_at, 'infinity')) >= $1
          AND a.role IN ('operator', 'pimpinan', 'admin', 'personil')
        ORDER BY c.created_at""",
}
QUERIES = {name: text.replace("TOUCHED", _TOUCHED) for name, text in _WRITTEN.items()}


async def write_csv(
    session: ReadSession, name: str, since: datetime, until: datetime, file: Path
) -> int:
    """Write one table of the pack straight from the database; how many rows it has."""
    told: str = await session.sql.copy_from_query(
        QUERIES[name], since, until, output=file, format="csv", header=True, timeout=None
    )
    return int(told.rsplit(" ", 1)[-1])
