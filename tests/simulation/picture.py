"""What the database holds after a step, in SQL of the simulation's own: rows and the new lines.

The rules are Python (`standing`, `rules`): one statement with two dozen of them in it costs
PostgreSQL three times what the rows alone do.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from cas_server.db.pool import Connection

# Without an offer's deadline: going off duty moves that alone, and the screen hears of its end.
_LOOK = """
SELECT json_build_array(
    (SELECT coalesce(json_agg(json_build_array(a.id, a.status, a.version,
        hashtextextended((to_jsonb(a) - 'version')::text, 0), a.reporter_role,
        a.at IS NOT NULL, a.call_held, a.climbed, a.climb_at IS NOT NULL,
        a.closed_at IS NOT NULL, a.merged_into IS NOT NULL, a.cancelled_at IS NOT NULL,
        a.duress_at IS NOT NULL, a.acknowledged_at IS NOT NULL, a.unanswered_at IS NOT NULL)
        ORDER BY a.raised_at, a.id), '[]') FROM alarm a),
    (SELECT coalesce(json_agg(json_build_array(o.id, o.alarm_id, o.personil_id, o.ring, o.state,
        hashtextextended((to_jsonb(o) - 'expires_at')::text, 0),
        extract(epoch FROM o.offered_at), extract(epoch FROM o.expires_at),
        extract(epoch FROM o.receive_by), extract(epoch FROM o.answered_at),
        o.received_at IS NOT NULL, o.unreached_at IS NOT NULL)
        ORDER BY o.offered_at, o.ring, o.personil_id), '[]') FROM offer o),
    (SELECT coalesce(json_agg(json_build_array(r.alarm_id, r.personil_id, r.part, r.state,
        hashtextextended(to_jsonb(r)::text, 0), extract(epoch FROM r.accepted_at),
        extract(epoch FROM r.released_at), r.reported_at IS NOT NULL)
        ORDER BY r.alarm_id, r.personil_id), '[]') FROM responder r),
    (SELECT coalesce(json_agg(json_build_array(d.personil_id, d.availability, d.alarm_id)), '[]')
        FROM duty d),
    (SELECT coalesce(json_agg(json_build_array(l.personil_id, l.available)), '[]')
        FROM last_position l),
    (SELECT coalesce(json_agg(id), '[]') FROM alarm_alias),
    (SELECT coalesce(json_agg(json_build_array(j.id, j.kind, j.alarm_id, j.payload->>'offer_id',
        j.payload->>'personil_id') ORDER BY j.id), '[]')
        FROM journal j WHERE j.id > $1 AND j.alarm_id IS NOT NULL),
    (SELECT coalesce(json_agg(json_build_array(b.id, b.kind, b.attempts, b.payload,
        extract(epoch FROM b.run_at))), '[]') FROM outbox b WHERE $2),
    (SELECT extract(epoch FROM least(
        (SELECT min(expires_at) FROM offer WHERE state = 'open'),
        (SELECT min(receive_by) FROM offer WHERE state = 'open' AND received_at IS NULL
            AND unreached_at IS NULL),
        (SELECT min(climb_at) FROM alarm))))
)::text
"""


class Alarm(msgspec.Struct, frozen=True, array_like=True):
    """`print` is what its row says, but for the version."""

    id: UUID
    status: str
    version: int
    print: int
    reporter_role: str | None
    placed: bool
    call_held: bool
    climbed: int
    climbs: bool
    closed: bool
    merged: bool
    cancelled: bool
    duress: bool
    acknowledged: bool
    unanswered: bool


class Offer(msgspec.Struct, frozen=True, array_like=True):
    """Times are seconds since 1970."""

    id: UUID
    alarm_id: UUID
    personil_id: UUID
    ring: int
    state: str
    print: int
    at_s: float
    expires_s: float
    receive_by_s: float
    answered_s: float | None
    received: bool
    unreached: bool


class Responder(msgspec.Struct, frozen=True, array_like=True):
    """Times are seconds since 1970."""

    alarm_id: UUID
    personil_id: UUID
    part: str
    state: str
    print: int
    accepted_s: float
    released_s: float | None
    reported: bool

    @property
    def active(self) -> bool:
        return self.state != "released"


class Duty(msgspec.Struct, frozen=True, array_like=True):
    personil_id: UUID
    availability: str
    alarm_id: UUID | None


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One entry of the journal."""

    id: int
    kind: str
    alarm_id: UUID
    offer_id: UUID | None
    personil_id: UUID | None


class Promised(msgspec.Struct, frozen=True, array_like=True):
    """One job of the outbox."""

    id: int
    kind: str
    attempts: int
    payload: dict[str, Any]
    run_at: float


class Picture(msgspec.Struct, frozen=True, array_like=True):
    """All that the rules look at, after one step. `fresh` are the journal's lines of this step,
    `jobs` the outbox where a worker serves it, `deadline` the next one in seconds since 1970."""

    alarms: tuple[Alarm, ...] = ()
    offers: tuple[Offer, ...] = ()
    responders: tuple[Responder, ...] = ()
    duty: tuple[Duty, ...] = ()
    places: tuple[tuple[UUID, bool | None], ...] = ()
    aliases: tuple[UUID, ...] = ()
    fresh: tuple[Line, ...] = ()
    jobs: tuple[Promised, ...] = ()
    deadline: float | None = None

    @property
    def pressed(self) -> frozenset[UUID]:
        return frozenset({*(alarm.id for alarm in self.alarms), *self.aliases})

    @property
    def job(self) -> float | None:
        """When the next job is due, in seconds since 1970."""
        return min((job.run_at for job in self.jobs), default=None)

    def prints(self) -> Mapping[UUID, tuple[object, ...]]:
        """What each alarm looks like with all that belongs to it."""
        told: dict[UUID, list[object]] = {alarm.id: [alarm.print] for alarm in self.alarms}
        for offer in sorted(self.offers, key=lambda one: one.id):
            told[offer.alarm_id].append(offer.print)
        for one in self.responders:
            told[one.alarm_id].append((one.personil_id, one.print))
        return {alarm_id: tuple(parts) for alarm_id, parts in told.items()}


class Book:
    """The journal as far as it was read: it only grows, so each step reads what is new."""

    def __init__(self) -> None:
        self.last = 0
        self.of_alarm: dict[UUID, list[Line]] = defaultdict(list)
        self.of_offer: dict[UUID, list[Line]] = defaultdict(list)

    def read(self, fresh: tuple[Line, ...]) -> None:
        for line in fresh:
            self.last = line.id
            self.of_alarm[line.alarm_id].append(line)
            if line.offer_id is not None:
                self.of_offer[line.offer_id].append(line)


_decode = msgspec.json.Decoder(Picture)


async def look(sql: Connection, book: Book, *, pushed: bool) -> Picture:
    """One round trip after each step; `book` knows of its lines afterwards."""
    told: Any = await sql.fetchval(_LOOK, book.last, pushed)
    picture = _decode.decode(told)
    book.read(picture.fresh)
    return picture
