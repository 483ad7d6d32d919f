"""Alarms in SQL: what a press writes, and every later change under the row lock."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cas_server.alarm.meeting import Situation
from cas_server.alarm.views import PositionSource
from cas_server.db.session import Session
from cas_server.dispatch import queries as ring
from cas_server.dispatch.policy import Rules
from cas_server.dispatch.queries import RingRecord
from cas_server.identity.views import Verification
from cas_server.kit.geo import Position

_HERE = "ST_SetSRID(ST_MakePoint($1, $2), 4326)"

# The row, the first line of its story, and the waking of the command centre's browsers.
_MADE = """
made AS (
INSERT INTO alarm (id, kind, silent, note, demo, raised_at, pressed_at, battery_percent,
    reporter_account_id, reporter_role, reporter_name, reporter_phone, site_id, channel,
    at, accuracy_m, position_source, position_at, satuan_id, satuan_path, wilayah_code,
    wilayah_name, ring, next_check_at, climb_at, verification, press_key_id, nonce, late_s,
    clock_off_s, suspicion_level, suspicion_reasons, network, call_held, acknowledged_at,
    acknowledged_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    ST_SetSRID(ST_MakePoint($15, $16), 4326), $17, $18, $19, $20, $21, $22, $23, 1,
    $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36)
ON CONFLICT (id) DO NOTHING RETURNING id, raised_at, satuan_path
), woken AS (
    INSERT INTO outbox (kind, payload, created_at, run_at)
    SELECT 'push.desk', $39::jsonb, raised_at, raised_at FROM made
)"""
_RAISED = """
SELECT raised_at, 'alarm.raised', id, $37::uuid, satuan_path, $38::jsonb FROM made
"""
_TOLD = "told AS (INSERT INTO journal (at, kind, alarm_id, actor_id, satuan_path, payload) {})"
_INSERT = f"WITH {_MADE}, {_TOLD.format(_RAISED)} SELECT id FROM made"  # noqa: S608 - constants


def _after_the_ring(sql: str) -> str:
    """The same statement, its arguments numbered on from those of a ring."""
    return re.sub(r"\$(\d+)", lambda found: f"${int(found[1]) + ring.RING_ARGUMENTS}", sql)


# One statement, for a press waits for each; what was raised stands before what was called.
_INSERT_AND_CALL = f"""
WITH {_after_the_ring(_MADE)}, {ring.RING_OF_NEW},
{_TOLD.format(f"{_after_the_ring(_RAISED)} UNION ALL {ring.ENTRIES_OF_NEW}")}
SELECT id FROM made
"""  # noqa: S608 - constants of this module and of the ring's

_LOCK = """
SELECT a.id, a.version, a.status, a.ring, a.raised_at, a.climb_at, a.climbed, a.demo, a.kind,
       a.acknowledged_at, a.unanswered_at, a.cancelled_at, a.duress_at, a.closed_at,
       a.backup_asked_at, a.backups_more,
       a.reporter_account_id, a.verification, a.call_held, a.satuan_id, a.satuan_path,
       a.merged_into, a.silent,
       EXISTS (SELECT FROM alarm_handover h WHERE h.alarm_id = a.id) AS handed,
       s.polres_path, s.effective::text, a.position_source,
       ST_X(a.at) AS lon, ST_Y(a.at) AS lat, a.accuracy_m,
       (SELECT holder_id FROM account WHERE id = a.reporter_account_id AND role = 'personil')
           AS in_danger
FROM alarm a JOIN satuan s ON s.id = a.satuan_id
WHERE a.id = coalesce((SELECT alarm_id FROM alarm_alias WHERE id = $1), $1)
FOR UPDATE OF a
"""
_JOIN = "INSERT INTO alarm_alias (id, alarm_id, pressed_at) VALUES ($1, $2, $3)"
_UNFOLD = "DELETE FROM alarm_alias WHERE id = $1"
_ADD_FIXES = """
INSERT INTO alarm_fix (alarm_id, at, accuracy_m, fixed_at, received_at)
SELECT $1, ST_SetSRID(ST_MakePoint(f.lon, f.lat), 4326), f.accuracy_m, f.fixed_at, $2
FROM unnest($3::float8[], $4::float8[], $5::float8[], $6::timestamptz[])
     AS f (lon, lat, accuracy_m, fixed_at)
ON CONFLICT DO NOTHING
"""
# A batch from a phone that was offline may come after a younger fix. A fix from the future is of a
# phone whose clock is wrong, and must not keep the alarm in its place.
_MOVE = f"""
UPDATE alarm SET at = {_HERE}, accuracy_m = $3, position_at = $5
WHERE id = $4 AND NOT EXISTS (
    SELECT FROM alarm_fix WHERE alarm_id = $4 AND fixed_at > $5
      AND fixed_at <= received_at + interval '1 minute')
"""  # noqa: S608 - constants of this module only
# Said twice by a phone that heard no answer, it stands there once.
_ADD_NOTE = """
UPDATE alarm SET note = concat_ws(E'\n', note, $2::text)
WHERE id = $1 AND (note IS NULL OR NOT $2 = ANY(string_to_array(note, E'\n')))
    AND length(coalesce(note, '')) + length($2) < 4000
RETURNING id
"""
_ESCALATE = """
INSERT INTO escalation (alarm_id, at, reason, satuan_id, role)
SELECT $1, $2, $3, id, $5 FROM satuan WHERE path = $4
"""
# Thousands of phones may say so at once, so it is one statement; the alarm is locked first, as
# everywhere, and only by the first of the receipts for an offer.
_RECEIVE = """
WITH own AS (SELECT alarm_id FROM offer WHERE id = $1 AND personil_id = $2),
held AS (
    SELECT a.id, a.satuan_path FROM alarm a
    WHERE a.id = (SELECT alarm_id FROM own) AND EXISTS (
        SELECT FROM offer WHERE id = $1 AND received_at IS NULL)
    FOR UPDATE
), received AS (
    UPDATE offer SET received_at = $3 FROM held
    WHERE offer.id = $1 AND received_at IS NULL RETURNING held.id, held.satuan_path
), changed AS (
    UPDATE alarm SET version = version + 1 FROM received WHERE alarm.id = received.id
), told AS (
    INSERT INTO journal (at, kind, alarm_id, satuan_path, payload)
    SELECT $3, 'offer.received', id, satuan_path,
           jsonb_build_object('offer_id', $1::text, 'personil_id', $2::text)
    FROM received RETURNING id
)
SELECT EXISTS (SELECT FROM own) AS known, EXISTS (SELECT FROM told) AS fresh
"""


@dataclass(frozen=True, slots=True)
class NewAlarm:
    """One row to be, in the order of the columns."""

    id: UUID
    kind: str
    silent: bool
    note: str | None
    demo: bool
    raised_at: datetime
    pressed_at: datetime | None
    battery_percent: int | None
    reporter_account_id: UUID | None
    reporter_role: str
    reporter_name: str
    reporter_phone: str | None
    site_id: UUID | None
    channel: str
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    position_source: str
    position_at: datetime | None
    satuan_id: UUID
    satuan_path: str
    wilayah_code: str | None
    wilayah_name: str | None
    next_check_at: datetime
    climb_at: datetime | None
    verification: Verification
    press_key_id: UUID | None = None
    nonce: str | None = None
    late_s: int | None = None
    clock_off_s: int | None = None
    suspicion_level: int = 0
    suspicion_reasons: Sequence[str] = ()
    network: str | None = None
    call_held: bool = False
    acknowledged_at: datetime | None = None
    acknowledged_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A position, and how it is known."""

    at: Position
    source: PositionSource


_NEW_ALARM_FIELDS = tuple(field.name for field in fields(NewAlarm))


@dataclass(frozen=True, slots=True)
class Locked:
    """An alarm held by this transaction."""

    id: UUID
    version: int
    status: str
    ring: int
    raised_at: datetime
    climb_at: datetime | None
    climbed: int
    demo: bool
    kind: str
    acknowledged_at: datetime | None
    unanswered_at: datetime | None
    cancelled_at: datetime | None
    duress_at: datetime | None
    closed_at: datetime | None
    backup_asked_at: datetime | None
    backups_more: int
    reporter_account_id: UUID | None
    verification: str
    call_held: bool
    satuan_id: UUID
    satuan_path: str
    merged_into: UUID | None
    """The alarm of the same event that leads for this one."""
    silent: bool
    handed: bool
    """One desk gave it to another's: where it is does not take it from there again."""
    polres_path: str
    in_danger: UUID | None
    """The Personil who pressed, if one did."""
    position_source: PositionSource
    rules: Rules
    at: Position | None

    @property
    def rings_again(self) -> bool:
        """True when the desk has to act although it has acknowledged."""
        return self.unanswered_at is not None or self.backup_asked_at is not None

    @property
    def backups(self) -> int:
        """Places beside the primary's."""
        return self.rules.places(self.in_danger) + self.backups_more


def one_press_at_a_time(account_id: UUID) -> str:
    """First statement of a press: those of one account follow each other until their commit.

    Two of one person at once would not see each other's alarm.
    """
    return f"SELECT pg_advisory_xact_lock(hashtextextended('{account_id}', 1))"


async def insert(
    session: Session, alarm: NewAlarm, actor_id: UUID | None, called: RingRecord | None = None
) -> bool:
    """True when it is new: then its story has begun, and the ring is `called`.

    A repeat of the same id changes nothing.
    """
    columns = [getattr(alarm, name) for name in _NEW_ALARM_FIELDS]
    facts = {"kind": alarm.kind, "channel": alarm.channel, "source": alarm.position_source,
             "verification": alarm.verification}  # fmt: skip
    wake = {"alarm_id": str(alarm.id), "version": 1, "satuan_path": alarm.satuan_path,
            "reason": "raised"}  # fmt: skip
    payloads = [msgspec.json.encode(payload).decode() for payload in (facts, wake)]
    arguments = (*columns, actor_id, *payloads)
    session.rings_bell = True
    if called is None:
        return await session.sql.fetchval(_INSERT, *arguments) is not None
    both = (*ring.ring_arguments(called), *arguments)
    return await session.sql.fetchval(_INSERT_AND_CALL, *both) is not None


async def lock(session: Session, alarm_id: UUID) -> Locked | None:
    """Hold one alarm, by its own id or by one that joined it; None when there is none."""
    row = await session.sql.fetchrow(_LOCK, alarm_id)
    if row is None:
        return None
    facts: dict[str, Any] = dict(row)
    lon, lat, accuracy_m = facts.pop("lon"), facts.pop("lat"), facts.pop("accuracy_m")
    rules = Rules.of(facts.pop("effective"))
    at = None if lon is None else Position(lat, lon, accuracy_m or 0.0)
    return Locked(**facts, rules=rules, at=at)


async def change(session: Session, alarm: Locked, **columns: object) -> None:
    """Write columns of a locked alarm and raise its version by one."""
    names = list(columns)
    assignments = "".join(f", {name} = ${number}" for number, name in enumerate(names, start=2))
    await session.sql.execute(
        f"UPDATE alarm SET version = version + 1{assignments} WHERE id = $1",  # noqa: S608 - names are keywords of this code, never input
        alarm.id,
        *columns.values(),
    )


async def place(
    session: Session, alarm: Locked, there: Placed, fixed_at: datetime, satuan: Situation
) -> None:
    """Say where an alarm is that was nowhere or elsewhere, and the Satuan that covers it."""
    ground = {"satuan_id": satuan.satuan_id, "satuan_path": satuan.satuan_path}
    await change(session, alarm, **({} if alarm.handed else ground),
                 wilayah_code=satuan.wilayah_code, wilayah_name=satuan.wilayah_name,
                 position_source=there.source)  # fmt: skip
    await move(session, alarm.id, there.at, fixed_at)


async def move(session: Session, alarm_id: UUID, at: Position, fixed_at: datetime | None) -> None:
    """Set where a locked alarm is now, unless a younger fix has said so already."""
    await session.sql.execute(_MOVE, at.lon, at.lat, at.accuracy_m, alarm_id, fixed_at)


async def add_note(session: Session, alarm: Locked, note: str) -> bool:
    """Add a line to what the reporter said; False when it was said before."""
    return await session.sql.fetchval(_ADD_NOTE, alarm.id, note) is not None


async def join(session: Session, press_id: UUID, alarm_id: UUID, now: datetime) -> None:
    """Remember that a press of another id became part of an open alarm."""
    await session.sql.execute(_JOIN, press_id, alarm_id, now)


async def claim(session: Session, alarm: Locked, proved: NewAlarm) -> None:
    """Give an alarm that was raised without proof the account that has now proved itself."""
    names = ("reporter_account_id", "reporter_role", "reporter_name", "reporter_phone", "demo",
             "kind", "silent", "note", "pressed_at", "site_id", "verification", "press_key_id",
             "nonce", "late_s", "clock_off_s", "suspicion_level", "suspicion_reasons", "network",
             "call_held")  # fmt: skip
    await change(session, alarm, **{name: getattr(proved, name) for name in names})


async def unfold(session: Session, press_id: UUID) -> None:
    """Let an id that was folded away raise an alarm of its own; that it was folded stays known."""
    await session.sql.execute(_UNFOLD, press_id)


async def add_fixes(
    session: Session,
    alarm_id: UUID,
    fixes: list[tuple[Position, datetime]],
    now: datetime,
) -> None:
    """Keep where the person in danger was; a fix of the same time is kept once."""
    await session.sql.execute(
        _ADD_FIXES,
        alarm_id,
        now,
        [position.lon for position, _ in fixes],
        [position.lat for position, _ in fixes],
        [position.accuracy_m for position, _ in fixes],
        [fixed_at for _, fixed_at in fixes],
    )


async def escalate(
    session: Session, alarm_id: UUID, at: datetime, reason: str, satuan_path: str, role: str
) -> None:
    """Write down that staff of a Satuan were told."""
    await session.sql.execute(_ESCALATE, alarm_id, at, reason, satuan_path, role)


async def receive(session: Session, personil_id: UUID, offer_id: UUID, now: datetime) -> bool:
    """Note that a Personil's own offer is on the screen; False when it is not theirs."""
    row = await session.sql.fetchrow(_RECEIVE, offer_id, personil_id, now)
    assert row is not None, "it has no FROM"
    session.rings_bell |= row["fresh"]
    return bool(row["known"])
