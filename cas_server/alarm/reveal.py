"""Looking up who a reporter is: by whoever handles the alarm, for a reason, and written down."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from cas_server.alarm import queries, reveals
from cas_server.alarm.calling import hold, record, responders
from cas_server.alarm.queries import Locked
from cas_server.alarm.views import RevealedReporter
from cas_server.db.session import ReadSession, Session
from cas_server.errors import CasError, NotFound
from cas_server.identity.roles import Role
from cas_server.identity.subject import Subject

PER = timedelta(hours=1)


class TooManyReveals(CasError):
    """One account looks up more reporters than handling alarms can need."""

    code = "too_many_reveals"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, most: int, retry_after: timedelta) -> None:
        self._retry_after_s = max(1, math.ceil(retry_after.total_seconds()))
        super().__init__(
            f"you have looked up {most} reporters within the hour, which is the limit; "
            f"try again in {self._retry_after_s} seconds, or let a colleague call"
        )

    def facts(self) -> dict[str, str]:
        return {"retry_after_s": str(self._retry_after_s)}


@dataclass(frozen=True, slots=True)
class Terms:
    """What the settings say about looking up."""

    most_per_hour: int
    tell_reporter: bool


async def reveal(
    session: Session, subject: Subject, alarm_id: UUID, reason: str, now: datetime, terms: Terms
) -> RevealedReporter:
    """Name and number in full; the reveal is committed before they leave the server."""
    alarm = await hold(session, alarm_id)
    await _must_handle(session, subject, alarm)
    earlier = await reveals.of_account(session, subject.account_id, now - PER)
    if len(earlier) >= terms.most_per_hour:
        raise TooManyReveals(terms.most_per_hour, earlier[-terms.most_per_hour] + PER - now)
    await reveals.note(session, alarm.id, subject, reason, now, told=terms.tell_reporter)
    await queries.change(session, alarm)
    await record(session, alarm, now, "reporter.revealed", subject.account_id,
                 role=subject.role.value, reason=reason)  # fmt: skip
    return await reveals.reporter(session, alarm.id)


async def _must_handle(session: ReadSession, subject: Subject, alarm: Locked) -> None:
    """The desk of the subtree, and a Personil for as long as they are on the alarm."""
    if subject.role is Role.PERSONIL:
        on_it = {one.personil_id for one in await responders(session, alarm.id) if one.active}
        if subject.personil_id in on_it and alarm.closed_at is None:
            return
    elif alarm.satuan_path.startswith(subject.satuan_path):
        return
    raise NotFound("alarm", alarm.id)
