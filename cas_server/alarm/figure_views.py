"""The shapes of a day at the desk: its figures, and where its alarms were."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from cas_server.kit.wire import Wire

Stage = Literal["acknowledged", "accepted", "on_scene"]


class StageFigures(Wire):
    """How long after the press alarms came so far; None where none did.

    What the desk raised for a caller counts from being raised, and is acknowledged with it: so it
    is left out of `acknowledged`.
    """

    stage: Stage
    count: int
    median_s: float | None
    p90_s: float | None


class Figures(Wire):
    """The last hours of a subtree; tests and duplicates count among what is open only."""

    since: datetime
    until: datetime
    open: int
    ringing: int
    raised: int
    closed: int
    raised_per_hour: list[int] = Field(description="the earliest hour first")
    stages: list[StageFigures]


class HeatPoint(Wire):
    """About where an alarm was, to 0.001 degrees: enough for a map of warmth, and no address."""

    lat: float
    lon: float
    alarms: int


class Heat(Wire):
    """Where the alarms of the last hours were; `cut` says that places were left out."""

    since: datetime
    cut: bool
    points: list[HeatPoint]
