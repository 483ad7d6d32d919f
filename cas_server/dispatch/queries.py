"""Who could be called, and what a ring's decision writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cas_server.db.session import ReadSession, Session
from cas_server.dispatch.policy import LAST_RING, LEFT_FOR, Candidate, Plan
from cas_server.kit.geo import Position

NO_POSITION_M = 1_000_000.0
"""Stands for the distance of somebody on duty whose phone has not said where it is."""

# What this alarm, $4, has asked of a candidate p; and of one that has not called anybody yet.
_ASKED = """
    EXISTS (SELECT FROM offer o WHERE o.alarm_id = $4 AND o.personil_id = p.id) AS asked,
    EXISTS (SELECT FROM offer o WHERE o.alarm_id = $4 AND o.personil_id = p.id
        AND o.ring >= LAST_RING) AS asked_last,
    EXISTS (SELECT FROM offer o WHERE o.alarm_id = $4 AND o.personil_id = p.id
        AND o.state = 'declined') AS declined,
    EXISTS (SELECT FROM responder r WHERE r.alarm_id = $4 AND r.personil_id = p.id
        AND r.state <> 'released') AS on_it,
    EXISTS (SELECT FROM responder r WHERE r.alarm_id = $4 AND r.personil_id = p.id
        AND r.released_at > $3 - make_interval(secs => LEFT_S)) AS left_lately
""".replace("LEFT_S", str(LEFT_FOR.total_seconds())).replace("LAST_RING", str(LAST_RING))
_UNASKED = "false AS asked, false AS declined"

# Columns of a candidate for an alarm at $1 (lon), $2 (lat), judged at $3, for alarm $4.
_FACTS = """
    p.id AS personil_id, p.name, p.skills, d.availability, d.alarm_id IS NOT NULL AS on_alarm,
    d.satuan_path AS personil_path, l.accuracy_m, coalesce(l.mock, false) AS mock,
    coalesce(ST_Distance(l.at::geography, ST_SetSRID(ST_MakePoint($1, $2), 4326)::geography),
             1000000) AS distance_m,
    coalesce(extract(epoch FROM $3 - l.fixed_at), 1000000)::float8 AS age_s,
    (SELECT count(*) FROM offer o WHERE o.personil_id = p.id AND o.answered_at IS NULL
        AND o.alarm_id <> $4) AS pending_offers,
"""

# Degrees find and order with the index, with a margin; metres on the spheroid decide (policy).
# The nearest of all show who was passed over; the nearest available are who can be called.
_NEAR = """
FROM (
    SELECT DISTINCT ON (personil_id) * FROM (
        (SELECT personil_id, at, accuracy_m, mock, fixed_at FROM last_position
         WHERE satuan_path ^@ ANY (ARRAY(SELECT path FROM polres))
         ORDER BY indexed_at <-> ST_SetSRID(ST_MakePoint($1, $2), 4326) LIMIT 8)
        UNION ALL
        (SELECT personil_id, at, accuracy_m, mock, fixed_at FROM last_position
         WHERE available AND satuan_path ^@ ANY (ARRAY(SELECT path FROM polres))
         ORDER BY indexed_at <-> ST_SetSRID(ST_MakePoint($1, $2), 4326) LIMIT 16)
    ) twice ORDER BY personil_id
) l
JOIN duty d USING (personil_id)
JOIN personil p ON p.id = personil_id
"""
NEAREST_UNASKED = f"SELECT {_FACTS} {_UNASKED} {_NEAR}"

_NEAREST_OF_POLRES = f"""
WITH polres AS (SELECT unnest($5::text[]) AS path) SELECT {_FACTS} {_ASKED} {_NEAR}
"""

_ALL_ON_DUTY = f"""
SELECT {_FACTS} {_ASKED}
FROM duty d JOIN personil p ON p.id = d.personil_id
LEFT JOIN last_position l ON l.personil_id = d.personil_id
WHERE starts_with(d.satuan_path, $5)
"""  # noqa: S608 - constants of this module only

# A ring's decision; for a new alarm it is written with the alarm, in one statement.
_RING = """
offers AS (
    INSERT INTO offer (id, alarm_id, personil_id, ring, state, offered_at, expires_at, receive_by,
                       distance_m)
    SELECT o.id, $1, o.personil_id, $2, 'open', $3, $4, $5, o.distance_m
    FROM unnest($6::uuid[], $7::uuid[], $8::float8[]) AS o (id, personil_id, distance_m)
    WHERE {only_if}
    ON CONFLICT (alarm_id, personil_id, ring) DO NOTHING
), pushes AS (
    INSERT INTO outbox (kind, payload, created_at, run_at)
    SELECT job.kind, job.payload::jsonb, $3, $3
    FROM unnest($9::text[], $10::text[]) AS job (kind, payload) WHERE {only_if}
), decided AS (
    INSERT INTO decision (alarm_id, ring, decided_at, radius_m, candidates)
    SELECT $1, $2, $3, $11, $12::text::jsonb WHERE {only_if}
)"""
_ENTRIES = """
SELECT $3, entry.kind, $1, $13::uuid, $14, entry.payload::jsonb
FROM unnest($15::text[], $16::text[]) AS entry (kind, payload) WHERE {only_if}
"""
RING_ARGUMENTS = 16
RING_OF_NEW = _RING.format(only_if="EXISTS (SELECT FROM made)")
ENTRIES_OF_NEW = _ENTRIES.format(only_if="EXISTS (SELECT FROM made)")
_STORE_RING = f"""
WITH {_RING.format(only_if="true")}
INSERT INTO journal (at, kind, alarm_id, actor_id, satuan_path, payload)
{_ENTRIES.format(only_if="true")}
"""

_DECISIONS = """
SELECT ring, decided_at, radius_m, candidates::text FROM decision WHERE alarm_id = $1 ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class RingRecord:
    """Everything one ring's decision writes, in one statement.

    `pushes` are outbox kinds with JSON payloads, `entries` journal kinds with JSON payloads.
    """

    alarm_id: UUID
    plan: Plan
    offer_ids: Sequence[UUID]
    now: datetime
    expires_at: datetime
    receive_by: datetime
    pushes: Sequence[tuple[str, dict[str, Any]]]
    entries: Sequence[tuple[str, dict[str, Any]]]
    actor_id: UUID | None
    satuan_path: str


def candidate_of(row: Any) -> Candidate:
    """A row of NEAREST or its kin as a Candidate."""
    return Candidate(
        personil_id=row["personil_id"],
        name=row["name"],
        distance_m=row["distance_m"],
        accuracy_m=row["accuracy_m"] or 0.0,
        age_s=max(row["age_s"], 0.0),
        satuan_path=row["personil_path"],
        skills=frozenset(row["skills"]),
        available=row["availability"] == "available",
        on_break=row["availability"] == "break",
        on_alarm=row["on_alarm"],
        mock=row["mock"],
        asked=row["asked"],
        asked_last=row.get("asked_last", False),
        declined=row["declined"],
        on_it=row.get("on_it", False),
        left_lately=row.get("left_lately", False),
        pending_offers=row["pending_offers"],
    )


async def nearest(
    session: ReadSession, to: Position, alarm_id: UUID, now: datetime, polres_paths: list[str]
) -> list[Candidate]:
    """The Personil on duty nearest to `to` in these Polres: 16 available, and 8 of any kind."""
    rows = await session.sql.fetch(_NEAREST_OF_POLRES, to.lon, to.lat, now, alarm_id, polres_paths)
    return [candidate_of(row) for row in rows]


async def all_on_duty(
    session: ReadSession, to: Position, alarm_id: UUID, now: datetime, polres_path: str
) -> list[Candidate]:
    """Everybody on duty in one Polres, also those who have not said where they are."""
    rows = await session.sql.fetch(_ALL_ON_DUTY, to.lon, to.lat, now, alarm_id, polres_path)
    return [candidate_of(row) for row in rows]


async def store_ring(session: Session, record: RingRecord) -> None:
    """Write a ring's offers, pushes, decision and journal entries; the bell rings after commit."""
    await session.sql.execute(_STORE_RING, *ring_arguments(record))
    session.rings_bell = True


def ring_arguments(record: RingRecord) -> tuple[Any, ...]:
    """What the ring's part of a statement is given, $1 to $16."""
    chosen = record.plan.chosen
    return (
        record.alarm_id,
        record.plan.ring,
        record.now,
        record.expires_at,
        record.receive_by,
        list(record.offer_ids),
        [candidate.personil_id for candidate in chosen],
        [candidate.distance_m for candidate in chosen],
        [kind for kind, _ in record.pushes],
        [_json(payload) for _, payload in record.pushes],
        record.plan.radius_m,
        _json(_reasons(record.plan)),
        record.actor_id,
        record.satuan_path,
        [kind for kind, _ in record.entries],
        [_json(payload) for _, payload in record.entries],
    )


def _reasons(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "personil_id": weighed.candidate.personil_id,
            "name": weighed.candidate.name,
            "distance_m": round(weighed.candidate.distance_m, 1),
            "score": weighed.score,
            "parts": weighed.parts,
            "chosen": weighed.chosen,
            "reason": weighed.reason,
        }
        for weighed in plan.weighed
    ]


def _json(payload: object) -> str:
    return msgspec.json.encode(payload).decode()


async def decisions(session: ReadSession, alarm_id: UUID) -> list[Any]:
    """Rows (ring, decided_at, radius_m, candidates as JSON), the earliest first."""
    return list(await session.sql.fetch(_DECISIONS, alarm_id))
