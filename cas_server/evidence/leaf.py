"""Pure: the exact bytes of a journal entry that are hashed into the tree.

A leaf is one line of JSON in UTF-8, without spaces, with these keys in this order:

    v               1, the version of this form
    id              the entry's number in the journal
    transaction_id  the number of the transaction that wrote it
    at              UTC, microseconds, e.g. "2026-08-17T03:04:05.000006Z"
    kind            subject, dot, past tense
    alarm_id, actor_id   UUIDs in lower case with hyphens, or null
    satuan_path     text or null
    payload         keys sorted by code point; numbers with the digits that PostgreSQL shows

Characters beyond ASCII stand as themselves; only what JSON demands is escaped.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

VERSION = 1


class Digits(str):
    """A number as it was written: 1.10 is not 1.1, and no digit is lost to a float."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A journal entry as it stands in the table; `payload` is PostgreSQL's text of the JSON."""

    id: int
    transaction_id: int
    at: datetime
    kind: str
    alarm_id: UUID | None
    actor_id: UUID | None
    satuan_path: str | None
    payload: str


def leaf_bytes(entry: Written) -> bytes:
    """The leaf of an entry: the same bytes for the same entry, on every machine."""
    at = entry.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    parts = (
        f'"v":{VERSION}',
        f'"id":{entry.id}',
        f'"transaction_id":{entry.transaction_id}',
        f'"at":"{at}Z"',
        f'"kind":{_text(entry.kind)}',
        f'"alarm_id":{_maybe(entry.alarm_id)}',
        f'"actor_id":{_maybe(entry.actor_id)}',
        f'"satuan_path":{_maybe(entry.satuan_path)}',
        f'"payload":{canonical(parsed(entry.payload))}',
    )
    return ("{" + ",".join(parts) + "}").encode()


def parsed(text: str) -> Any:
    """JSON with its numbers kept as they were written."""
    return json.loads(text, parse_float=Digits, parse_int=Digits)


def _maybe(value: object) -> str:
    return "null" if value is None else _text(str(value))


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def canonical(value: Any) -> str:
    """JSON without spaces, keys sorted by code point, numbers as they were written."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(k)}:{canonical(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, Digits):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
