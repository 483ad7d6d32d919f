"""What a desk does with duplicates: puts an alarm under another, or takes it out again."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cas_server.alarm import joint, joint_queries, queries
from cas_server.alarm.calling import (
    hold,
    record,
    responders,
    stand_down_rest,
    supersede,
    tell,
    widen_if_over,
)
from cas_server.alarm.desk import hold_mine, lead_only, show, still_open
from cas_server.alarm.queries import Locked
from cas_server.alarm.response import follow_responders, promote
from cas_server.alarm.state import Responding
from cas_server.alarm.views import AlarmStatus, AlarmView
from cas_server.db.session import Session
from cas_server.dispatch import offers
from cas_server.dispatch.views import Part, ResponderState
from cas_server.errors import Conflict, InvalidInput
from cas_server.identity.subject import Subject
from cas_server.kit.ids import new_id
from cas_server.presence import service as presence


class CannotMerge(Conflict):
    """One of the two must not lose its own calls; `why` says for what reason."""

    code: ClassVar[str] = "cannot_merge"

    def __init__(self, why: str, sentence: str) -> None:
        self._why = why
        super().__init__(sentence)

    def facts(self) -> dict[str, str]:
        return {"why": self._why}


async def merge(
    session: Session, subject: Subject, alarm_id: UUID, lead_id: UUID, now: datetime
) -> AlarmView:
    """Put an alarm under another of the same event: that one's officers come to both.

    Who was only asked for it is stood down, who has taken it on goes over, its reporter sees how
    far the one that leads is, and both are closed together.
    """
    held = {each: await hold_mine(session, subject, each) for each in sorted({alarm_id, lead_id})}
    alarm, lead = held[alarm_id], held[lead_id]
    if alarm.id == lead.id:
        raise InvalidInput("lead_id", "name another alarm: one cannot be merged into itself")
    view, leading = await show(session, subject, alarm.id), await show(session, subject, lead.id)
    if alarm.merged_into == lead.id:
        return view
    for each in (view, leading):
        still_open(each)
        lead_only(each)
    _must_fit(alarm, lead)
    # Officers may be of the Polres next door, and what was merged before of another Polsek.
    async with session.beyond_the_wall():
        await stand_down_rest(session, alarm, now)
        await _hand_over_responders(session, subject, alarm, lead, now)
        await _put_under(session, subject, alarm, lead, leading.number, now)
        asked = {"backup_asked_at": now} if alarm.backup_asked_at is not None else {}
        await queries.change(session, lead, silent=lead.silent or alarm.silent,
                             backups_more=lead.backups_more + alarm.backups_more,
                             **asked)  # fmt: skip
        await record(session, lead, now, "duplicate.merged", subject.account_id,
                     alarm_id=str(alarm.id), number=view.number)  # fmt: skip
        lead = await hold(session, lead.id)
        await follow_responders(session, lead, now)
        if alarm.backups_more:
            await widen_if_over(session, lead, now)
        for below_id in await joint_queries.under(session, alarm.id):
            below = await hold(session, below_id)
            await joint_queries.outrun(session, below.id, alarm.id)
            await _put_under(session, subject, below, lead, leading.number, now)
    return await show(session, subject, alarm.id)


async def separate(session: Session, subject: Subject, alarm_id: UUID, now: datetime) -> AlarmView:
    """Take a merged alarm out again, as long as it is open: it calls its next ring by itself."""
    alarm = await hold_mine(session, subject, alarm_id)
    still_open(await show(session, subject, alarm.id))
    if alarm.merged_into is not None:
        lead_id = alarm.merged_into
        # The one that led may be another Polsek's.
        async with session.beyond_the_wall():
            await joint.separate(session, alarm, now, subject.account_id, rings=False)
            lead = await hold(session, lead_id)
            await queries.change(session, lead)
            await record(session, lead, now, "duplicate.separated", subject.account_id,
                         alarm_id=str(alarm.id))  # fmt: skip
    return await show(session, subject, alarm.id)


def _must_fit(alarm: Locked, lead: Locked) -> None:
    if alarm.duress_at is not None or alarm.in_danger is not None:
        sentence = "under duress, or pressed by a Personil: merge the other one into this"
        raise CannotMerge("endangered", sentence)
    if lead.status == AlarmStatus.CANCELLED:
        sentence = "the one that would lead was cancelled and calls nobody: merge it into this one"
        raise CannotMerge("cancelled", sentence)
    if lead.at is None and alarm.at is not None:
        sentence = "nobody knows where the one that would lead is: merge it into this one"
        raise CannotMerge("nowhere", sentence)
    if lead.call_held and not alarm.call_held:
        sentence = "the one that would lead is held and calls nobody: merge it into this one"
        raise CannotMerge("held", sentence)


async def _put_under(
    session: Session, subject: Subject, alarm: Locked, lead: Locked, number: int, now: datetime
) -> None:
    seen = alarm.acknowledged_at is not None
    by = {} if seen else {"acknowledged_at": now, "acknowledged_by": subject.account_id}
    await queries.change(session, alarm, merged_into=lead.id, climb_at=None, unanswered_at=None,
                         backup_asked_at=None, backups_more=0, **by)  # fmt: skip
    if not seen:
        await record(session, alarm, now, "alarm.acknowledged", subject.account_id)
    await record(session, alarm, now, "alarm.merged", subject.account_id, lead_id=str(lead.id),
                 number=number)  # fmt: skip
    await follow_responders(session, await hold(session, alarm.id), now)


async def _hand_over_responders(
    session: Session, subject: Subject, alarm: Locked, lead: Locked, now: datetime
) -> None:
    """Whoever is on the duplicate goes on under the one that leads, which has one primary.

    Whoever has reported on the duplicate is done there, and perhaps on the way to somebody else.
    """
    there = [one for one in await responders(session, lead.id) if one.active]
    coming = [one for one in await responders(session, alarm.id)
              if one.active and one.reported_at is None]  # fmt: skip
    # Whoever has reported on the one that leads was free again, and now comes once more.
    staying = {one.personil_id for one in there if one.reported_at is None}
    again = [one.personil_id for one in coming if one.personil_id not in staying]
    parts = _parts(there, again)
    # Several are bound in one transaction: in the order of their ids.
    for one in sorted(coming, key=lambda each: each.personil_id):
        await offers.step(session, alarm.id, one.personil_id, ResponderState.RELEASED, now,
                          "merged")  # fmt: skip
        await record(session, alarm, now, "responder.released", subject.account_id,
                     personil_id=str(one.personil_id), reason="merged")  # fmt: skip
        if one.personil_id in parts:
            await _take_over(session, subject, lead, one, parts[one.personil_id], now)
        await presence.occupy(session, one.personil_id, lead.id, now)
    await promote(session, alarm, now)


def _parts(there: list[Responding], again: list[UUID]) -> dict[UUID, Part]:
    """Of those who come once more: who led there goes on leading; where nobody did, the first."""
    primary = next((one.personil_id for one in there if one.part == "primary"), None)
    leads = primary or next(iter(again), None)
    return {who: "primary" if who == leads else "backup" for who in again}


async def _take_over(
    session: Session, subject: Subject, lead: Locked, one: Responding, part: Part, now: datetime
) -> None:
    who, told = one.personil_id, {"personil_id": str(one.personil_id)}
    await supersede(session, lead, who, now)
    await offers.take_up(session, lead.id, who, part, now, subject.account_id)
    offer_id = await offers.assign(session, new_id(), lead.id, who, now)
    await record(session, lead, now, "personil.assigned", subject.account_id,
                 offer_id=str(offer_id), part=part, **told)  # fmt: skip
    if one.state is not ResponderState.ACCEPTED:
        await offers.step(session, lead.id, who, one.state, now, None)
        await record(session, lead, now, f"responder.{one.state}", subject.account_id, **told)
    await tell(session, lead, [(offer_id, who)], now, "assigned")
