"""An alarm handed to the desk of another Satuan: it rings there until somebody acknowledges it."""

from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from cas_server.alarm import handing_queries, joint_queries, queries
from cas_server.alarm.calling import hold, record
from cas_server.alarm.desk import hold_mine, lead_only, show, still_open
from cas_server.alarm.handing_queries import Target
from cas_server.alarm.handing_views import Neighbour
from cas_server.alarm.queries import Locked
from cas_server.alarm.views import AlarmView
from cas_server.db.session import ReadSession, Session
from cas_server.errors import Conflict, NotFound
from cas_server.identity.subject import Subject
from cas_server.outbox import queries as outbox

MOST_NEIGHBOURS = 12


class NoDesk(Conflict):
    """Nobody would see it there."""

    code: ClassVar[str] = "no_desk"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has no desk, nor has any Satuan above it: choose another")


async def neighbours(session: ReadSession, subject: Subject, alarm_id: UUID) -> list[Neighbour]:
    """To which desks an alarm of one's own can go, the nearest first."""
    alarm = await show(session, subject, alarm_id)
    if not alarm.satuan_path.startswith(subject.satuan_path):
        raise NotFound("alarm", alarm_id)
    return await handing_queries.neighbours(session, alarm.id, MOST_NEIGHBOURS)


async def hand(
    session: Session,
    subject: Subject,
    alarm_id: UUID,
    satuan_id: UUID,
    reason: str,
    now: datetime,
) -> AlarmView:
    """Give an alarm to another desk, with what is merged into it, in one step.

    Offers and officers stay as they are; the next rings are the new Satuan's. The old desk goes on
    seeing it, and acts no more. Repeating it changes nothing.
    """
    before = await show(session, subject, alarm_id)
    if before.satuan_id == satuan_id:
        return before
    alarm = await hold_mine(session, subject, alarm_id)
    view = await show(session, subject, alarm.id)
    still_open(view)
    lead_only(view)
    to = await handing_queries.target(session, satuan_id)
    if to is None:
        raise NotFound("Satuan", satuan_id)
    if not to.staffed:
        raise NoDesk(to.name)
    # From here on it is another's: what a desk may write ends at its own border.
    async with session.beyond_the_wall():
        await _move(session, subject, alarm, to, reason, now, rings=True)
        for below_id in await joint_queries.under(session, alarm.id):
            below = await hold(session, below_id)
            await _move(session, subject, below, to, reason, now, rings=False)
        payload = {"alarm_id": str(alarm.id), "version": alarm.version + 1,
                   "satuan_path": to.path, "reason": "handed_over"}  # fmt: skip
        await outbox.add(session, now, "push.desk", payload)
    return await show(session, subject, alarm.id)


async def _move(  # noqa: PLR0913 - who, what, to whom, why, when
    session: Session,
    subject: Subject,
    alarm: Locked,
    to: Target,
    reason: str,
    now: datetime,
    *,
    rings: bool,
) -> None:
    await handing_queries.note(session, alarm, to, subject.account_id, reason, now)
    # The ladder of the new Satuan begins now: its Kapolsek is told when its own desk is late.
    climb_at = now + timedelta(seconds=to.rules.climb_first_s)
    unseen = {"acknowledged_at": None, "acknowledged_by": None, "climb_at": climb_at, "climbed": 0}
    await queries.change(session, alarm, satuan_id=to.id, satuan_path=to.path,
                         **(unseen if rings else {}))  # fmt: skip
    await record(session, alarm, now, "alarm.handed_over", subject.account_id, satuan=to.name,
                 from_path=alarm.satuan_path, to_path=to.path, reason=reason,
                 rings=rings)  # fmt: skip
