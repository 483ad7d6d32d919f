"""Append to the journal, and read it without losing an entry that commits late."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cas_server.db.session import ReadSession, Session

_APPEND = """
INSERT INTO journal (at, kind, alarm_id, actor_id, satuan_path, payload)
VALUES ($1, $2, $3, $4, $5, $6)
"""

# One statement, so one snapshot: below its xmin all is committed and visible, or never will be.
# Its plan is made once for all marks. The upper bound, which nothing reaches, tells the planner
# that it is asked for a small part and not for a third of all that ever happened; and it is the
# column that orders, for which there is an index, not the number made of it.
_SINCE = """
SELECT id, transaction_id::text::bigint AS transaction_id, at, kind, alarm_id, actor_id,
       payload::text, satuan_path, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS mark
FROM journal
WHERE transaction_id >= $1::text::xid8 AND transaction_id < '18446744073709551615'::xid8
ORDER BY journal.transaction_id, id
"""

_NEWEST_MARK = """
SELECT least(pg_snapshot_xmin(pg_current_snapshot())::text::bigint, coalesce(
    (SELECT transaction_id::text::bigint + 1 FROM journal ORDER BY transaction_id DESC LIMIT 1), 0))
"""

_OF_ALARM = """
SELECT id, 0::bigint AS transaction_id, at, kind, alarm_id, actor_id, payload::text, satuan_path
FROM journal WHERE alarm_id = $1 ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened."""

    id: int
    transaction_id: int
    at: datetime
    kind: str
    alarm_id: UUID | None
    actor_id: UUID | None
    satuan_path: str | None
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """What is to be written down; `kind` is subject, dot, past tense."""

    kind: str
    alarm_id: UUID | None = None
    actor_id: UUID | None = None
    satuan_path: str | None = None
    payload: dict[str, Any] | None = None


async def append(session: Session, at: datetime, event: Event) -> None:
    """Write one entry in the caller's transaction; the bell rings after its commit."""
    await append_all(session, at, [event])


async def append_all(session: Session, at: datetime, events: list[Event]) -> None:
    """Write entries in their order."""
    await session.sql.executemany(
        _APPEND,
        [
            (
                at,
                event.kind,
                event.alarm_id,
                event.actor_id,
                event.satuan_path,
                msgspec.json.encode(event.payload or {}).decode(),
            )
            for event in events
        ],
    )
    session.rings_bell = True


async def newest_mark(session: ReadSession) -> int:
    """The mark of a reader that wants nothing of the past."""
    return int(await session.sql.fetchval(_NEWEST_MARK))


async def since(session: ReadSession, mark: int) -> tuple[list[Entry], int]:
    """Every visible entry at or above `mark`, and the mark below which all is final now.

    It is never above the entries that are there: those were on disk before they could be seen.
    Younger numbers may be those of transactions that wrote nothing to disk, and a database that
    crashes gives such numbers out once more.
    """
    rows = await session.sql.fetch(_SINCE, str(mark))
    if not rows:
        return [], mark
    final = min(int(rows[-1]["mark"]), int(rows[-1]["transaction_id"]) + 1)
    return [_entry(row) for row in rows], max(mark, final)


async def of_alarm(session: ReadSession, alarm_id: UUID) -> list[Entry]:
    """One alarm's whole story, in the order it was written."""
    return [_entry(row) for row in await session.sql.fetch(_OF_ALARM, alarm_id)]


def _entry(row: Any) -> Entry:
    return Entry(
        id=row["id"],
        transaction_id=row["transaction_id"],
        at=row["at"],
        kind=row["kind"],
        alarm_id=row["alarm_id"],
        actor_id=row["actor_id"],
        satuan_path=row["satuan_path"],
        payload=msgspec.json.decode(row["payload"]),
    )
