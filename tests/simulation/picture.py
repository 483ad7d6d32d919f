"""What the database holds, in SQL of the simulation's own: rows to compare, and broken rules."""

from typing import Any
from uuid import UUID

import msgspec

from cas_server.db.pool import Connection

# Who ended how: one line of the journal for each end of an offer.
_ENDS = """
SELECT j.payload->>'offer_id' AS offer_id,
       count(*) FILTER (WHERE kind = 'offer.made') AS made,
       count(*) FILTER (WHERE kind = 'offer.received') AS received,
       count(*) FILTER (WHERE kind = 'offer.unreached') AS unreached,
       array_agg(CASE kind WHEN 'offer.superseded' THEN 'stood_down'
                           WHEN 'personil.assigned' THEN 'accepted'
                           ELSE substr(kind, 7) END)
           FILTER (WHERE kind IN ('offer.accepted', 'offer.declined', 'offer.expired',
                                  'offer.stood_down', 'offer.superseded', 'personil.assigned'))
           AS ended
FROM journal j WHERE j.alarm_id IS NOT NULL AND j.payload ? 'offer_id' GROUP BY 1
"""
# What the journal says last of each responder, and of each alarm.
_STEPS = """
SELECT DISTINCT ON (alarm_id, payload->>'personil_id') alarm_id,
       payload->>'personil_id' AS personil_id,
       CASE WHEN kind IN ('offer.accepted', 'personil.assigned') THEN 'accepted'
            ELSE substr(kind, 11) END AS state
FROM journal WHERE kind IN ('offer.accepted', 'personil.assigned', 'responder.en_route',
                            'responder.on_scene', 'responder.released')
ORDER BY alarm_id, payload->>'personil_id', id DESC
"""
_TOLD = """
SELECT alarm_id,
       count(*) FILTER (WHERE kind = 'alarm.raised') AS raised,
       count(*) FILTER (WHERE kind = 'alarm.closed') AS closed,
       count(*) FILTER (WHERE kind = 'alarm.cancelled') AS cancelled,
       count(*) FILTER (WHERE kind = 'alarm.duress') AS duress,
       count(*) FILTER (WHERE kind = 'alarm.acknowledged') AS acknowledged,
       count(*) FILTER (WHERE kind = 'alarm.merged') AS merged,
       max(id) FILTER (WHERE kind = 'alarm.unanswered') AS unanswered,
       max(id) FILTER (WHERE kind IN ('offer.accepted', 'personil.assigned', 'alarm.separated'))
           AS taken
FROM journal WHERE alarm_id IS NOT NULL GROUP BY alarm_id
"""
_RULES = {
    "two primaries on one alarm": """
        SELECT alarm_id::text FROM responder WHERE part = 'primary' AND state <> 'released'
        GROUP BY alarm_id HAVING count(*) > 1""",
    "somebody is on it and nobody leads": """
        SELECT alarm_id::text FROM responder WHERE state <> 'released'
        GROUP BY alarm_id HAVING bool_and(part <> 'primary')""",
    "offered twice in one ring": """
        SELECT alarm_id::text FROM offer
        GROUP BY alarm_id, personil_id, ring HAVING count(*) > 1""",
    "an alarm that is over, or led by another, still asks": """
        SELECT o.id::text FROM offer o JOIN alarm a ON a.id = o.alarm_id
        WHERE o.state = 'open' AND (a.closed_at IS NOT NULL OR a.merged_into IS NOT NULL
                                    OR a.status IN ('resolved', 'cancelled'))""",
    "an alarm that was closed, or is led by another, keeps officers": """
        SELECT a.id::text FROM alarm a JOIN responder r ON r.alarm_id = a.id
        WHERE r.state <> 'released' AND (a.closed_at IS NOT NULL OR a.merged_into IS NOT NULL)""",
    "somebody who is on it is still asked": """
        SELECT o.id::text FROM offer o JOIN responder r USING (alarm_id, personil_id)
        WHERE o.state = 'open' AND r.state <> 'released'""",
    "an offer has no end, or has ended and is open": """
        SELECT id::text FROM offer WHERE (state = 'open') <> (answered_at IS NULL)""",
    "answered at or after the deadline": """
        SELECT id::text FROM offer
        WHERE ring > 0 AND state IN ('accepted', 'declined') AND answered_at >= expires_at""",
    "expired before its deadline": """
        SELECT id::text FROM offer WHERE state = 'expired' AND answered_at < expires_at""",
    "an offer waits longer than its Satuan lets it": """
        SELECT id::text FROM offer WHERE ring > 0 AND (expires_at > offered_at + interval '20 s'
            OR receive_by > offered_at + interval '5 s')""",
    "the alarm is not as far as its furthest responder": """
        SELECT a.id::text FROM alarm a LEFT JOIN LATERAL (
            SELECT max(array_position(ARRAY['raised', 'accepted', 'en_route', 'on_scene'], r.state))
            FROM responder r WHERE r.alarm_id = a.id AND r.state <> 'released') r (reached) ON true
        WHERE a.status NOT IN ('resolved', 'cancelled')
          AND a.status <> (ARRAY['raised', 'accepted', 'en_route', 'on_scene'])
                          [coalesce(r.reached, 1)]""",
    "forgotten: nobody is asked, nobody is on it, and the desk was not told": """
        SELECT a.id::text FROM alarm a JOIN told t ON t.alarm_id = a.id
        WHERE a.status = 'raised' AND a.closed_at IS NULL AND a.merged_into IS NULL
          AND NOT a.call_held AND a.at IS NOT NULL AND a.unanswered_at IS NULL
          AND NOT EXISTS (SELECT FROM offer o WHERE o.alarm_id = a.id AND o.state = 'open')
          AND (t.unanswered IS NULL OR t.unanswered < t.taken)""",
    "nobody has acknowledged it and it climbs to nobody": """
        SELECT id::text FROM alarm WHERE acknowledged_at IS NULL AND closed_at IS NULL
          AND climb_at IS NULL AND climbed < 2""",
    "still bound to an alarm without being on it": """
        SELECT d.personil_id::text FROM duty d WHERE d.alarm_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM responder r WHERE r.alarm_id = d.alarm_id
                AND r.personil_id = d.personil_id AND r.state <> 'released')""",
    "has reported and is still bound": """
        SELECT d.personil_id::text FROM duty d JOIN responder r USING (alarm_id, personil_id)
        WHERE r.reported_at IS NOT NULL""",
    "busy without an alarm, or free with one": """
        SELECT personil_id::text FROM duty
        WHERE (availability = 'busy') <> (alarm_id IS NOT NULL)""",
    "the map says otherwise than duty whether somebody is free": """
        SELECT personil_id::text FROM last_position l LEFT JOIN duty d USING (personil_id)
        WHERE l.available IS DISTINCT FROM (d.availability = 'available')""",
    "the journal tells of an offer otherwise than its row": """
        SELECT o.id::text FROM offer o LEFT JOIN ends e ON e.offer_id = o.id::text
        WHERE o.ring > 0 AND (e.made <> 1 OR e.made IS NULL
            OR e.received <> (o.received_at IS NOT NULL)::int
            OR e.unreached <> (o.unreached_at IS NOT NULL)::int
            OR coalesce(e.ended, '{}') <> CASE o.state WHEN 'open' THEN '{}'
                                               ELSE ARRAY[o.state] END)""",
    "the journal tells of a responder otherwise than the row": """
        SELECT r.alarm_id::text FROM responder r JOIN alarm a ON a.id = r.alarm_id
        LEFT JOIN steps s ON s.alarm_id = r.alarm_id AND s.personil_id = r.personil_id::text
        WHERE a.closed_at IS NULL AND s.state IS DISTINCT FROM r.state""",
    "the journal tells of an alarm otherwise than its row": """
        SELECT a.id::text FROM alarm a LEFT JOIN told t ON t.alarm_id = a.id
        WHERE t.raised IS DISTINCT FROM 1
           OR t.closed <> (a.closed_at IS NOT NULL)::int
           OR t.cancelled <> (a.cancelled_at IS NOT NULL)::int
           OR t.duress <> (a.duress_at IS NOT NULL)::int
           OR (a.acknowledged_at IS NOT NULL AND t.acknowledged = 0)
           OR (a.merged_into IS NOT NULL AND t.merged = 0)""",
    "a job was tried more often than the retry policy allows": """
        SELECT id::text FROM outbox WHERE attempts > 8""",
}
_BROKEN = " UNION ALL ".join(
    f"SELECT {number} AS rule, what FROM ({sql}) broken (what)"  # noqa: S608 - constants
    for number, sql in enumerate(_RULES.values())
)
# Without the deadline: going off duty moves that alone, and the screen hears of its end.
_PRINT = """
md5(concat((to_jsonb(a) - 'version')::text,
    (SELECT string_agg((to_jsonb(o) - 'expires_at')::text, ';' ORDER BY o.id) FROM offer o
     WHERE o.alarm_id = a.id),
    (SELECT string_agg(to_jsonb(r)::text, ';' ORDER BY r.personil_id) FROM responder r
     WHERE r.alarm_id = a.id)))
"""
_LOOK = f"""
WITH ends AS MATERIALIZED ({_ENDS}), steps AS MATERIALIZED ({_STEPS}),
     told AS MATERIALIZED ({_TOLD}), broken AS ({_BROKEN})
SELECT json_build_object(
    'broken', (SELECT coalesce(json_agg(json_build_array(rule, what)), '[]') FROM broken),
    'alarms', (SELECT coalesce(json_agg(json_build_object('id', a.id, 'status', a.status,
        'version', a.version, 'print', {_PRINT}, 'reporter', a.reporter_account_id,
        'open', a.closed_at IS NULL) ORDER BY a.raised_at, a.id), '[]')
        FROM alarm a),
    'offers', (SELECT coalesce(json_agg(json_build_object('id', o.id, 'alarm_id', o.alarm_id,
        'personil_id', o.personil_id, 'ring', o.ring, 'state', o.state, 'at', o.offered_at,
        'received', o.received_at IS NOT NULL) ORDER BY o.offered_at, o.ring, o.personil_id), '[]')
        FROM offer o),
    'responders', (SELECT coalesce(json_agg(json_build_object('alarm_id', alarm_id,
        'personil_id', personil_id, 'state', state, 'accepted_at', accepted_at,
        'released_at', released_at)), '[]') FROM responder),
    'duty', (SELECT coalesce(json_agg(json_build_object('personil_id', personil_id,
        'availability', availability, 'alarm_id', alarm_id)), '[]') FROM duty),
    'pressed', (SELECT coalesce(json_agg(id), '[]')
                FROM (SELECT id FROM alarm UNION ALL SELECT id FROM alarm_alias) p),
    'sos', (SELECT coalesce(json_agg(id), '[]') FROM alarm WHERE reporter_role = 'personil'),
    'deadline', (SELECT extract(epoch FROM least(
        (SELECT min(expires_at) FROM offer WHERE state = 'open'),
        (SELECT min(receive_by) FROM offer WHERE state = 'open' AND received_at IS NULL
            AND unreached_at IS NULL),
        (SELECT min(climb_at) FROM alarm)))),
    'job', (SELECT extract(epoch FROM min(run_at)) FROM outbox)
)::text
"""  # noqa: S608 - constants of this module only


class Alarm(msgspec.Struct, frozen=True):
    id: UUID
    status: str
    version: int
    print: str
    reporter: UUID | None
    open: bool


class Offer(msgspec.Struct, frozen=True):
    id: UUID
    alarm_id: UUID
    personil_id: UUID
    ring: int
    state: str
    at: str
    received: bool


class Responder(msgspec.Struct, frozen=True):
    alarm_id: UUID
    personil_id: UUID
    state: str
    accepted_at: str
    released_at: str | None


class Duty(msgspec.Struct, frozen=True):
    personil_id: UUID
    availability: str
    alarm_id: UUID | None


class Picture(msgspec.Struct, frozen=True):
    """All that the rules look at, after one step. Deadlines are seconds since 1970."""

    alarms: tuple[Alarm, ...] = ()
    offers: tuple[Offer, ...] = ()
    responders: tuple[Responder, ...] = ()
    duty: tuple[Duty, ...] = ()
    pressed: frozenset[UUID] = frozenset()
    sos: frozenset[UUID] = frozenset()
    broken: tuple[tuple[int, str], ...] = ()
    deadline: float | None = None
    job: float | None = None

    @property
    def findings(self) -> list[str]:
        names = list(_RULES)
        return [names[rule] for rule, _ in self.broken]


_decode = msgspec.json.Decoder(Picture)


async def look(sql: Connection) -> Picture:
    """One round trip after each step."""
    told: Any = await sql.fetchval(_LOOK)
    return _decode.decode(told)


_JOBS = """
SELECT id, kind, attempts, payload::text, extract(epoch FROM run_at)::float8 AS run_at FROM outbox
"""


class Promised(msgspec.Struct, frozen=True):
    id: int
    kind: str
    attempts: int
    payload: dict[str, Any]
    run_at: float


async def jobs(sql: Connection) -> dict[int, Promised]:
    """What the outbox promises, by id."""
    return {
        row["id"]: Promised(row["id"], row["kind"], row["attempts"],
                            msgspec.json.decode(row["payload"]), row["run_at"])
        for row in await sql.fetch(_JOBS)
    }  # fmt: skip
