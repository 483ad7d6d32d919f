"""The shapes of a shift's hand-over, and pure: which shift a moment belongs to."""

from datetime import datetime, timedelta, timezone
from typing import Literal
from uuid import UUID

from pydantic import Field

from cas_server.alarm.views import ByAt
from cas_server.kit.wire import Wire

Shift = Literal["morning", "afternoon", "night"]

WIB = timezone(timedelta(hours=7), "WIB")
_STARTS: tuple[tuple[int, Shift], ...] = ((23, "night"), (15, "afternoon"), (7, "morning"))


def shift_of(moment: datetime) -> Shift:
    """Morning from 07, afternoon from 15, night from 23, in western Indonesian time."""
    hour = moment.astimezone(WIB).hour
    return next((shift for start, shift in _STARTS if hour >= start), "night")


class ShiftNoteBody(Wire):
    """What the next shift must know. Names of reporters do not belong here: alarms have numbers."""

    text: str = Field(min_length=1, max_length=4_000)


class ShiftNote(Wire):
    """One hand-over of a Satuan's desk: who wrote it and when, and who took it over and when."""

    id: UUID
    shift: Shift
    text: str
    written: ByAt
    taken: ByAt | None
