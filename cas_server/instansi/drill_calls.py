"""Tells officers of a drill where that is agreed: behind the press, by the outbox, as a drill."""

from datetime import datetime, timedelta
from uuid import UUID

from cas_server.db.session import Database, ReadSession, Session
from cas_server.errors import NotFound
from cas_server.identity.subject import Subject
from cas_server.instansi import drill_call_queries as queries
from cas_server.instansi.service import note
from cas_server.instansi.views import DrillCall
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.kit.clock import Clock
from cas_server.outbox import queries as outbox
from cas_server.outbox.loop import Handler
from cas_server.outbox.queries import Job
from cas_server.outbox.retry import Done, Outcome
from cas_server.push import queries as devices
from cas_server.push.handlers import DEVICE_JOB, device_job
from cas_server.push.message import Kind, Notice

CHOOSE_JOB, TELL_JOB = "drill.choose", "drill.tell"
MOST = 3
USEFUL_FOR = timedelta(minutes=2)
"""A queue that was long has had more urgent things to do; later nobody is told."""
HEARD_WITHIN = timedelta(minutes=10)
SHOWN_FOR = timedelta(minutes=10)


async def promise(session: Session, drill_id: UUID, now: datetime) -> None:
    """Officers are chosen and told behind the drill's own transaction."""
    await outbox.add(session, now, CHOOSE_JOB, {"drill_id": str(drill_id)})


async def own(session: ReadSession, subject: Subject, now: datetime) -> list[DrillCall]:
    """The drills that an officer is told of just now."""
    return await queries.of_personil(session, subject.personil_id, now)


async def receive(
    session: Session, subject: Subject, drill_id: UUID, now: datetime
) -> list[DrillCall]:
    """The officer's one tap: timed and counted once, and not when the drill is over."""
    if not await queries.was_called(session, drill_id, subject.personil_id):
        raise NotFound("drill", drill_id)
    site_id = await queries.receive(session, drill_id, subject.personil_id, now)
    if site_id is not None:
        facts = {"drill_id": str(drill_id), "personil_ids": [str(subject.personil_id)]}
        await note(session, "drill.received", subject, site_id, now, **facts)
    return await own(session, subject, now)


class _Handlers:
    """The jobs, with what they need."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def choose(self, job: Job) -> Outcome:
        """Choose the nearest free officers; too late, or no longer agreed, nobody."""
        now, drill_id = self._clock(), UUID(job.payload["drill_id"])
        async with self._database.transaction() as session:
            due = await queries.due(session, drill_id, now, now - USEFUL_FOR)
            if due is None:
                return Done()
            whom = await queries.nearest(session, due, now, now - HEARD_WITHIN, MOST)
            await queries.call(session, due, whom, now, now + SHOWN_FOR)
            named = [str(each) for each in whom]
            for each in named:
                payload = {"personil_id": each, "made_at": now.isoformat()}
                await outbox.add(session, now, TELL_JOB, payload)
            facts = {"drill_id": str(drill_id), "site_id": str(due.site_id), "personil_ids": named}
            event = Event("drill.called", satuan_path=due.ground, payload=facts)
            await journal.append(session, now, event)
        return Done()

    async def tell(self, job: Job) -> Outcome:
        """Wake the officer's phones, unless something real has come meanwhile."""
        now, personil_id = self._clock(), UUID(job.payload["personil_id"])
        made_at = datetime.fromisoformat(job.payload["made_at"])
        notice = Notice(kind=Kind.DRILL, alarm_id=None, version=1, made_at=made_at)
        async with self._database.transaction() as session:
            if now < notice.useless_at and await queries.is_free(session, personil_id):
                for device in await devices.of_personil(session, personil_id):
                    await outbox.add(session, now, DEVICE_JOB, device_job(device, notice))
        return Done()


def handlers(database: Database, clock: Clock) -> dict[str, Handler]:
    """The outbox jobs of drills, for the worker."""
    jobs = _Handlers(database, clock)
    return {CHOOSE_JOB: jobs.choose, TELL_JOB: jobs.tell}
