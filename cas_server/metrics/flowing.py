"""Pure: whether alarms still flow, and in words what stands still."""

from dataclasses import dataclass
from enum import StrEnum

WORKER_SILENT_S = 20.0
"""Four beats: one may fall into a restart of the database."""
OUTBOX_LATE_S = 15.0
DEADLINE_LATE_S = 10.0
"""A healthy worker is some milliseconds late."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Seconds by which things lag; None when nothing waits, or there never was a beat."""

    worker_s: float | None
    outbox_s: float | None
    deadline_s: float | None


class Part(StrEnum):
    """What can stand still."""

    WORKER = "worker"
    OUTBOX = "outbox"
    DEADLINES = "deadlines"
    DATABASE = "database"


@dataclass(frozen=True, slots=True)
class Standstill:
    """One part that does not move, for how long (None: nobody knows), and what to do."""

    part: Part
    seconds: float | None
    detail: str


def standing_still(flow: Flow) -> list[Standstill]:
    """What does not move; empty when all is well."""
    found = []
    if flow.worker_s is None or flow.worker_s > WORKER_SILENT_S:
        since = "never seen" if flow.worker_s is None else f"silent for {flow.worker_s:.0f} s"
        detail = f"the worker was {since}; start one with 'cas work'"
        found.append(Standstill(Part.WORKER, flow.worker_s, detail))
    if flow.outbox_s is not None and flow.outbox_s > OUTBOX_LATE_S:
        detail = f"the oldest message waits for {flow.outbox_s:.0f} s"
        found.append(Standstill(Part.OUTBOX, flow.outbox_s, detail))
    if flow.deadline_s is not None and flow.deadline_s > DEADLINE_LATE_S:
        detail = f"the oldest deadline is {flow.deadline_s:.0f} s late"
        found.append(Standstill(Part.DEADLINES, flow.deadline_s, detail))
    return found
