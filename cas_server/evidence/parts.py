"""Pure: what a closed alarm's record consists of beside the journal, and whether it still does.

`record.sealed` in the journal holds, for each part, the SHA-256 of its canonical JSON
(`evidence/leaf.py`) and how many rows it has. The journal itself is sealed by the tree.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cas_server.evidence.audit import Finding
from cas_server.evidence.record_form import digest

SEALED = "record.sealed"
"""The journal's kind for the digests of one record."""

Rows = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Seal:
    """One `record.sealed`; `parts` by name as in the entry."""

    journal_id: int
    alarm_id: UUID
    at: datetime
    parts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Removed:
    """What was taken out lawfully since: the reporter; tracks from before a time."""

    forgotten: bool
    tracks_before: str | None


def sealed(parts: Mapping[str, Rows]) -> dict[str, Any]:
    """The payload of `record.sealed`."""
    return {name: {"sha256": digest(rows), "rows": len(rows)} for name, rows in parts.items()}


def examine(seal: Seal, parts: Mapping[str, Rows], removed: Removed) -> Iterator[Finding]:
    """A finding for each part that is not as it was sealed, and was not taken out lawfully."""
    for name, told in seal.parts.items():
        rows = parts.get(name, [])
        if digest(rows) == told["sha256"] or _is_lawful(name, rows, int(told["rows"]), removed):
            continue
        yield Finding(
            f"the part '{name}' of this alarm's record is not the one that was sealed "
            f"({told['rows']} rows then, {len(rows)} now)",
            journal_id=seal.journal_id,
            alarm_id=seal.alarm_id,
            at=seal.at,
        )


def _is_lawful(name: str, rows: Rows, sealed_rows: int, removed: Removed) -> bool:
    if name == "reporter_fixes":
        return removed.forgotten and not rows
    if name == "tracks" and removed.tracks_before is not None:
        # Each row begins with its time, in UTC and of one length, so texts compare as times do.
        return len(rows) < sealed_rows and all(row[0] >= removed.tracks_before for row in rows)
    return False
