"""SQL of duty, and of the picture of who is where."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.kit.slices import made_in_slices
from cas_server.kit.wire import Place
from cas_server.presence.views import Availability, DutyStretch, DutyView, PersonilView

# A repeat only changes the availability, and not even that while on an alarm.
_BEGIN = """
INSERT INTO duty AS d (personil_id, satuan_path, since, availability)
SELECT p.id, s.path, $3, $2 FROM personil p JOIN satuan s ON s.id = p.satuan_id WHERE p.id = $1
ON CONFLICT (personil_id) DO UPDATE SET
    availability = CASE WHEN d.alarm_id IS NULL THEN $2 ELSE d.availability END
RETURNING satuan_path, since, availability, alarm_id
"""

_DUTY = "SELECT satuan_path, since, availability, alarm_id FROM duty WHERE personil_id = $1"
_DUTIES = """
SELECT personil_id, satuan_path, since, availability, alarm_id FROM duty
WHERE personil_id = ANY ($1)
"""
_LOCKED = _DUTY + " FOR UPDATE"
_END = "DELETE FROM duty WHERE personil_id = $1"
_DELETE_POSITION = "DELETE FROM last_position WHERE personil_id = $1"

_BEGIN_STRETCH = """
INSERT INTO duty_stretch (personil_id, satuan_path, began_at) VALUES ($1, $2, $3)
"""
_END_STRETCH = """
UPDATE duty_stretch SET ended_at = $2
WHERE personil_id = $1 AND began_at = $3 AND ended_at IS NULL
"""
_STRETCHES = """
SELECT began_at, ended_at FROM duty_stretch
WHERE personil_id = $1 AND began_at < $2 ORDER BY began_at DESC LIMIT $3
"""

_OCCUPY = """
UPDATE duty SET alarm_id = $2, alarm_since = $3, availability = 'busy'
WHERE personil_id = $1 AND alarm_id IS DISTINCT FROM $2
RETURNING satuan_path, since, availability, alarm_id
"""

# Those who serve another alarm by now are left alone.
_FREE = """
UPDATE duty SET alarm_id = NULL, alarm_since = NULL, availability = 'available'
WHERE personil_id = $1 AND alarm_id = $2
RETURNING satuan_path, since, availability, alarm_id
"""

# The nearest search reads availability beside the position. changed_at moves too: watchers see it.
_SHOW_AVAILABLE = """
UPDATE last_position SET available = $2, changed_at = $3 WHERE personil_id = $1
"""

_PERSONIL = """
SELECT d.personil_id, d.satuan_path, d.since, p.name, p.rank, p.satuan_id,
       s.name AS satuan_name, p.skills, p.demo, d.availability, d.alarm_id,
       ST_Y(l.at) AS lat, ST_X(l.at) AS lon, l.accuracy_m, l.speed_mps, l.heading_deg,
       l.battery_percent, l.fixed_at, l.mock, l.changed_at
FROM duty d
JOIN personil p ON p.id = d.personil_id
JOIN satuan s ON s.id = p.satuan_id
"""

_ON_DUTY = f"""{_PERSONIL}
LEFT JOIN last_position l ON l.personil_id = d.personil_id
WHERE starts_with(d.satuan_path, $1)
ORDER BY d.personil_id
"""

_SEVERAL = f"""{_PERSONIL}
LEFT JOIN last_position l ON l.personil_id = d.personil_id
WHERE d.personil_id = ANY($1)
"""

_CHANGED_SINCE = f"""{_PERSONIL}
JOIN last_position l ON l.personil_id = d.personil_id
WHERE l.changed_at > $1
"""


@dataclass(frozen=True, slots=True)
class Duty:
    """A Personil's duty as stored."""

    satuan_path: str
    since: datetime
    availability: Availability
    alarm_id: UUID | None

    def view(self) -> DutyView:
        return DutyView(
            on_duty=True,
            since=self.since,
            availability=self.availability,
            alarm_id=self.alarm_id,
        )


OFF_DUTY = DutyView(on_duty=False, since=None, availability=None, alarm_id=None)


def _duty(row: Any) -> Duty | None:
    return None if row is None else _some_duty(row)


def _some_duty(row: Any) -> Duty:
    availability = Availability(row["availability"])
    return Duty(row["satuan_path"], row["since"], availability, row["alarm_id"])


async def duty_of(session: ReadSession, personil_id: UUID) -> Duty | None:
    """The duty of a Personil, or None when off duty."""
    return _duty(await session.sql.fetchrow(_DUTY, personil_id))


async def duty_views(session: ReadSession, personil_ids: Sequence[UUID]) -> dict[UUID, DutyView]:
    """The duty of each of these Personil, as they see it themselves; OFF_DUTY for the others."""
    rows = await session.sql.fetch(_DUTIES, personil_ids)
    found = {row["personil_id"]: _some_duty(row).view() for row in rows}
    return {personil_id: found.get(personil_id, OFF_DUTY) for personil_id in personil_ids}


async def duty_locked(session: Session, personil_id: UUID) -> Duty | None:
    """The same, and nobody changes or ends it until the commit."""
    return _duty(await session.sql.fetchrow(_LOCKED, personil_id))


async def begin(
    session: Session, personil_id: UUID, availability: Availability, now: datetime
) -> Duty | None:
    """Go on duty or change availability; None when there is no such Personil."""
    duty = _duty(await session.sql.fetchrow(_BEGIN, personil_id, availability.value, now))
    if duty is not None:
        await _show_available(session, personil_id, duty, now)
    return duty


async def begin_stretch(session: Session, personil_id: UUID, duty: Duty) -> None:
    """Remember since when; duty itself forgets it when it ends."""
    await session.sql.execute(_BEGIN_STRETCH, personil_id, duty.satuan_path, duty.since)


async def end_stretch(session: Session, personil_id: UUID, duty: Duty, now: datetime) -> None:
    await session.sql.execute(_END_STRETCH, personil_id, now, duty.since)


async def stretches(
    session: ReadSession, personil_id: UUID, before: datetime, most: int
) -> list[DutyStretch]:
    """A Personil's stretches of duty that began before a time, the newest first."""
    rows = await session.sql.fetch(_STRETCHES, personil_id, before, most)
    return [DutyStretch(**row) for row in rows]


async def end(session: Session, personil_id: UUID) -> None:
    """Forget duty, then the live position: a fix on its way either waits or finds no duty."""
    await session.sql.execute(_END, personil_id)
    await session.sql.execute(_DELETE_POSITION, personil_id)


async def occupy(session: Session, personil_id: UUID, alarm_id: UUID, now: datetime) -> Duty | None:
    """Bind a Personil to an alarm; None when off duty or bound to it already."""
    duty = _duty(await session.sql.fetchrow(_OCCUPY, personil_id, alarm_id, now))
    if duty is not None:
        await _show_available(session, personil_id, duty, now)
    return duty


async def free(session: Session, personil_id: UUID, alarm_id: UUID, now: datetime) -> Duty | None:
    """Release a Personil from an alarm; None when not bound to it."""
    duty = _duty(await session.sql.fetchrow(_FREE, personil_id, alarm_id))
    if duty is not None:
        await _show_available(session, personil_id, duty, now)
    return duty


async def _show_available(session: Session, personil_id: UUID, duty: Duty, now: datetime) -> None:
    available = duty.availability is Availability.AVAILABLE
    await session.sql.execute(_SHOW_AVAILABLE, personil_id, available, now)


def _personil(row: Any) -> PersonilView:
    position = None
    if row["lat"] is not None:
        position = Place(lat=row["lat"], lon=row["lon"], accuracy_m=row["accuracy_m"])
    return PersonilView(
        personil_id=row["personil_id"],
        name=row["name"],
        rank=row["rank"],
        satuan_id=row["satuan_id"],
        satuan_name=row["satuan_name"],
        satuan_path=row["satuan_path"],
        skills=row["skills"],
        availability=row["availability"],
        alarm_id=row["alarm_id"],
        position=position,
        speed_mps=row["speed_mps"],
        heading_deg=row["heading_deg"],
        battery_percent=row["battery_percent"],
        fixed_at=row["fixed_at"],
        mock=bool(row["mock"]),
        demo=row["demo"],
    )


async def on_duty(session: ReadSession, satuan_path: str = "") -> list[PersonilView]:
    """Everybody on duty at a Satuan and below, with or without a position."""
    return await made_in_slices(_personil, await session.sql.fetch(_ON_DUTY, satuan_path))


@dataclass(frozen=True, slots=True)
class Shown:
    """A Personil on duty as the command centre sees them, and as they see their own duty."""

    view: PersonilView
    duty: DutyView


async def on_duty_among(session: ReadSession, personil_ids: Collection[UUID]) -> dict[UUID, Shown]:
    """Those of these Personil who are on duty."""
    rows = await session.sql.fetch(_SEVERAL, personil_ids)
    return {row["personil_id"]: Shown(_personil(row), _some_duty(row).view()) for row in rows}


class Changed:
    """A Personil on duty whose row was written, and when; `view` is made when asked for."""

    __slots__ = ("_row", "changed_at", "personil_id")

    def __init__(self, row: Any) -> None:
        self.personil_id: UUID = row["personil_id"]
        self.changed_at: datetime = row["changed_at"]
        self._row = row

    def view(self) -> PersonilView:
        """As a command centre sees them."""
        return _personil(self._row)


async def changed_since(
    session: ReadSession, when: datetime, told: Mapping[UUID, datetime]
) -> list[Changed]:
    """Everybody whose live position or availability was written after `when`.

    Rows are stamped just before their commit, so a reader asks with a margin of a second or two;
    `told` are the stamps it has told already, and those are left out.

    There is no index on the stamp: it would have to be kept up with every fix, while looking
    through the whole table costs little: 5 ms for 5,000 on duty, 50 ms for 50,000 (busy two-core
    machine). What costs is showing them: 10 us for each that moved.
    """
    rows = await session.sql.fetch(_CHANGED_SINCE, when)
    return [Changed(row) for row in rows if told.get(row["personil_id"]) != row["changed_at"]]
