"""What the database holds after a step, in SQL of the simulation's own.

Each row comes as the text that PostgreSQL writes for it, whole. What a step has left alone is the
same text as before, and the value that was made of it then: to make all of them anew at every step
costs both sides several times what reading does. The rules are Python (`standing`, `rules`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec
from asyncpg.pgproto.pgproto import UUID

from cas_server.db.pool import Connection
from tests.simulation.picture import Alarm, Book, Duty, Line, Offer, Picture, Promised, Responder

_LOOK = """
SELECT
    ARRAY(SELECT a::text FROM alarm a ORDER BY a.raised_at, a.id),
    ARRAY(SELECT o::text FROM offer o ORDER BY o.offered_at, o.ring, o.personil_id),
    ARRAY(SELECT r::text FROM responder r ORDER BY r.alarm_id, r.personil_id),
    ARRAY(SELECT ROW(d.personil_id, d.availability, d.alarm_id)::text FROM duty d),
    ARRAY(SELECT ROW(l.personil_id, l.available)::text FROM last_position l),
    ARRAY(SELECT id FROM alarm_alias),
    ARRAY(SELECT b::text FROM outbox b WHERE $2),
    ARRAY(SELECT ROW(j.id, j.kind, j.alarm_id, j.payload->>'offer_id', j.payload->>'personil_id')
        ::text FROM journal j WHERE j.id > $1 AND j.alarm_id IS NOT NULL ORDER BY j.id)
"""
_COLUMNS = """
SELECT attrelid::regclass::text, array_agg(attname::text ORDER BY attnum) FROM pg_attribute
WHERE attrelid = ANY ('{alarm,offer,responder,outbox}'::regclass[])
    AND attnum > 0 AND NOT attisdropped
GROUP BY attrelid
"""
_FIELD = re.compile(r'(?:^|,)(?:"((?:[^"\\]|""|\\.)*)"|([^,]*))')
_GROUPS = re.Match.groups
_ESCAPED = re.compile(r'""|\\(.)')

Columns = Mapping[str, tuple[str, ...]]
Named = Mapping[str, Any]
"""The values of one row by the names of their columns, as texts; None for NULL."""
Print = tuple[object, ...]
Value = TypeVar("Value")


async def columns(sql: Connection) -> Columns:
    """The names of the columns of what is looked at whole, in the order of their values."""
    return {table: tuple(names) for table, names in await sql.fetch(_COLUMNS)}


class Reader:
    """Reads the tables step by step, through one schedule."""

    def __init__(self, tables: Columns, book: Book) -> None:
        self._book = book
        self._told: Sequence[object] = ()
        self._picture = Picture()
        self.tells_anew = True
        self._alarms = _Known(_whole(tables["alarm"], _alarm, "version"))
        # Without an offer's deadline: going off duty moves that alone, and its end is heard of.
        self._offers = _Known(_whole(tables["offer"], _offer, "expires_at"))
        self._responders = _Known(_whole(tables["responder"], _responder))
        self._jobs = _Known(_whole(tables["outbox"], _job))
        self._duty, self._places = _Known(_duty), _Known(_place)

    async def look(self, sql: Connection, *, pushed: bool) -> Picture:
        """One round trip after each step; the book knows of its lines afterwards.

        `tells_anew` says afterwards whether any row or line was not there the last time.
        """
        *told, lines = await sql.fetchrow(_LOOK, self._book.last, pushed)
        self._book.read(tuple(_line(line) for line in lines))
        self.tells_anew = bool(lines) or told != self._told
        if told != self._told:
            self._told, self._picture = told, self._read(*told)
        return self._picture

    def _read(self, *told: Sequence[Any]) -> Picture:
        alarms, offers, responders, duty, places, aliases, jobs = told
        return Picture(
            self._alarms.of(alarms),
            self._offers.of(offers),
            self._responders.of(responders),
            self._duty.of(duty),
            self._places.of(places),
            tuple(aliases),
            self._jobs.of(jobs),
        )


class _Known(Generic[Value]):
    """The values of one table's rows, each read once."""

    def __init__(self, read: Callable[[str], Value]) -> None:
        self._read = read
        self._values: dict[str, Value] = {}

    def of(self, rows: Sequence[str]) -> tuple[Value, ...]:
        for row in rows:
            if row not in self._values:
                self._values[row] = self._read(row)
        return tuple(map(self._values.__getitem__, rows))


def fields(row: str) -> list[Any]:
    """The values of a row as PostgreSQL writes it: in brackets, with commas, quoted at need."""
    return [
        plain or None if quoted is None else _plain(quoted)
        for quoted, plain in map(_GROUPS, _FIELD.finditer(row[1:-1]))
    ]


def _plain(quoted: str) -> str:
    if '"' not in quoted and "\\" not in quoted:
        return quoted
    return _ESCAPED.sub(lambda found: found[1] or '"', quoted)


def _whole(
    names: Sequence[str], read: Callable[[Named, Print], Value], but: str = ""
) -> Callable[[str], Value]:
    """Reads a row by the names of its columns, given all that it says but for one of them."""

    def of_row(row: str) -> Value:
        named = dict(zip(names, fields(row), strict=True))
        return read(named, tuple(value for name, value in named.items() if name != but))

    return of_row


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _perhaps(moment: str | None) -> float | None:
    return None if moment is None else _seconds(moment)


def _alarm(row: Named, told: Print) -> Alarm:
    return Alarm(
        UUID(row["id"]), row["status"], int(row["version"]), told, row["reporter_role"],
        placed=row["at"] is not None, call_held=row["call_held"] == "t",
        climbed=int(row["climbed"]), climb_s=_perhaps(row["climb_at"]),
        closed=row["closed_at"] is not None, merged=row["merged_into"] is not None,
        cancelled=row["cancelled_at"] is not None, duress=row["duress_at"] is not None,
        acknowledged=row["acknowledged_at"] is not None,
        unanswered=row["unanswered_at"] is not None,
    )  # fmt: skip


def _offer(row: Named, told: Print) -> Offer:
    return Offer(
        UUID(row["id"]), UUID(row["alarm_id"]), UUID(row["personil_id"]), int(row["ring"]),
        row["state"], told, at_s=_seconds(row["offered_at"]),
        expires_s=_seconds(row["expires_at"]), receive_by_s=_seconds(row["receive_by"]),
        answered_s=_perhaps(row["answered_at"]), received=row["received_at"] is not None,
        unreached=row["unreached_at"] is not None,
    )  # fmt: skip


def _responder(row: Named, told: Print) -> Responder:
    return Responder(
        UUID(row["alarm_id"]), UUID(row["personil_id"]), row["part"], row["state"], told,
        accepted_s=_seconds(row["accepted_at"]), released_s=_perhaps(row["released_at"]),
        reported=row["reported_at"] is not None,
    )  # fmt: skip


def _job(row: Named, _: Print) -> Promised:
    return Promised(
        int(row["id"]), row["kind"], int(row["attempts"]), msgspec.json.decode(row["payload"]),
        _seconds(row["run_at"]),
    )  # fmt: skip


def _duty(row: str) -> Duty:
    personil_id, availability, alarm_id = fields(row)
    return Duty(UUID(personil_id), availability, alarm_id and UUID(alarm_id))


def _place(row: str) -> tuple[UUID, bool | None]:
    personil_id, available = fields(row)
    return UUID(personil_id), available and available == "t"


def _line(row: str) -> Line:
    number, kind, *ids = fields(row)
    return Line(int(number), kind, *(one and UUID(one) for one in ids))
