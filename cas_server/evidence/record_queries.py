"""SQL of one alarm's whole record: every table that knows of it, as JSON."""

from uuid import UUID

from cas_server.db.session import ReadSession

# Whole rows, so that a column added later is evidence from its first day; points as lon and lat.
_PLACED = "(to_jsonb(r) - 'at') || jsonb_build_object('lon', ST_X(r.at), 'lat', ST_Y(r.at))"
_OFFICER = """jsonb_build_object('name', p.name, 'rank', p.rank, 'nrp', p.nrp,
    'satuan', (SELECT name FROM satuan WHERE id = p.satuan_id))"""

# Keeps nothing that only opens with a key: it would say nothing to whoever reads the record.
_OPEN = """(SELECT jsonb_object_agg(key, value) FROM jsonb_each(PLACED)
    WHERE right(key, 7) <> '_sealed')"""

_WRITTEN = {
    "alarm": """
        SELECT OPEN || jsonb_build_object('satuan', s.name)
        FROM alarm r JOIN satuan s ON s.id = r.satuan_id WHERE r.id = $1""",
    "presses": "SELECT to_jsonb(r) FROM alarm_alias r WHERE alarm_id = $1 ORDER BY pressed_at, id",
    "folded_presses": "SELECT PLACED FROM folded_press r WHERE alarm_id = $1 ORDER BY received_at",
    "reporter_fixes": "SELECT PLACED FROM alarm_fix r WHERE alarm_id = $1 ORDER BY fixed_at",
    "pictures": """
        SELECT jsonb_build_object('id', id, 'received_at', received_at, 'size_bytes', size_bytes,
            'sha256', encode(sha256, 'hex'), 'personil_id', personil_id)
        FROM alarm_picture WHERE alarm_id = $1 ORDER BY received_at, id""",
    "sounds": """
        SELECT jsonb_build_object('id', id, 'received_at', received_at, 'size_bytes', size_bytes,
            'length_ms', length_ms, 'media_type', media_type, 'sha256', encode(sha256, 'hex'))
        FROM alarm_sound WHERE alarm_id = $1 ORDER BY received_at, id""",
    "decisions": "SELECT to_jsonb(r) FROM decision r WHERE alarm_id = $1 ORDER BY id",
    "offers": """
        SELECT to_jsonb(r) || OFFICER FROM offer r JOIN personil p ON p.id = r.personil_id
        WHERE alarm_id = $1 ORDER BY offered_at, distance_m, r.id""",
    "responders": """
        SELECT to_jsonb(r) || OFFICER FROM responder r JOIN personil p ON p.id = r.personil_id
        WHERE alarm_id = $1 ORDER BY accepted_at, r.personil_id""",
    "escalations": """
        SELECT to_jsonb(r) || jsonb_build_object('satuan', s.name)
        FROM escalation r JOIN satuan s ON s.id = r.satuan_id WHERE alarm_id = $1 ORDER BY r.id""",
    "tracks": """
        SELECT PLACED FROM track r WHERE alarm_id = $1 ORDER BY personil_id, fixed_at""",
    "pushes": "SELECT to_jsonb(r) FROM push_outcome r WHERE alarm_id = $1 ORDER BY id",
    "people": """
        SELECT jsonb_build_object('account_id', id, 'name', name, 'role', role) FROM account
        WHERE id IN (SELECT actor_id FROM journal WHERE alarm_id = $1
                     UNION SELECT closed_by FROM alarm WHERE id = $1
                     UNION SELECT acknowledged_by FROM alarm WHERE id = $1)
        ORDER BY id""",
}
_SECTIONS = {
    name: text.replace("OPEN", _OPEN).replace("PLACED", _PLACED).replace("OFFICER", _OFFICER)
    for name, text in _WRITTEN.items()
}

SECTIONS = tuple(_SECTIONS)


async def section(session: ReadSession, name: str, alarm_id: UUID) -> list[str]:
    """The rows of one section, each as JSON text."""
    query = f"SELECT part::text FROM ({_SECTIONS[name]}) found (part)"  # noqa: S608 - a constant
    return [row["part"] for row in await session.sql.fetch(query, alarm_id)]


async def alarm_of_number(session: ReadSession, number: int) -> UUID | None:
    """The alarm that the desk calls by this number."""
    found = await session.sql.fetchval("SELECT id FROM alarm WHERE number = $1", number)
    return UUID(str(found)) if found else None
