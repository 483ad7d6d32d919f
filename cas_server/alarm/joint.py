"""Alarms of one event: one leads, and what becomes of the others when it ends or is taken back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cas_server.alarm import joint_queries, queries
from cas_server.alarm.calling import hold, is_waiting, record, widen
from cas_server.alarm.queries import Locked
from cas_server.db.session import Session
from cas_server.outbox import queries as outbox


async def separate(
    session: Session,
    alarm: Locked,
    now: datetime,
    actor_id: UUID | None = None,
    *,
    rings: bool,
) -> None:
    """Let a merged alarm stand for itself again: it calls its next ring, and may ring at the desk.

    Whoever has gone over to the one that led stays there: nobody on the way is turned around.
    """
    lead_id = alarm.merged_into
    if lead_id is None:
        return
    await joint_queries.outrun(session, alarm.id, lead_id)
    await queries.change(
        session, alarm, merged_into=None, **(_ringing(alarm, now) if rings else {})
    )
    await record(session, alarm, now, "alarm.separated", actor_id, lead_id=str(lead_id),
                 rings=rings)  # fmt: skip
    alone = await hold(session, alarm.id)
    if rings:
        await _wake(session, alone, now)
    if is_waiting(alone) and not alone.call_held and alone.at is not None:
        await widen(session, alone, now)


async def separate_all(session: Session, lead: Locked, now: datetime) -> None:
    """Whoever took back what they pressed did not speak for the others: those ring again."""
    for alarm_id in await joint_queries.under(session, lead.id):
        await separate(session, await hold(session, alarm_id), now, rings=True)


def _ringing(alarm: Locked, now: datetime) -> dict[str, Any]:
    climb_at = now + timedelta(seconds=alarm.rules.climb_first_s)
    return {"acknowledged_at": None, "acknowledged_by": None, "climb_at": climb_at, "climbed": 0}


async def _wake(session: Session, alarm: Locked, now: datetime) -> None:
    payload = {"alarm_id": str(alarm.id), "version": alarm.version,
               "satuan_path": alarm.satuan_path, "reason": "separated"}  # fmt: skip
    await outbox.add(session, now, "push.desk", payload)
