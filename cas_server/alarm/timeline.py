"""One alarm's story from the journal, as a command centre reads it."""

from uuid import UUID

import msgspec

from cas_server.alarm.views import TimelineEntry
from cas_server.db.session import ReadSession
from cas_server.journal import queries as journal

_NAMES = """
SELECT id, name FROM account WHERE id = ANY($1)
UNION SELECT id, name FROM staff_name WHERE id = ANY($1)
"""


async def timeline(session: ReadSession, alarm_id: UUID) -> list[TimelineEntry]:
    """One alarm's story from the journal, with the names of who did what."""
    entries = await journal.of_alarm(session, alarm_id)
    actors = list({entry.actor_id for entry in entries if entry.actor_id})
    names = {row["id"]: row["name"] for row in await session.sql.fetch(_NAMES, actors)}
    return [
        TimelineEntry(
            at=entry.at,
            kind=entry.kind,
            actor=names.get(entry.actor_id) if entry.actor_id else None,
            facts={name: _plain(value) for name, value in entry.payload.items()},
        )
        for entry in entries
    ]


def _plain(value: object) -> str | int | float | bool | None:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return msgspec.json.encode(value).decode()
