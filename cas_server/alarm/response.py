"""What called Personil do: receive, accept, decline, and their steps as responders."""

from datetime import datetime
from uuid import UUID

from cas_server.alarm import queries, showing, state
from cas_server.alarm.calling import (
    hold,
    is_waiting,
    record,
    responders,
    stand_down_rest,
    supersede,
    widen,
    widen_if_over,
)
from cas_server.alarm.queries import Locked
from cas_server.alarm.state import OfferOver
from cas_server.alarm.views import AlarmStatus, OfferView
from cas_server.db.session import Session
from cas_server.dispatch import offers
from cas_server.dispatch.offers import OfferFacts
from cas_server.dispatch.views import OfferState, ResponderState
from cas_server.errors import NotFound
from cas_server.kit import fault
from cas_server.presence import service as presence


async def receive(session: Session, personil_id: UUID, offer_id: UUID, now: datetime) -> None:
    """The offer is on the screen; saying so twice is harmless."""
    if not await queries.receive(session, personil_id, offer_id, now):
        raise NotFound("offer", offer_id)
    fault.point("receipt.taken")


async def accept(session: Session, personil_id: UUID, offer_id: UUID, now: datetime) -> OfferView:
    """Take the alarm on: primary if nobody has it, else a backup place, else AlreadyTaken."""
    alarm = await _hold_of(session, personil_id, offer_id)
    offer = await offers.lock_offer(session, offer_id)
    if offer.state != OfferState.ACCEPTED:
        await _take(session, alarm, offer, now)
    return await showing.offer_view(session, offer_id)


async def _take(session: Session, alarm: Locked, offer: OfferFacts, now: datetime) -> None:
    if alarm.closed_at is not None or alarm.status == AlarmStatus.CANCELLED:
        raise OfferOver(OfferState.STOOD_DOWN)
    before = await responders(session, alarm.id)
    part = state.part_for(before, offer.personil_id, alarm.backups)
    if not await offers.answer(session, offer.id, OfferState.ACCEPTED, now, None):
        ended = OfferState(offer.state)
        raise OfferOver(OfferState.EXPIRED if ended is OfferState.OPEN else ended)
    fault.point("accept.answered")
    await supersede(session, alarm, offer.personil_id, now)
    await offers.take_up(session, alarm.id, offer.personil_id, part, now, None)
    await presence.occupy(session, offer.personil_id, alarm.id, now)
    await record(session, alarm, now, "offer.accepted", offer_id=str(offer.id),
                 personil_id=str(offer.personil_id), part=part)  # fmt: skip
    await follow_responders(session, alarm, now)
    fault.point("accept.taken")


async def follow_responders(session: Session, alarm: Locked, now: datetime) -> None:
    """Bring the alarm's response to where its responders are; stand the rest down when full."""
    present = await responders(session, alarm.id)
    if state.is_full(present, alarm.backups):
        await stand_down_rest(session, alarm, now)
    status = state.followed(AlarmStatus(alarm.status), present)
    unanswered_at = alarm.unanswered_at if status is AlarmStatus.RAISED else None
    await queries.change(session, alarm, status=status, unanswered_at=unanswered_at)


async def decline(
    session: Session, personil_id: UUID, offer_id: UUID, reason: str, now: datetime
) -> OfferView:
    """Say no, at no cost; the next ring is called when nobody of this one is left."""
    alarm = await _hold_of(session, personil_id, offer_id)
    if await offers.answer(session, offer_id, OfferState.DECLINED, now, reason):
        await queries.change(session, alarm)
        await record(session, alarm, now, "offer.declined", offer_id=str(offer_id),
                     personil_id=str(personil_id), reason=reason)  # fmt: skip
        await widen_if_over(session, alarm, now)
    else:
        offer = await offers.lock_offer(session, offer_id)
        if offer.state != OfferState.DECLINED:
            ended = OfferState(offer.state)
            raise OfferOver(OfferState.EXPIRED if ended is OfferState.OPEN else ended)
    return await showing.offer_view(session, offer_id)


async def step(
    session: Session,
    personil_id: UUID,
    offer_id: UUID,
    wanted: ResponderState,
    reason: str | None,
    now: datetime,
) -> OfferView:
    """A responder's own step; leaving hands the alarm back when nobody else is on it."""
    alarm = await _hold_of(session, personil_id, offer_id)
    await move_responder(session, alarm, personil_id, wanted, reason, now)
    return await showing.offer_view(session, offer_id)


async def move_responder(  # noqa: PLR0913 - who, what, why, when
    session: Session,
    alarm: Locked,
    personil_id: UUID,
    wanted: ResponderState,
    reason: str | None,
    now: datetime,
    *,
    actor_id: UUID | None = None,
) -> None:
    """Move one responder; promote a backup and call further when the primary has left."""
    present = {one.personil_id: one for one in await responders(session, alarm.id)}
    mine = present.get(personil_id)
    if mine is None:
        raise NotFound("responder", personil_id)
    if state.step(mine.state, wanted) is mine.state:
        return
    await offers.step(session, alarm.id, personil_id, wanted, now, reason)
    await record(session, alarm, now, f"responder.{wanted}", actor_id,
                 personil_id=str(personil_id), reason=reason)  # fmt: skip
    if wanted is ResponderState.RELEASED:
        await presence.free(session, personil_id, alarm.id, now)
        await promote(session, alarm, now)
    await follow_responders(session, alarm, now)
    if wanted is ResponderState.RELEASED:
        left = await hold(session, alarm.id)
        if is_waiting(left):
            await widen(session, left, now)


async def promote(session: Session, alarm: Locked, now: datetime) -> None:
    """Of those who are still on it, let one lead when nobody does."""
    promoted = await offers.promote(session, alarm.id)
    if promoted is not None:
        await record(session, alarm, now, "responder.promoted", personil_id=str(promoted))


async def _hold_of(session: Session, personil_id: UUID, offer_id: UUID) -> Locked:
    alarm_id = await offers.alarm_of_offer(session, offer_id, personil_id)
    if alarm_id is None:
        raise NotFound("offer", offer_id)
    return await hold(session, alarm_id)
