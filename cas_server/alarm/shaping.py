"""Pure: what becomes of an unverified press when many come from one network. None is dropped."""

from enum import StrEnum
from http import HTTPStatus
from typing import ClassVar

from cas_server.errors import CasError

EVERYWHERE = "*"
"""Stands for all networks together: for what none of them has folded by itself."""
CALLING = "* calling"
"""And for what none of them has held by itself."""

CALLS_PER_NETWORK = 5
ENTRIES_PER_NETWORK = 20
CALLS_EVERYWHERE = 30
ENTRIES_EVERYWHERE = 120
"""All within one minute. Officers are few, and an operator can look at so many at most."""


class Way(StrEnum):
    """call: like any other; hold: the desk looks before officers are called; fold: one entry of
    the queue stands for all of that network and minute."""

    CALL = "call"
    HOLD = "hold"
    FOLD = "fold"


class Overloaded(CasError):
    """Thousands wait already; said only when a press cannot even be kept waiting."""

    code: ClassVar[str] = "overloaded"
    status: ClassVar[HTTPStatus] = HTTPStatus.SERVICE_UNAVAILABLE
    retry_after_s = 2

    def __init__(self) -> None:
        super().__init__(
            f"this press is not stored yet: thousands wait before it; repeat it in "
            f"{self.retry_after_s} seconds, or call 110"
        )

    def facts(self) -> dict[str, str]:
        return {"retry_after_s": str(self.retry_after_s)}


def way_of_network(nth: int) -> Way:
    """For the n-th unverified press of its network in this minute."""
    if nth > ENTRIES_PER_NETWORK:
        return Way.FOLD
    return Way.HOLD if nth > CALLS_PER_NETWORK else Way.CALL


def way_of_all(own: Way, nth_entry: int, nth_call: int) -> Way:
    """The same, if its network alone lets it through, for a flood that comes from everywhere.

    One network's flood must not use up what is there for all: what it holds or folds by itself
    counts neither as an entry nor as a call.
    """
    if own is Way.FOLD or nth_entry > ENTRIES_EVERYWHERE:
        return Way.FOLD
    return Way.HOLD if own is Way.HOLD or nth_call > CALLS_EVERYWHERE else Way.CALL


def folded_under(network: str, own: Way) -> str:
    """Whose entry stands for it: its network's, or everybody's when the flood is spread out."""
    return network if own is Way.FOLD else EVERYWHERE
