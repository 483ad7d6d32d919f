"""Pure: when to try again, and when to give up."""

from dataclasses import dataclass
from datetime import timedelta

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=1)
MOST_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Done:
    """The work is finished, or there is no point in it any more."""


@dataclass(frozen=True, slots=True)
class Again:
    """It failed; `after` is the other side's own wish (Retry-After), if it stated one."""

    why: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It failed for good."""

    why: str


Outcome = Done | Again | GiveUp


def decide(outcome: Again, attempts: int) -> timedelta | GiveUp:
    """How long to wait after the attempt numbered `attempts` (from 1), or that it is the last.

    The wait doubles from FIRST_WAIT up to LONGEST_WAIT and is never shorter than asked.
    """
    if attempts >= MOST_ATTEMPTS:
        return GiveUp(f"{outcome.why}, {attempts} times")
    backoff: timedelta = min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)
    return max(backoff, outcome.after or timedelta())
