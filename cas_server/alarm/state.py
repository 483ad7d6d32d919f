"""Pure: what may happen to an alarm, to an offer, and to a responder."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from cas_server.alarm.views import AlarmStatus
from cas_server.dispatch.views import OfferState, Part, ResponderState
from cas_server.errors import Conflict

_S = AlarmStatus
ALARM_NEXT: Mapping[AlarmStatus, frozenset[AlarmStatus]] = {
    _S.RAISED: frozenset({_S.ACCEPTED, _S.EN_ROUTE, _S.ON_SCENE, _S.RESOLVED, _S.CANCELLED}),
    _S.ACCEPTED: frozenset({_S.RAISED, _S.EN_ROUTE, _S.ON_SCENE, _S.RESOLVED, _S.CANCELLED}),
    _S.EN_ROUTE: frozenset({_S.RAISED, _S.ACCEPTED, _S.ON_SCENE, _S.RESOLVED, _S.CANCELLED}),
    _S.ON_SCENE: frozenset({_S.RAISED, _S.ACCEPTED, _S.EN_ROUTE, _S.RESOLVED, _S.CANCELLED}),
    _S.RESOLVED: frozenset(),
    _S.CANCELLED: frozenset({_S.RESOLVED}),
}
assert ALARM_NEXT.keys() == set(AlarmStatus), "every status needs its row"

_R = ResponderState
RESPONDER_NEXT: Mapping[ResponderState, frozenset[ResponderState]] = {
    _R.ACCEPTED: frozenset({_R.EN_ROUTE, _R.ON_SCENE, _R.RELEASED}),
    _R.EN_ROUTE: frozenset({_R.ON_SCENE, _R.RELEASED}),
    _R.ON_SCENE: frozenset({_R.RELEASED}),
    _R.RELEASED: frozenset(),
}
assert RESPONDER_NEXT.keys() == set(ResponderState), "every state needs its row"

_O = OfferState
OFFER_NEXT: Mapping[OfferState, frozenset[OfferState]] = {
    _O.OPEN: frozenset({_O.ACCEPTED, _O.DECLINED, _O.EXPIRED, _O.STOOD_DOWN}),
    _O.ACCEPTED: frozenset(),
    _O.DECLINED: frozenset(),
    _O.EXPIRED: frozenset(),
    _O.STOOD_DOWN: frozenset(),
}
assert OFFER_NEXT.keys() == set(OfferState), "every state needs its row"

_RANK: Mapping[ResponderState, AlarmStatus] = {
    _R.ACCEPTED: _S.ACCEPTED,
    _R.EN_ROUTE: _S.EN_ROUTE,
    _R.ON_SCENE: _S.ON_SCENE,
}
_ORDER = (_S.RAISED, _S.ACCEPTED, _S.EN_ROUTE, _S.ON_SCENE)


class IllegalTransition(Conflict):
    code: ClassVar[str] = "illegal_transition"

    def __init__(self, what: str, current: str, wanted: str) -> None:
        self._current = current
        super().__init__(f"{what} that is {current} cannot become {wanted}")

    def facts(self) -> dict[str, str]:
        return {"current": self._current}


class AlreadyTaken(Conflict):
    """Enough Personil are on it; names the one who was first."""

    code: ClassVar[str] = "already_taken"

    def __init__(self, winner: str) -> None:
        self._winner = winner
        super().__init__(f"{winner} has taken this alarm already")

    def facts(self) -> dict[str, str]:
        return {"winner": self._winner}


class OfferOver(Conflict):
    """The offer ended before it was answered; `state` says how."""

    code: ClassVar[str] = "offer_over"

    def __init__(self, state: OfferState) -> None:
        self._state = state
        super().__init__(f"this offer is over: it was {state.value.replace('_', ' ')}")

    def facts(self) -> dict[str, str]:
        return {"state": self._state.value}


class NotArrived(Conflict):
    """Only whoever is there can say what it was."""

    code: ClassVar[str] = "not_arrived"

    def __init__(self, current: ResponderState) -> None:
        self._current = current
        super().__init__("say that you are on the scene, then report what it was")

    def facts(self) -> dict[str, str]:
        return {"current": self._current.value}


@dataclass(frozen=True, slots=True)
class Responding:
    """One responder, as far as decisions need to know."""

    personil_id: UUID
    name: str
    part: Part
    state: ResponderState
    backup_asked_at: datetime | None = None
    reported_at: datetime | None = None

    @property
    def active(self) -> bool:
        return self.state is not ResponderState.RELEASED


def move(current: AlarmStatus, wanted: AlarmStatus) -> AlarmStatus:
    """`wanted`, if an alarm may go there; staying is always allowed."""
    if wanted is not current and wanted not in ALARM_NEXT[current]:
        raise IllegalTransition("an alarm", current, wanted)
    return wanted


def step(current: ResponderState, wanted: ResponderState) -> ResponderState:
    """`wanted`, if a responder may go there; repeating a step is harmless."""
    if wanted is not current and wanted not in RESPONDER_NEXT[current]:
        raise IllegalTransition("a responder", current, wanted)
    return wanted


def responding(responders: Iterable[Responding], personil_id: UUID) -> Responding | None:
    """This Personil, if they are on it now."""
    return next((r for r in responders if r.active and r.personil_id == personil_id), None)


def all_reported(responders: Iterable[Responding]) -> bool:
    """True when everybody who is on it has said what it was: nobody else is needed."""
    active = [r for r in responders if r.active]
    return bool(active) and all(r.reported_at is not None for r in active)


def must_be_open(status: AlarmStatus, *, closed: bool) -> None:
    """OfferOver when the alarm has ended: nothing more is asked of, or by, its responders."""
    if closed or status is AlarmStatus.RESOLVED:
        raise OfferOver(OfferState.STOOD_DOWN)


def must_have_arrived(current: ResponderState) -> None:
    if current is not ResponderState.ON_SCENE:
        raise NotArrived(current)


def places_wanted(responders: Iterable[Responding], more: int) -> int:
    """Places for backups so that so many more may come than are on it now."""
    return sum(r.active and r.part == "backup" for r in responders) + more


def followed(current: AlarmStatus, responders: Iterable[Responding]) -> AlarmStatus:
    """The response as its active responders make it: the furthest of them, or raised again.

    An ended alarm stays ended, whatever its responders still report.
    """
    if current in (AlarmStatus.RESOLVED, AlarmStatus.CANCELLED):
        return current
    reached = [_RANK[responder.state] for responder in responders if responder.active]
    return move(current, max(reached, key=_ORDER.index, default=AlarmStatus.RAISED))


def part_for(responders: Iterable[Responding], personil_id: UUID, backups: int) -> Part:
    """The part a Personil who accepts now gets; AlreadyTaken when there is none left."""
    active = [r for r in responders if r.active and r.personil_id != personil_id]
    primary = next((r for r in active if r.part == "primary"), None)
    if primary is None:
        return "primary"
    if sum(r.part == "backup" for r in active) >= backups:
        raise AlreadyTaken(primary.name)
    return "backup"


def is_full(responders: Iterable[Responding], backups: int) -> bool:
    """True when primary and every backup place are taken: the rest can stand down."""
    active = [r for r in responders if r.active]
    return any(r.part == "primary" for r in active) and len(active) >= 1 + backups
