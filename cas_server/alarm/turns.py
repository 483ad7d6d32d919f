"""Who presses next when more press than the database takes at once: in a flood, others come first.

Presses of accounts that have not pressed lately go first, one network after the other; what an
account presses again waits behind, one at a time. Nothing waits while there is room.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from cas_server.alarm.shaping import Overloaded

LATELY_S = 60.0
MOST_REMEMBERED = 100_000
MOST_WAITING_AGAIN = 5_000
"""Presses of accounts that are being heard already; one more is asked to come again."""
TURN_FOR_REPEATS = 4
"""While both wait, every so many-th turn is a repeat's: it, too, is answered in the end."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    account_id: UUID
    again: bool
    go: asyncio.Future[None]


class _Rounds:
    """Waiting lines, of which each in its turn lets one go."""

    def __init__(self) -> None:
        self._lines: OrderedDict[Hashable, deque[_Waiting]] = OrderedDict()
        self.count = 0

    def add(self, line: Hashable, waiting: _Waiting) -> None:
        self._lines.setdefault(line, deque()).append(waiting)
        self.count += 1

    def next(self, busy: set[UUID]) -> _Waiting | None:
        """The first of the next line whose account is not being served; None when there is none."""
        for _ in range(len(self._lines)):
            line, waiting = next(iter(self._lines.items()))
            if waiting[0].account_id in busy:
                self._lines.move_to_end(line)
                continue
            self.count -= 1
            chosen = waiting.popleft()
            if waiting:
                self._lines.move_to_end(line)
            else:
                del self._lines[line]
            return chosen
        return None


class Turns:
    """At most `places` presses at a time, of which at most a quarter repeat themselves."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._places_again = max(1, places // 4)
        self._busy: set[UUID] = set()
        self._busy_again = 0
        self._first, self._again = _Rounds(), _Rounds()
        self._lately: OrderedDict[UUID, float] = OrderedDict()
        self._turn = 0

    @asynccontextmanager
    async def of(self, account_id: UUID, network: str) -> AsyncIterator[None]:
        """Wait for a place and hold it while the block runs."""
        again = self._pressed_lately(account_id)
        if again and self._again.count >= MOST_WAITING_AGAIN:
            raise Overloaded
        waiting = _Waiting(account_id, again, asyncio.get_running_loop().create_future())
        (self._again if again else self._first).add(account_id if again else network, waiting)
        self._let_go()
        try:
            await waiting.go
            yield
        finally:
            self._leave(waiting)

    def _leave(self, waiting: _Waiting) -> None:
        if not waiting.go.done() or waiting.go.cancelled():
            # Given up while waiting; when its turn comes, it is passed over.
            waiting.go.cancel()
            return
        self._busy.discard(waiting.account_id)
        self._busy_again -= waiting.again
        self._let_go()

    def _let_go(self) -> None:
        while len(self._busy) < self._places:
            waiting = self._choose()
            if waiting is None:
                return
            if waiting.go.cancelled():
                continue
            self._busy.add(waiting.account_id)
            self._busy_again += waiting.again
            waiting.go.set_result(None)

    def _choose(self) -> _Waiting | None:
        self._turn += 1
        repeats_turn = self._turn % TURN_FOR_REPEATS == 0
        room = self._busy_again < self._places_again
        if repeats_turn and room and (chosen := self._again.next(self._busy)):
            return chosen
        return self._first.next(self._busy) or (self._again.next(self._busy) if room else None)

    def _pressed_lately(self, account_id: UUID) -> bool:
        now = time.monotonic()
        lately = self._lately
        while lately and (
            len(lately) > MOST_REMEMBERED or next(iter(lately.values())) < now - LATELY_S
        ):
            lately.popitem(last=False)
        again = account_id in lately
        lately[account_id] = now
        lately.move_to_end(account_id)
        return again
