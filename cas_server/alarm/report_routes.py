"""What officers report and photograph, over HTTP: theirs to send, the desk's to see."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from cas_server.alarm import desk, pictures, report_queries, reports
from cas_server.alarm.picture_routes import ADDED, UPLOAD
from cas_server.alarm.pictures import Upload
from cas_server.alarm.report_views import OfficerReport, PastTask
from cas_server.alarm.reports import Found
from cas_server.alarm.views import Disposition, OfferView, PictureReceipt
from cas_server.db.session import DatabaseOf, ReadTransaction, WriteTransaction
from cas_server.identity.roles import Action
from cas_server.identity.subject import Subject, allow
from cas_server.kit.clock import utc_now
from cas_server.kit.wire import Moment, Wire
from cas_server.pictures.darkroom import Darkroom

router = APIRouter(prefix="/v1", tags=["offer"])

Reporting = Annotated[Subject, Depends(allow(Action.REPORT))]
Looker = Annotated[Subject, Depends(allow(Action.SEE_ALARMS))]
PICTURE = "/offers/{offer_id}/pictures/{picture_id}"


class ReportBody(Wire):
    """What it was, and what was found and done, in a few words."""

    disposition: Disposition
    note: str = Field(min_length=1, max_length=2_000)


@router.get("/past-tasks")
async def see_past_tasks(
    subject: Annotated[Subject, Depends(allow(Action.ANSWER_OFFER))],
    session: ReadTransaction,
    before: Annotated[Moment | None, Query(description="accepted before this")] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> list[PastTask]:
    """Alarms that one had taken on and that are over, the newest first."""
    return await report_queries.past(session, subject.personil_id, before or utc_now(), limit)


@router.put("/offers/{offer_id}/report")
async def file_report(
    offer_id: UUID, body: ReportBody, subject: Reporting, session: WriteTransaction
) -> OfferView:
    """Say what it was, after arriving: it ends the task, and the desk closes the alarm on it.

    Until then it may be said anew; the same again changes nothing.
    """
    found = Found(body.disposition, body.note)
    return await reports.file(session, subject, offer_id, found, utc_now())


@router.get("/offers/{offer_id}/report")
async def see_own_report(
    offer_id: UUID, subject: Reporting, session: ReadTransaction
) -> OfficerReport:
    """One's own report, to say it better."""
    return await reports.own(session, subject.personil_id, offer_id)


@router.put(PICTURE, openapi_extra=UPLOAD, responses={HTTPStatus.CREATED: ADDED})
async def add_report_picture(
    offer_id: UUID,
    picture_id: UUID,
    request: Request,
    response: Response,
    subject: Reporting,
    database: DatabaseOf,
) -> PictureReceipt:
    """Add a picture of the scene to one's report; kept as those of reporters are."""
    async with database.glance() as session:
        alarm_id = await reports.alarm_of(session, offer_id, subject.personil_id)
    darkroom: Darkroom = request.app.state.darkroom
    upload = Upload(subject, alarm_id, picture_id, request.body, subject.personil_id)
    receipt, created = await pictures.add(database, darkroom, upload)
    response.status_code = HTTPStatus.CREATED if created else HTTPStatus.OK
    return receipt


@router.get("/alarms/{alarm_id}/reports", tags=["alarm"])
async def see_reports(
    alarm_id: UUID, subject: Looker, session: ReadTransaction
) -> list[OfficerReport]:
    """What the officers on an alarm have reported, the earliest first."""
    alarm = await desk.show(session, subject, alarm_id)
    return await report_queries.reports(session, alarm.id)
