"""Paths of a moved Satuan, looked at once more when nobody can still be writing the old ones."""

from datetime import datetime, timedelta

from cas_server.db.session import Database, Session
from cas_server.outbox import queries as outbox
from cas_server.outbox.loop import Handler
from cas_server.outbox.queries import Job
from cas_server.outbox.retry import Done, Outcome
from cas_server.registry import store

JOB = "registry.paths"
AFTER = timedelta(seconds=20)
"""Longer than a statement may take: a press that had read the old path is in by then."""


async def promise(session: Session, now: datetime) -> None:
    """What was written meanwhile by the old path follows soon."""
    await outbox.add(session, now + AFTER, JOB, {})


def handlers(database: Database) -> dict[str, Handler]:
    """The outbox jobs of this slice."""

    async def mend(_: Job) -> Outcome:
        async with database.transaction() as session:
            await store.refresh_paths(session)
        return Done()

    return {JOB: mend}
