"""Shapes of the figures of calling and of imports."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from cas_server.kit.wire import Number, Wire


class CallingRules(Wire):
    """What a Satuan sets itself; what is None is as the Satuan above has it.

    The bounds keep a slip of the hand from silencing a whole regency.
    """

    ring_1_count: Annotated[int, Field(ge=1, le=20)] | None = None
    ring_1_radius_m: Annotated[Number, Field(ge=500, le=50_000)] | None = None
    ring_2_count: Annotated[int, Field(ge=1, le=50)] | None = None
    ring_2_radius_m: Annotated[Number, Field(ge=1_000, le=100_000)] | None = None
    accept_s: Annotated[Number, Field(ge=10, le=120)] | None = None
    receipt_s: Annotated[Number, Field(ge=3, le=60)] | None = None
    backups: Annotated[int, Field(ge=0, le=5)] | None = None
    climb_first_s: Annotated[Number, Field(ge=10, le=600)] | None = None
    climb_second_s: Annotated[Number, Field(ge=20, le=1_800)] | None = None
    stale_after_s: Annotated[Number, Field(ge=30, le=1_800)] | None = None
    join_within_s: Annotated[Number, Field(ge=0, le=600)] | None = None
    join_within_m: Annotated[Number, Field(ge=0, le=2_000)] | None = None


class RulesView(Wire):
    """`own` is set at this Satuan, `inherited` what would hold without it."""

    satuan_id: UUID
    own: CallingRules
    inherited: CallingRules


class RuleChange(Wire):
    """One figure that is another one now, at one Satuan."""

    satuan_name: str
    rule: str
    before: float
    after: float


class RulesChanged(Wire):
    """What was changed, or would be when it was only tried out."""

    stored: bool
    changes: list[RuleChange]


class Changed(Wire):
    """A known row that is different now, and in what."""

    key: str
    fields: list[str]


class FaultOfFile(Wire):
    """What is wrong with a file, and where."""

    where: str
    field: str
    sentence: str


class ImportOutcome(Wire):
    """What a file added and changed, or would; with `faults`, nothing of it was stored."""

    stored: bool
    added: list[str]
    changed: list[Changed]
    unchanged: int
    notes: list[str]
    faults: list[FaultOfFile]
