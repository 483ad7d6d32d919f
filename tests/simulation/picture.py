"""What the database holds at one moment: all that the rules look at, and the journal so far."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

import msgspec


class Alarm(msgspec.Struct, frozen=True):
    """`print` is what its row says, but for the version; `climb_s` in seconds since 1970."""

    id: UUID
    status: str
    version: int
    print: object
    reporter_role: str | None
    placed: bool
    call_held: bool
    climbed: int
    climb_s: float | None
    closed: bool
    merged: bool
    cancelled: bool
    duress: bool
    acknowledged: bool
    unanswered: bool


class Offer(msgspec.Struct, frozen=True):
    """Times are seconds since 1970."""

    id: UUID
    alarm_id: UUID
    personil_id: UUID
    ring: int
    state: str
    print: object
    at_s: float
    expires_s: float
    receive_by_s: float
    answered_s: float | None
    received: bool
    unreached: bool


class Responder(msgspec.Struct, frozen=True):
    """Times are seconds since 1970."""

    alarm_id: UUID
    personil_id: UUID
    part: str
    state: str
    print: object
    accepted_s: float
    released_s: float | None
    reported: bool

    @property
    def active(self) -> bool:
        return self.state != "released"


class Duty(msgspec.Struct, frozen=True):
    personil_id: UUID
    availability: str
    alarm_id: UUID | None


class Line(msgspec.Struct, frozen=True):
    """One entry of the journal."""

    id: int
    kind: str
    alarm_id: UUID
    offer_id: UUID | None
    personil_id: UUID | None


class Promised(msgspec.Struct, frozen=True):
    """One job of the outbox."""

    id: int
    kind: str
    attempts: int
    payload: dict[str, Any]
    run_at: float


class Picture(msgspec.Struct, frozen=True, dict=True):
    """All that the rules look at, after one step; `jobs` where a worker serves the outbox."""

    alarms: tuple[Alarm, ...] = ()
    offers: tuple[Offer, ...] = ()
    responders: tuple[Responder, ...] = ()
    duty: tuple[Duty, ...] = ()
    places: tuple[tuple[UUID, bool | None], ...] = ()
    aliases: tuple[UUID, ...] = ()
    jobs: tuple[Promised, ...] = ()

    @cached_property
    def deadline(self) -> float | None:
        """The next one that somebody waits for, in seconds since 1970."""
        asked = [offer for offer in self.offers if offer.state == "open"]
        unheard = (o for o in asked if not (o.received or o.unreached))
        climbs = (alarm.climb_s for alarm in self.alarms if alarm.climb_s is not None)
        ends = (offer.expires_s for offer in asked)
        return min((*ends, *(offer.receive_by_s for offer in unheard), *climbs), default=None)

    @cached_property
    def pressed(self) -> frozenset[UUID]:
        return frozenset({*(alarm.id for alarm in self.alarms), *self.aliases})

    @cached_property
    def job(self) -> float | None:
        """When the next job is due, in seconds since 1970."""
        return min((job.run_at for job in self.jobs), default=None)

    @cached_property
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
        self._judged: dict[UUID, tuple[object, int]] = {}

    def read(self, fresh: tuple[Line, ...]) -> None:
        for line in fresh:
            self.last = line.id
            self.of_alarm[line.alarm_id].append(line)
            if line.offer_id is not None:
                self.of_offer[line.offer_id].append(line)

    def is_new(self, row: Alarm | Offer, lines: Sequence[Line]) -> bool:
        """False when row and lines are those of the last time, so that what was found then holds.

        A row that says the same is the same value (`rows`), and lines are only ever added.
        """
        before = self._judged.get(row.id)
        self._judged[row.id] = (row, len(lines))
        return before is None or before[0] is not row or before[1] != len(lines)
