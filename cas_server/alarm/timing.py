"""Pure: how late a press is, told from clocks of which one may be wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LATE_AFTER = timedelta(minutes=2)
CLOCK_TRUSTED_FOR = timedelta(days=1)
"""A phone further off than this has a wrong clock; nobody waits that long for a network."""
_LONGEST_S = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Timing:
    """`late_s` is set when it is late; `clock_off_s` when the phone's clock cannot be believed,
    positive when it runs behind."""

    late_s: int | None = None
    clock_off_s: int | None = None


def timing(now: datetime, pressed_at: datetime | None, sent_at: datetime | None) -> Timing:
    """How late, from when it was pressed and when it was signed, both by the phone's clock.

    What lies between the two is true whatever that clock says. What lies between signing and
    arriving is a wait, or a clock that is wrong: up to a day it counts as a wait, so that a press
    that somebody held back is never shown as fresh.
    """
    held = max(sent_at - pressed_at, timedelta()) if sent_at and pressed_at else timedelta()
    told = sent_at or pressed_at
    off = now - told if told else timedelta()
    clock_wrong = abs(off) > CLOCK_TRUSTED_FOR
    late = held if clock_wrong else held + max(off, timedelta())
    return Timing(
        late_s=_whole(late) if late > LATE_AFTER else None,
        clock_off_s=_whole(off) if clock_wrong else None,
    )


def _whole(span: timedelta) -> int:
    return max(-_LONGEST_S, min(_LONGEST_S, round(span.total_seconds())))
