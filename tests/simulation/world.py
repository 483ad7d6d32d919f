"""One schedule played: steps are sent, travel and arrive; the worker comes when it is due."""

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from uuid import UUID

from structlog.testing import capture_logs

from cas_server.alarm.admission import Admission
from cas_server.alarm.deadlines import DeadlineLoop
from cas_server.db.bell import Bell
from cas_server.errors import CasError
from cas_server.outbox import queries as outbox
from cas_server.outbox.loop import LEASE, OutboxLoop
from cas_server.push.handlers import handlers
from tests.simulation import rules, standing
from tests.simulation.ground import DAWN, Ground, OneTransaction, at
from tests.simulation.network import SimulatedPush
from tests.simulation.picture import Book, Picture
from tests.simulation.requests import Request, Requests
from tests.simulation.rows import Reader
from tests.simulation.schedule import PHONES, PUSH_WEATHERS, STALLS_S, Schedule, Step

MOST_EVENTS = 1_500
MOST_LOOKS = 3_000
"""A worker that asks for the time so often in one round will never come to an end."""
EXPECTED = frozenset({"outbox.gave_up", "outbox.job_failed"})
"""What a worker may say aloud when the push service is away."""


class Broken(Exception):
    """A rule did not hold; the rest of the schedule is not played."""


class World:
    """Everything of one schedule; nothing outlives it."""

    def __init__(
        self, database: OneTransaction, bell: Bell, ground: Ground, schedule: Schedule
    ) -> None:
        self.database, self.ground, self.schedule = database, ground, schedule
        self.picture, self._book = Picture(), Book()
        self.story: list[str] = []
        self.admission = Admission(4, self.clock)
        self.now_s = 0.0
        self._reader = Reader(ground.tables, self._book)
        self._looks = 0
        self._coming: list[tuple[float, int, str, Step | Request]] = []
        self._sent = 0
        self._worker_free_s = 0.0
        self._phones = dict.fromkeys(range(len(ground.officers)), "quick")
        self._told: set[UUID] = set()
        self._acknowledged: set[UUID] = set()
        self._requests = Requests(self)
        self._push = SimulatedPush(self._reached)
        self._deadlines = DeadlineLoop(database, bell, self.clock)
        self._outbox = OutboxLoop(
            database, bell, handlers(database, self._push, self.clock), self.clock
        )

    def clock(self) -> datetime:
        """The only time there is."""
        self._looks += 1
        if self._looks > MOST_LOOKS:
            raise RuntimeError("the worker does not come to an end")
        return at(self.now_s)

    def promised(self, press_id: UUID) -> None:
        """The phone has its receipt."""
        self._acknowledged.add(press_id)

    async def play(self) -> None:
        """Until nothing is on its way and nothing is due; raises Broken."""
        for step in self.schedule.steps:
            self._soon(step.at_s, "", step)
        for _ in range(MOST_EVENTS):
            if not await self._next():
                break
        else:
            raise Broken("it never comes to rest")
        self._hold("at the end", self._at_rest())

    async def _next(self) -> bool:
        due_s = self._worker_s()
        coming_s = self._coming[0][0] if self._coming else None
        if coming_s is None and due_s is None:
            return False
        self._looks = 0
        if coming_s is not None and (due_s is None or coming_s <= due_s):
            self.now_s, _, words, request = heapq.heappop(self._coming)
            await (self._send(request) if isinstance(request, Step) else self._do(words, request))
        else:
            assert due_s is not None
            self.now_s = max(self.now_s, due_s)
            await self._do("the worker comes", self._work)
        return True

    def _worker_s(self) -> float | None:
        told = (self.picture.deadline, self.picture.job)
        due = [one - DAWN.timestamp() for one in told if one is not None]
        return max(min(due), self._worker_free_s, self.now_s) if due else None

    def _soon(self, at_s: float, words: str, request: Step | Request) -> None:
        self._sent += 1
        heapq.heappush(self._coming, (at_s, self._sent, words, request))

    async def _send(self, step: Step) -> None:
        """Nothing changes in the database yet."""
        match step.act:
            case "phone":
                self._phones[step.who] = PHONES[step.what % len(PHONES)]
            case "push_weather":
                self._push.weather = PUSH_WEATHERS[step.what % len(PUSH_WEATHERS)]
            case "worker_stalls":
                stalls_s = STALLS_S[step.what % len(STALLS_S)]
                self._worker_free_s = max(self._worker_free_s, self.now_s + stalls_s)
            case "worker_dies":
                await self._do(str(step)[13:], self._die)
            case _:
                self._travel(step)

    async def _die(self) -> None:
        async with self.database.statement() as sql:
            await outbox.claim(sql, self.clock(), LEASE, 64)

    def _travel(self, step: Step) -> None:
        request = self._requests.bind(step)
        if request is not None:
            for delay_s in step.arrives:
                self._soon(self.now_s + delay_s, str(step)[13:].split(";")[0], request)

    async def _do(self, words: str, request: Callable[[], Awaitable[object]]) -> None:
        before, said = self.picture, "done"
        with capture_logs() as logs:
            try:
                await request()
            except CasError as refused:
                said = f"refused ({refused.code})"
            except Broken:
                raise
            except Exception as error:
                self.story.append(f"{self.now_s:9.1f} s  {words}: {type(error).__name__} {error}")
                raise Broken(f"the server failed: {type(error).__name__}") from error
        self.story.append(f"{self.now_s:9.1f} s  {words}: {said}")
        self._hold(words, (f"the worker says {log['event']}" for log in logs
                           if log["log_level"] in ("error", "warning")
                           and log["event"] not in EXPECTED))  # fmt: skip
        self.picture = await self._reader.look(self.database.sql, pushed=self.schedule.pushed)
        if self._reader.tells_anew:  # else the rules that held for all that there is, hold
            self._hold(words, standing.findings(self.picture, self._book))
            self._hold(words, rules.findings(before, self.picture))
        asked, self._push.asked = self._push.asked, []
        self._hold("the outbox", rules.retries(before.jobs, self.picture.jobs, asked,
                                               self.now_s + DAWN.timestamp()))  # fmt: skip
        if not self._acknowledged <= self.picture.pressed:
            raise Broken("a press that was acknowledged is not there")
        self._hear()

    def _hold(self, words: str, findings: Iterator[str]) -> None:
        for finding in findings:
            raise Broken(f"{finding} ({words})")

    async def _work(self) -> None:
        await self._deadlines.serve_due()
        if not self.schedule.pushed:
            return
        async with asyncio.TaskGroup() as jobs:
            while await self._outbox._start_due(jobs):
                pass

    def _hear(self) -> None:
        """By socket every phone hears of its offer, each in its own way."""
        if self.schedule.pushed:
            return
        for offer in self.picture.offers:
            if offer.state == "open" and offer.id not in self._told:
                self._ring(offer.personil_id, offer.id)

    def _reached(self, account_id: UUID, offer_id: UUID) -> None:
        whose = next((one for one in self.ground.officers if one.account_id == account_id), None)
        if whose is not None:
            self._ring(whose.holder_id, offer_id)

    def _ring(self, personil_id: UUID, offer_id: UUID) -> None:
        self._told.add(offer_id)
        officer = self.ground.officer_of(personil_id)
        delays_s = {"quick": (0.4,), "slow": (7.0,), "silent": (), "twice": (0.4, 3.0)}
        for delay_s in delays_s[self._phones[officer]]:
            words = f"the phone of officer {officer} shows the offer"
            self._soon(self.now_s + delay_s, words,
                             self._requests.receive(personil_id, offer_id))  # fmt: skip

    def _at_rest(self) -> Iterator[str]:
        if any(offer.state == "open" for offer in self.picture.offers):
            yield "an offer is open for ever"
        if self.picture.jobs:
            yield "a job is left for ever"
