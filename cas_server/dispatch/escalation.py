"""Pure: when a ring is over, what comes after it, and whom an unheard alarm climbs to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cas_server.dispatch.policy import LAST_RING, Rules


class Reach(StrEnum):
    """What is known of one open or ended offer."""

    WAITING = "waiting"
    """Open and on the screen, or its receipt is not due yet."""
    UNREACHED = "unreached"
    """Open, but no phone has confirmed it in time: nobody waits for it."""
    ANSWERED = "answered"
    """Declined, expired or stood down."""
    TAKEN = "taken"


def ring_is_over(offers: Iterable[Reach]) -> bool:
    """True when nobody of the ring has taken the alarm and nobody is being waited for."""
    return all(offer in (Reach.UNREACHED, Reach.ANSWERED) for offer in offers)


def next_ring(ring: int) -> int | None:
    """The ring after `ring`; None after the last: then the command centre rings."""
    return ring + 1 if ring < LAST_RING else None


@dataclass(frozen=True, slots=True)
class Summons:
    """Staff to be told: everybody of `role` at the alarm's Polsek or Polres."""

    level: str
    role: str
    reason: str


def summons_of_ring(ring: int) -> tuple[Summons, ...]:
    """Whom a ring tells beside the Personil it calls."""
    if ring == 2:
        return (Summons("polsek", "operator", "ring_2"),)
    if ring == LAST_RING:
        return (
            Summons("polsek", "pimpinan", "ring_3"),
            Summons("polres", "pimpinan", "ring_3"),
        )
    return ()


@dataclass(frozen=True, slots=True)
class Climb:
    """The next step of an alarm that no operator has acknowledged."""

    summons: Summons
    next_at: datetime | None


def climb(due_at: datetime, climbed: int, rules: Rules) -> Climb:
    """The step after `climbed` steps, due since `due_at`: Kapolsek first, Kapolres second, then no
    more. They follow each other, for a ladder may begin anew: under duress, at another desk."""
    if climbed == 0:
        second_at = due_at + timedelta(seconds=rules.climb_second_s - rules.climb_first_s)
        return Climb(Summons("polsek", "pimpinan", "unacknowledged"), second_at)
    return Climb(Summons("polres", "pimpinan", "unacknowledged"), None)
