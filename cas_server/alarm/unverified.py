"""Presses that prove nothing: all stored, many in one transaction, shaped by their network.

Whoever comes first writes for all who wait by then, so a flood costs one connection and few
commits, and nobody who has proved themselves ever waits for it.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from cas_server.alarm import meeting, networks, press
from cas_server.alarm.intake import Press
from cas_server.alarm.meeting import Known, Whence
from cas_server.alarm.networks import Folding
from cas_server.alarm.press import Pressed
from cas_server.alarm.raising import Raising
from cas_server.alarm.shaping import (
    CALLING,
    EVERYWHERE,
    Overloaded,
    Way,
    folded_under,
    way_of_all,
    way_of_network,
)
from cas_server.db.session import Database, Session
from cas_server.errors import CasError, Unavailable
from cas_server.identity.presser import Presser
from cas_server.kit import fault
from cas_server.kit.clock import Clock
from cas_server.kit.geo import Position
from cas_server.kit.network import network_of

MOST_WAITING = 20_000
MOST_AT_ONCE = 200

log = structlog.get_logger()


@dataclass(slots=True)
class _Waiting:
    alarm_id: UUID
    presser: Presser
    wish: Press
    outcome: Pressed | Exception | None = None

    @property
    def network(self) -> str:
        return network_of(self.presser.address)

    @property
    def at(self) -> Position | None:
        return self.wish.position.position if self.wish.position else None


class Unverified:
    """The one line in which presses without proof wait for being written together."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._writing = asyncio.Lock()

    async def press(
        self, database: Database, presser: Presser, alarm_id: UUID, wish: Press
    ) -> Pressed:
        """Stored for good when this returns, like any other press."""
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded
        mine = _Waiting(alarm_id, presser, wish)
        self._waiting.append(mine)
        async with self._writing:
            while mine.outcome is None:
                await self._write(database)
        if isinstance(mine.outcome, Exception):
            raise mine.outcome
        return mine.outcome

    async def _write(self, database: Database) -> None:
        batch = self._waiting[:MOST_AT_ONCE]
        try:
            await self._store(database, batch)
        finally:
            # Whoever has no outcome, because this was given up half-way, still waits.
            self._waiting = [one for one in self._waiting if one.outcome is None]

    async def _store(self, database: Database, batch: Sequence[_Waiting]) -> None:
        try:
            async with database.transaction() as session:
                pressed = await _press_all(session, batch, self._clock())
        except Exception as error:
            if len(batch) == 1 or isinstance(error, Unavailable):
                for one in batch:
                    one.outcome = error
                return
            if not isinstance(error, CasError):
                log.warning("press.batch_failed", presses=len(batch), exc_info=error)
            # One of them cannot be stored; the others must not go down with it.
            for one in batch:
                await self._store(database, [one])
            return
        fault.point("unverified.written")
        for one in batch:
            one.outcome = pressed[one.alarm_id]


async def _press_all(
    session: Session, batch: Sequence[_Waiting], now: datetime
) -> dict[UUID, Pressed]:
    """Every press of a batch in one transaction, each id once."""
    once = {one.alarm_id: one for one in batch}
    known = await networks.known(session, list(once))
    fresh = [one for one in once.values() if one.alarm_id not in known]
    ways = await _ways(session, fresh, now) if fresh else []
    pressed: dict[UUID, Pressed] = {}
    for one in once.values():
        if one.alarm_id in known:
            pressed[one.alarm_id] = await press.press(
                session, one.presser, one.alarm_id, one.wish, now
            )
    for one, how, _ in ways:
        if how is not Way.FOLD:
            held = how is Way.HOLD
            pressed[one.alarm_id] = await _raise(session, one, now, held=held)
    folding = [(one, under) for one, how, under in ways if how is Way.FOLD]
    if folding:
        pressed |= await _fold(session, folding, now)
    return pressed


async def _ways(
    session: Session, fresh: Sequence[_Waiting], now: datetime
) -> list[tuple[_Waiting, Way, str]]:
    """What becomes of each, and under whose entry it is folded if it is."""
    by_network = Counter(one.network for one in fresh)
    reached = await networks.count(session, by_network, now)
    reached.subtract(by_network)
    own: list[tuple[_Waiting, Way]] = []
    for one in fresh:
        reached[one.network] += 1
        own.append((one, way_of_network(reached[one.network])))
    entries = sum(how is not Way.FOLD for _, how in own)
    calls = sum(how is Way.CALL for _, how in own)
    so_far = await _everywhere(session, entries, calls, now)
    ways = []
    for one, how in own:
        so_far[EVERYWHERE] += how is not Way.FOLD
        so_far[CALLING] += how is Way.CALL
        final = way_of_all(how, so_far[EVERYWHERE], so_far[CALLING])
        ways.append((one, final, folded_under(one.network, how)))
    return ways


async def _everywhere(session: Session, entries: int, calls: int, now: datetime) -> Counter[str]:
    """Entries and calls of this minute before these; nothing is asked when there are none."""
    if not entries:
        return Counter()
    more = Counter({EVERYWHERE: entries, CALLING: calls})
    reached = await networks.count(session, more, now)
    if reached[EVERYWHERE] == entries:
        await networks.forget(session, now)
    reached.subtract(more)
    return reached


async def _raise(session: Session, one: _Waiting, now: datetime, *, held: bool) -> Pressed:
    known = None
    if one.wish.position is not None and one.at is not None:
        known = Known(one.at, "gps", press.fixed_at(one.wish.position, now))
    whence = Whence(None, one.at, network=one.network)
    met = await meeting.look(session, one.alarm_id, whence, now)
    if met is None:
        raise press.no_regency()
    raising = Raising(one.alarm_id, one.presser, one.wish, known, met, now, held)
    return await press.raise_alarm(session, raising)


async def _fold(
    session: Session, folding: Sequence[tuple[_Waiting, str]], now: datetime
) -> dict[UUID, Pressed]:
    """One entry of the queue for a network, a minute and a Polres; it counts the rest."""
    whose = await networks.polres(session, [one.at for one, _ in folding])
    if not whose:
        raise press.no_regency()
    under = sorted({network for _, network in folding})
    for network in under:
        await networks.one_fold_at_a_time(session, network)
    entries = await networks.folds(session, under, now)
    pressed: dict[UUID, Pressed] = {}
    rest: list[tuple[_Waiting, UUID]] = []
    for (one, network), polres_path in zip(folding, whose, strict=True):
        entry = entries.get((network, polres_path))
        if entry is None:
            pressed[one.alarm_id] = await _raise(session, one, now, held=True)
            entries[network, polres_path] = one.alarm_id
            await networks.begin_fold(session, network, polres_path, one.alarm_id, now)
        else:
            rest.append((one, entry))
    await networks.fold(session, [_folding(one, entry) for one, entry in rest], now)
    return pressed | await _told(session, rest)


def _folding(one: _Waiting, entry: UUID) -> Folding:
    wish = one.wish
    return Folding(
        one.alarm_id, entry, wish.kind, wish.note, wish.callback_phone, one.network, one.at
    )


async def _told(session: Session, rest: Sequence[tuple[_Waiting, UUID]]) -> dict[UUID, Pressed]:
    """What each is answered: the same for all under one entry but for what was dropped of it."""
    said: dict[UUID, Pressed] = {}
    pressed: dict[UUID, Pressed] = {}
    for one, entry in rest:
        if entry not in said:
            said[entry] = await press.repeated(session, one.alarm_id)
        receipt = said[entry].receipt.model_copy(update={"dropped": list(one.wish.dropped)})
        pressed[one.alarm_id] = Pressed(receipt, created=True)
    return pressed
