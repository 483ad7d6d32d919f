"""The shapes of what officers report, and of what they have done before."""

from datetime import datetime
from uuid import UUID

from cas_server.alarm.views import AlarmKind, AlarmStatus, Disposition
from cas_server.dispatch.views import Part
from cas_server.kit.wire import Wire


class OfficerReport(Wire):
    """What one responder found, with their pictures; `reported_at` None: not said yet.

    `disposition` is the officer's word. How the alarm was closed is the desk's.
    """

    personil_id: UUID
    name: str
    rank: str
    reported_at: datetime | None
    disposition: Disposition | None
    note: str | None
    pictures: list[UUID]


class PastTask(Wire):
    """An alarm that a Personil had taken on and that is over for them, without its reporter."""

    alarm_id: UUID
    number: int
    kind: AlarmKind
    demo: bool
    status: AlarmStatus
    officer_in_danger: bool
    wilayah_name: str | None
    part: Part
    accepted_at: datetime
    on_scene_at: datetime | None
    released_at: datetime | None
    release_reason: str | None
    reported_at: datetime | None
    closed_at: datetime | None
    disposition: Disposition | None
