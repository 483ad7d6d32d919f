"""Duty, fixes and the list of who is on duty, over HTTP."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from cas_server.db.session import DatabaseOf, ReadTransaction, Session, WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now
from cas_server.kit.wire import Moment
from cas_server.presence import queries, service
from cas_server.presence.intake import Intake
from cas_server.presence.track import Verdict
from cas_server.presence.views import (
    DroppedFix,
    DutyStretch,
    DutyView,
    DutyWish,
    FixBatch,
    FixesTaken,
    PersonilView,
)

router = APIRouter(prefix="/v1", tags=["presence"])

OnDuty = Annotated[Subject, Depends(allow(Action.BE_ON_DUTY))]
Staff = Annotated[Subject, Depends(allow(Action.SEE_PERSONIL))]


async def _intake(request: Request) -> Intake:
    intake: Intake = request.app.state.intake
    return intake


Lapse = Callable[[Session, UUID, datetime], Awaitable[None]]
"""Ends somebody's open offers; handed in, because offers stand above this slice."""

IntakeOf = Annotated[Intake, Depends(_intake)]


@router.get("/duty")
async def see_duty(subject: OnDuty, session: ReadTransaction) -> DutyView:
    """Your own duty."""
    return await service.see_duty(session, subject.personil_id)


@router.put("/duty")
async def begin_duty(body: DutyWish, subject: OnDuty, session: WriteTransaction) -> DutyView:
    """Go on duty, or change availability. On an alarm you stay busy."""
    personil_id, actor_id = subject.personil_id, subject.account_id
    return await service.begin_duty(session, personil_id, body.availability, utc_now(), actor_id)


@router.get("/duty/stretches")
async def see_stretches(
    subject: OnDuty,
    session: ReadTransaction,
    before: Annotated[Moment | None, Query(description="began before this")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> list[DutyStretch]:
    """When you were on duty, the newest first."""
    return await queries.stretches(session, subject.personil_id, before or utc_now(), limit)


@router.delete("/duty")
async def end_duty(
    request: Request, subject: OnDuty, session: WriteTransaction, intake: IntakeOf
) -> DutyView:
    """Go off duty: your live position is deleted with it, and what you are asked ends."""
    lapse: Lapse = request.app.state.lapse_offers
    # Before the duty is locked: whoever accepts an offer locks in this order, too.
    await lapse(session, subject.personil_id, utc_now())
    view = await service.end_duty(session, subject.personil_id, utc_now(), subject.account_id)
    intake.forget(subject.personil_id)
    return view


@router.post("/fixes")
async def report_fixes(
    body: FixBatch, database: DatabaseOf, subject: OnDuty, intake: IntakeOf
) -> FixesTaken:
    """Report where you are and were; the answer comes when it is stored."""
    async with database.reading() as session:
        if await queries.duty_of(session, subject.personil_id) is None:
            raise service.NotOnDuty
    verdicts = await intake.take(subject.personil_id, body.fixes)
    dropped = [
        DroppedFix(index=index, reason=verdict.value)
        for index, verdict in enumerate(verdicts)
        if verdict is not Verdict.ACCEPTED
    ]
    return FixesTaken(accepted=len(verdicts) - len(dropped), dropped=dropped)


@router.get("/personil")
async def see_personil(subject: Staff, session: ReadTransaction) -> list[PersonilView]:
    """Everybody on duty at your Satuan and below."""
    return await queries.on_duty(session, subject.satuan_path)
