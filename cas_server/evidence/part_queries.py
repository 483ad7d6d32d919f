"""SQL of what a closed alarm's record consists of: named columns, so a new one changes nothing."""

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cas_server.db.session import ReadSession
from cas_server.evidence.leaf import parsed
from cas_server.evidence.parts import SEALED, Removed, Rows, Seal
from cas_server.journal.lawful import FORGOTTEN, TRACKS_REMOVED

_TIME = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')"""
_PLACE = "round(ST_X(at)::numeric, 7), round(ST_Y(at)::numeric, 7)"


# What the law takes out later stands in a part of its own, or in none: names, numbers, notes.
_WRITTEN = {
    "alarm": """
        SELECT id AS alarm_id, 1 AS nth, jsonb_build_array(
            number, TIMES(raised_at, acknowledged_at, cancelled_at, closed_at),
            acknowledged_by, closed_by, disposition) AS part FROM alarm WHERE id = ANY($1)""",
    "presses": """
        SELECT alarm_id, row_number() OVER (ORDER BY pressed_at, id) AS nth,
            jsonb_build_array(id, TIMES(pressed_at)) AS part
        FROM alarm_alias a WHERE alarm_id = ANY($1)
          -- What was folded may still be proven, and become an alarm of its own.
          AND NOT EXISTS (SELECT FROM folded_press f WHERE f.id = a.id)""",
    "folded_presses": """
        SELECT alarm_id, row_number() OVER (ORDER BY received_at, id) AS nth,
            jsonb_build_array(id, TIMES(received_at), kind, PLACE) AS part
        FROM folded_press WHERE alarm_id = ANY($1)""",
    "offers": """
        SELECT alarm_id, row_number() OVER (ORDER BY offered_at, id) AS nth,
            jsonb_build_array(id, personil_id, ring, state, distance_m, decline_reason,
            TIMES(offered_at, expires_at, unreached_at, answered_at)) AS part
        FROM offer WHERE alarm_id = ANY($1)""",
    "responders": """
        SELECT alarm_id, row_number() OVER (ORDER BY accepted_at, personil_id) AS nth,
            jsonb_build_array(personil_id, part, state, release_reason, assigned_by,
            TIMES(accepted_at, en_route_at, on_scene_at, released_at)) AS part
        FROM responder WHERE alarm_id = ANY($1)""",
    "reports": """
        SELECT alarm_id, row_number() OVER (ORDER BY accepted_at, personil_id) AS nth,
            jsonb_build_array(personil_id, disposition, TIMES(reported_at)) AS part
        FROM responder WHERE alarm_id = ANY($1) AND disposition IS NOT NULL""",
    "reporter_fixes": """
        SELECT alarm_id, row_number() OVER (ORDER BY fixed_at) AS nth,
            jsonb_build_array(TIMES(fixed_at, received_at), PLACE, accuracy_m) AS part
        FROM alarm_fix WHERE alarm_id = ANY($1)""",
    "tracks": """
        SELECT alarm_id, row_number() OVER (ORDER BY fixed_at, personil_id) AS nth,
            jsonb_build_array(TIMES(fixed_at), personil_id, PLACE, accuracy_m,
            speed_mps, heading_deg) AS part
        FROM track WHERE alarm_id = ANY($1)""",
}


def _spelled(text: str) -> str:
    """SQL of a part, its times and places written out."""
    for names in re.findall(r"TIMES\(([a-z_, ]+)\)", text):
        times = ", ".join(_TIME.format(name) for name in names.split(", "))
        text = text.replace(f"TIMES({names})", times)
    return text.replace("PLACE", _PLACE)


_PARTS = {name: _spelled(text) for name, text in _WRITTEN.items()}

_DUE = """
SELECT id, satuan_path, closed_at FROM alarm a
WHERE closed_at > $1 AND closed_at <= $2
  AND NOT EXISTS (SELECT FROM journal j WHERE j.alarm_id = a.id AND j.kind = $4)
ORDER BY closed_at LIMIT $3
"""
_SEALS = """
SELECT id, alarm_id, at, payload::text FROM journal
WHERE kind = $1 AND id > $2 ORDER BY id LIMIT $3
"""
_FORGOTTEN = "SELECT DISTINCT alarm_id FROM journal WHERE kind = $1 AND alarm_id = ANY($2)"
_TRACKS_REMOVED = "SELECT max(payload->>'before') FROM journal WHERE kind = $1"


async def of_alarms(session: ReadSession, alarm_ids: Sequence[UUID]) -> dict[UUID, dict[str, Rows]]:
    """Every part of each of these alarms, its rows in their order."""
    found: dict[UUID, dict[str, list[Any]]] = {
        alarm_id: {name: [] for name in _PARTS} for alarm_id in alarm_ids
    }
    for name, text in _PARTS.items():
        rows = await session.sql.fetch(
            f"SELECT alarm_id, part::text FROM ({text}) found ORDER BY nth",  # noqa: S608 - constants
            list(alarm_ids),
        )
        for row in rows:
            found[row["alarm_id"]][name].append(parsed(row["part"]))
    return {alarm_id: dict(parts) for alarm_id, parts in found.items()}


async def due(
    session: ReadSession, after: datetime, until: datetime, most: int
) -> list[tuple[UUID, str, datetime]]:
    """Alarms closed in this time whose record is not sealed yet: id, path, time of closing."""
    rows = await session.sql.fetch(_DUE, after, until, most, SEALED)
    return [(row["id"], row["satuan_path"], row["closed_at"]) for row in rows]


async def seals(session: ReadSession, after_id: int, most: int) -> list[Seal]:
    """Sealed records in the journal's order."""
    rows = await session.sql.fetch(_SEALS, SEALED, after_id, most)
    return [
        Seal(row["id"], row["alarm_id"], row["at"], msgspec.json.decode(row["payload"]))
        for row in rows
    ]


async def removed(session: ReadSession, alarm_ids: Sequence[UUID]) -> dict[UUID, Removed]:
    """What the journal says was taken out of these alarms by law."""
    rows = await session.sql.fetch(_FORGOTTEN, FORGOTTEN, list(alarm_ids))
    before = await session.sql.fetchval(_TRACKS_REMOVED, TRACKS_REMOVED)
    gone = defaultdict(bool, {row["alarm_id"]: True for row in rows})
    return {alarm_id: Removed(gone[alarm_id], before) for alarm_id in alarm_ids}
