"""Deadlines that stand in rows: offers expire, receipts are missed, unheard alarms climb."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import structlog

from cas_server.alarm import due, queries
from cas_server.alarm.calling import hold, record, summon, tell, widen_if_over
from cas_server.db.bell import Bell
from cas_server.db.session import DATABASE_FAULTS, Database, Session
from cas_server.dispatch import escalation, offers
from cas_server.errors import Unavailable
from cas_server.kit import fault
from cas_server.kit.clock import Clock
from cas_server.kit.ending import end_if_told

POLL_S = 1.0
ROUND_S = 0.02
AT_ONCE = 200
SIDE_BY_SIDE = 4

log = structlog.get_logger()

Serve = Callable[[Session, UUID, datetime], Awaitable[None]]


async def expire_offers(session: Session, alarm_id: UUID, now: datetime) -> None:
    """End what is due of one alarm and call the next ring if that leaves nobody."""
    alarm = await hold(session, alarm_id)
    unreached = await offers.mark_unreached(session, alarm_id, now)
    expired = await offers.expire(session, alarm_id, now)
    for kind, ended in (("offer.unreached", unreached), ("offer.expired", expired)):
        for offer_id, personil_id in ended:
            await record(session, alarm, now, kind, offer_id=str(offer_id),
                         personil_id=str(personil_id))  # fmt: skip
    fault.point("offer.expired")
    if unreached or expired:
        await queries.change(session, alarm)
        await tell(session, alarm, expired, now, "stood_down")
        await widen_if_over(session, alarm, now)


async def climb(session: Session, alarm_id: UUID, now: datetime) -> None:
    """Take an unacknowledged alarm one step up, if it is still due."""
    alarm = await hold(session, alarm_id)
    if alarm.climb_at is None or alarm.climb_at > now:
        return
    step = escalation.climb(alarm.climb_at, alarm.climbed, alarm.rules)
    await summon(session, alarm, [step.summons], now)
    await queries.change(session, alarm, climb_at=step.next_at, climbed=alarm.climbed + 1)
    fault.point("alarm.climbed")


class DeadlineLoop:
    """Sleeps until the next deadline, or the bell; any number of processes may run one."""

    def __init__(self, database: Database, bell: Bell, clock: Clock) -> None:
        self._database = database
        self._ear = bell.ear()
        self._clock = clock
        self._room = asyncio.Semaphore(SIDE_BY_SIDE)

    async def run(self) -> None:
        """Serve for ever; a database that is away is tried again."""
        while True:
            wait_s = POLL_S
            try:
                wait_s = await self.serve_due()
            except DATABASE_FAULTS as error:
                end_if_told()
                log.warning("deadlines.waiting", error=type(error).__name__)
            # A bell that has just rung tells of deadlines seconds away: look once for many rings.
            await asyncio.sleep(min(wait_s, ROUND_S))
            await self._ear.wait(wait_s - ROUND_S)

    async def serve_due(self) -> float:
        """Serve all that is due, each alarm by itself; the seconds to the next deadline."""
        while True:
            now = self._clock()
            async with self._database.glance() as session:
                found = await due.look(session, now, AT_ONCE)
            if not (found.offered or found.climbing):
                return POLL_S if found.next_at is None else self._seconds_to(found.next_at)
            async with asyncio.TaskGroup() as tasks:
                for alarm_id in found.offered:
                    tasks.create_task(self._serve(expire_offers, alarm_id))
                for alarm_id in found.climbing:
                    tasks.create_task(self._serve(climb, alarm_id))

    async def _serve(self, serve: Serve, alarm_id: UUID) -> None:
        try:
            async with self._room, self._database.transaction() as session:
                await serve(session, alarm_id, self._clock())
            fault.point("deadline.served")
        except Unavailable as error:
            log.warning("deadlines.waiting", error=type(error).__name__)
        except Exception:  # one broken alarm must not stop the others
            log.exception("deadlines.failed", alarm_id=str(alarm_id))
            await asyncio.sleep(0.1)

    def _seconds_to(self, at: datetime) -> float:
        return max(0.0, min(POLL_S, (at - self._clock()).total_seconds()))
