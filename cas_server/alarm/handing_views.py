"""The shapes of handing an alarm to another Satuan: to whom it can go, and what is sent."""

from uuid import UUID

from pydantic import Field

from cas_server.kit.wire import Wire


class Neighbour(Wire):
    """A Satuan whose desk could take the alarm; call them first where there is a number."""

    satuan_id: UUID
    name: str
    phone: str | None
    distance_m: float | None


class Handing(Wire):
    """To whom, and why; both desks and the evidence keep the reason."""

    satuan_id: UUID
    reason: str = Field(min_length=1, max_length=500)
