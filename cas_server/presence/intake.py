"""Takes fixes from every connection and writes the newest of each Personil, many at a time."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

import structlog

from cas_server.db.pool import Connection
from cas_server.db.session import DATABASE_FAULTS, Database
from cas_server.kit import meters
from cas_server.kit.clock import Clock
from cas_server.kit.ending import end_if_told
from cas_server.presence import positions
from cas_server.presence.track import NEW, Fix, Reading, Track, Verdict, judge

TICK_S = 0.2
TICKS_TO_WAIT = 10
MOVED_AT_ONCE = 250
"""Rows of one statement, so that nobody stands behind thousands."""
MOST_HISTORY = 20_000
"""Fixes along alarms that wait for a database which is away; beyond that the oldest go."""

MOCK = "mock"
_COUNTED = (Verdict.OLD, Verdict.FUTURE, Verdict.IMPOSSIBLE, MOCK)
# Late or overtaken, a fix still belongs to the history; an impossible one belongs nowhere.
_HISTORIC = frozenset({Verdict.ACCEPTED, Verdict.OLD, Verdict.UNORDERED})

log = structlog.get_logger()


class Intake:
    """One per process. Its memory holds one track and at most one waiting fix per Personil."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._tracks: dict[UUID, Track] = {}
        self._newest: dict[UUID, Fix] = {}
        self._history: list[tuple[UUID, Fix]] = []
        self._on_alarm: set[UUID] = set()
        self._counts: Counter[tuple[UUID, str]] = Counter()
        self._waiting = asyncio.Event()
        self._writing = asyncio.Lock()

    def offer(self, personil_id: UUID, reading: Reading) -> Verdict:
        """Judge a fix and leave it for the next tick; never waits. A newer one replaces it."""
        track = self._tracks.get(personil_id, NEW)
        verdict, fix, self._tracks[personil_id] = judge(track, reading, self._clock())
        if verdict is Verdict.ACCEPTED:
            self._newest[personil_id] = fix
            if fix.mock:
                self._counts[personil_id, MOCK] += 1
        elif verdict is not Verdict.UNORDERED:
            self._counts[personil_id, verdict] += 1
        if verdict in _HISTORIC:
            self._history.append((personil_id, fix))
        self._waiting.set()
        return verdict

    async def take(self, personil_id: UUID, readings: Sequence[Reading]) -> list[Verdict]:
        """Offer a batch in the order of its times, and return when it is stored."""
        verdicts: dict[int, Verdict] = {}
        for index in sorted(range(len(readings)), key=lambda i: readings[i].fixed_at):
            verdicts[index] = self.offer(personil_id, readings[index])
        await self._store(personil_id)
        return [verdicts[index] for index in range(len(readings))]

    async def _store(self, personil_id: UUID) -> None:
        await self.flush()
        for _ in range(TICKS_TO_WAIT):
            if personil_id not in self._newest:
                return
            # Somebody holds the row just now; the track is stored, the live position is not yet.
            await asyncio.sleep(TICK_S)
            await self.flush()

    def forget(self, personil_id: UUID) -> None:
        """Drop what is remembered of somebody who went off duty."""
        self._tracks.pop(personil_id, None)
        self._newest.pop(personil_id, None)

    async def run(self) -> None:
        """Write once per tick while there is something to write, until cancelled."""
        while True:
            await self._waiting.wait()
            await asyncio.sleep(TICK_S)
            try:
                await self.flush()
            except DATABASE_FAULTS as error:
                end_if_told()
                waiting = len(self._newest)
                log.warning("intake.tick_failed", error=type(error).__name__, waiting=waiting)

    async def flush(self) -> None:
        """Return when everything offered so far is stored; raise when it cannot be, and keep it."""
        async with self._writing:
            self._waiting.clear()
            try:
                async with self._database.statement() as sql:
                    await self._write_positions(sql)
                    await self._write_history(sql)
                    await self._write_counts(sql)
            finally:
                if len(self._history) > MOST_HISTORY:
                    kept = [entry for entry in self._history if entry[0] in self._on_alarm]
                    self._history = kept[-MOST_HISTORY:]
                if self._newest or self._history or self._counts:
                    self._waiting.set()

    async def _write_positions(self, sql: Connection) -> None:
        fixes, self._newest = self._newest, {}
        if not fixes:
            return
        now = self._clock()
        try:
            missing = fixes.keys() - await self._move(sql, fixes, now)
            if missing:
                newcomers = {personil_id: fixes[personil_id] for personil_id in missing}
                missing -= await positions.enter(sql, newcomers, now)
            meters.FIXES_STORED.inc(len(fixes) - len(missing))
        except BaseException:
            self._newest = fixes | self._newest
            raise
        if missing:
            await self._sort_out({personil_id: fixes[personil_id] for personil_id in missing}, sql)

    async def _move(self, sql: Connection, fixes: dict[UUID, Fix], now: datetime) -> set[UUID]:
        """Some at a time: whoever presses, or asks who is near, waits a few ms for it."""
        waiting, moved = iter(fixes.items()), set[UUID]()
        while some := dict(islice(waiting, MOVED_AT_ONCE)):
            moved |= await positions.move(sql, some, now)
        return moved

    async def _sort_out(self, fixes: dict[UUID, Fix], sql: Connection) -> None:
        """What was not written: its row is held by somebody, or its Personil is off duty."""
        on_duty = await positions.on_duty_among(sql, fixes)
        for personil_id, fix in fixes.items():
            if personil_id in on_duty:
                self._newest.setdefault(personil_id, fix)
            else:
                self.forget(personil_id)

    async def _write_history(self, sql: Connection) -> None:
        history, self._history = self._history, []
        if not history:
            return
        try:
            self._on_alarm = await positions.on_alarm(sql)
            if kept := [entry for entry in history if entry[0] in self._on_alarm]:
                await positions.keep(sql, kept)
        except BaseException:
            self._history = history + self._history
            raise

    async def _write_counts(self, sql: Connection) -> None:
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        of = {
            personil_id: tuple(counts[personil_id, kind] for kind in _COUNTED)
            for personil_id, _ in counts
        }
        try:
            await positions.count(sql, of)
        except BaseException:
            self._counts.update(counts)
            raise
