"""Claim, run, settle: jobs run outside any transaction and may run twice, never zero times."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from cas_server.db.bell import Bell
from cas_server.db.session import DATABASE_FAULTS, Database
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.kit import fault
from cas_server.kit.clock import Clock
from cas_server.kit.ending import end_if_told
from cas_server.outbox import queries
from cas_server.outbox.queries import Job
from cas_server.outbox.retry import Again, Done, GiveUp, Outcome, decide

Handler = Callable[[Job], Awaitable[Outcome]]

LEASE = timedelta(seconds=4)
"""So long does what a dead worker held wait for another; a living one renews its leases."""
RENEW_EVERY_S = 1.0
LONGEST_S = 24.0
"""A job that takes longer is given up for this time, and tried again."""
POLL_S = 1.0
ROUND_S = 0.01
"""Between two claims: one finds what several bells rang for."""
AT_ONCE = 64

log = structlog.get_logger()


class OutboxLoop:
    """Runs due jobs, AT_ONCE at most at the same time, until cancelled."""

    def __init__(
        self, database: Database, bell: Bell, handlers: Mapping[str, Handler], clock: Clock
    ) -> None:
        self._database = database
        self._ear = bell.ear()
        self._handlers = handlers
        self._clock = clock
        self._free = AT_ONCE
        self._held: dict[tuple[int, int], Job] = {}

    async def run(self) -> None:
        """Serve for ever; the bell wakes it, and it looks once a second anyway."""
        async with asyncio.TaskGroup() as jobs:
            jobs.create_task(self._renew())
            while True:
                try:
                    while await self._start_due(jobs):
                        pass
                except DATABASE_FAULTS as error:
                    end_if_told()
                    log.warning("outbox.waiting", error=type(error).__name__)
                await asyncio.sleep(ROUND_S)
                await self._ear.wait(POLL_S)

    async def _renew(self) -> None:
        """Jobs that take long stay ours; costs nothing while none does."""
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            if not self._held:
                continue
            try:
                async with self._database.statement() as sql:
                    until = self._clock() + LEASE
                    await queries.renew(sql, list(self._held.values()), until)
            except DATABASE_FAULTS as error:
                end_if_told()
                log.warning("outbox.waiting", error=type(error).__name__)

    async def _start_due(self, jobs: asyncio.TaskGroup) -> bool:
        """Claim what there is room for; True when there may be more."""
        room = self._free
        if room <= 0:
            return False
        async with self._database.statement() as sql:
            claimed = await queries.claim(sql, self._clock(), LEASE, room)
        self._free -= len(claimed)
        if claimed:
            fault.point("outbox.claimed")
        self._held |= {(job.id, job.lease): job for job in claimed}
        for job in claimed:
            jobs.create_task(self._serve(job))
        return len(claimed) == room

    async def _serve(self, job: Job) -> None:
        try:
            outcome = await self._attempt(job)
            self._held.pop((job.id, job.lease), None)
            await self._settle(job, outcome)
            fault.point("outbox.settled")
        except DATABASE_FAULTS as error:
            end_if_told()
            # The lease will end, and the job runs again.
            log.warning("outbox.unsettled", job=job.id, kind=job.kind, error=type(error).__name__)
        finally:
            self._held.pop((job.id, job.lease), None)
            self._free += 1
            if self._free == 1:
                self._ear.wake()  # only then may there be jobs that were left for want of room

    async def _attempt(self, job: Job) -> Outcome:
        handler = self._handlers.get(job.kind)
        if handler is None:
            return GiveUp("no handler of that kind")
        try:
            async with asyncio.timeout(LONGEST_S):
                return await handler(job)
        except Exception as error:  # one broken job must not stop the others
            log.exception("outbox.job_failed", job=job.id, kind=job.kind)
            return Again(type(error).__name__)

    async def _settle(self, job: Job, outcome: Outcome) -> None:
        now = self._clock()
        settled = decide(outcome, job.attempts) if isinstance(outcome, Again) else outcome
        fault.point("outbox.settling")
        match settled:
            case GiveUp(why):
                await self._give_up(job, why, now)
            case Done():
                async with self._database.statement() as sql:
                    await queries.finish(sql, job)
            case wait:
                async with self._database.statement() as sql:
                    await queries.postpone(sql, job, now + wait)

    async def _give_up(self, job: Job, why: str, now: datetime) -> None:
        async with self._database.transaction() as session:
            await queries.finish(session.sql, job)
            payload = {"job": job.kind, "why": why, **job.payload}
            await journal.append(session, now, Event("outbox.gave_up", payload=payload))
        log.error("outbox.gave_up", job=job.id, kind=job.kind, why=why)
