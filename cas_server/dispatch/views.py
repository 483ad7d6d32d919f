"""The shapes offers, responders and decisions are shown in."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from cas_server.kit.wire import Place, Wire


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    STOOD_DOWN = "stood_down"


class ResponderState(StrEnum):
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    RELEASED = "released"


Part = Literal["primary", "backup"]


class OfferLine(Wire):
    """One offer as the command centre sees it; ring 0 is an assignment by hand."""

    offer_id: UUID
    personil_id: UUID
    name: str
    rank: str
    ring: int
    state: OfferState
    offered_at: datetime
    expires_at: datetime
    received_at: datetime | None
    unreached_at: datetime | None
    answered_at: datetime | None
    decline_reason: str | None
    distance_m: float | None


class ResponderLine(Wire):
    """One Personil who has taken the alarm on.

    `backup_asked_at`: they want more Personil. `reported_at`: they have said what it was.
    """

    personil_id: UUID
    name: str
    rank: str
    part: Part
    state: ResponderState
    accepted_at: datetime
    en_route_at: datetime | None
    on_scene_at: datetime | None
    released_at: datetime | None
    by_hand: bool
    backup_asked_at: datetime | None
    reported_at: datetime | None


class CandidateView(Wire):
    """One Personil weighed for a ring: the parts add up to `score`; lower is better, in metres."""

    personil_id: UUID
    name: str
    distance_m: float
    score: float | None
    parts: dict[str, float]
    chosen: bool
    reason: str


class DecisionView(Wire):
    """Why these and not others, for one ring."""

    ring: int
    decided_at: datetime
    radius_m: float | None
    candidates: list[CandidateView]


class SiteBrief(Wire):
    """What responders need to know of an Instansi's site."""

    site_id: UUID
    instansi_name: str
    name: str
    address: str
    place: Place
    contacts: list[dict[str, str]]
    responder_notes: str
    floor: str
