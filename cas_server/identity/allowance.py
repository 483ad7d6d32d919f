"""Pure: how many text messages may be sent, and which part of the budget pays for one.

Whoever pumps numbers asks for codes and never gives one back. So what is counted is messages whose
code was not given back: codes that are used cost the budget nothing, and a campaign of genuine
sign-ups is not stopped by it. A part of the budget is kept for numbers that have an account, and a
part for phones that were signed in before: those still get their code while strangers wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cas_server.settings import Settings


class Purse(StrEnum):
    """A part of the budget; everybody draws on COMMON first."""

    COMMON = "common"
    NUMBER = "number"
    """Kept for numbers of people who have an account or stand in the registry."""
    DEVICE = "device"
    """Kept for those on a device that was signed in to this account before."""


PARTS: Mapping[Purse, float] = {Purse.COMMON: 0.6, Purse.NUMBER: 0.3, Purse.DEVICE: 0.1}
assert PARTS.keys() == set(Purse), "every purse needs its part"
assert abs(sum(PARTS.values()) - 1) < 1e-9, "the parts make a whole"


@dataclass(frozen=True, slots=True)
class Spent:
    """Messages of the last hour and day whose code was not given back, by purse."""

    hour: Mapping[Purse, int]
    day: Mapping[Purse, int]
    network: int
    """Of the day, asked for from the asker's network."""
    every: int
    """Of the day, given back or not."""


@dataclass(frozen=True, slots=True)
class Budget:
    """At most so many unanswered messages, from one network and in all; and at most so many."""

    per_hour: int
    per_day: int
    per_network: int
    ceiling: int

    @classmethod
    def of(cls, settings: Settings) -> "Budget":
        return cls(
            per_hour=settings.sms_unanswered_per_hour,
            per_day=settings.sms_unanswered_per_day,
            per_network=settings.sms_unanswered_per_network,
            ceiling=settings.sms_per_day,
        )


@dataclass(frozen=True, slots=True)
class Asker:
    """What is known of whoever asks; it decides what is sent, never what is answered."""

    number_known: bool
    device_known: bool


def scarce(spent: Spent, budget: Budget) -> bool:
    """True when a stranger gets no message. May be told: it does not depend on who asks."""
    return spent.network >= budget.per_network or not _left(Purse.COMMON, spent, budget)


def payer(spent: Spent, budget: Budget, asker: Asker) -> Purse | None:
    """Which purse pays for a message to this asker; None when none does."""
    if not scarce(spent, budget):
        return Purse.COMMON
    if asker.number_known and _left(Purse.NUMBER, spent, budget):
        return Purse.NUMBER
    if asker.device_known and _left(Purse.DEVICE, spent, budget):
        return Purse.DEVICE
    return None


def _left(purse: Purse, spent: Spent, budget: Budget) -> bool:
    part = PARTS[purse]
    return (
        spent.every < budget.ceiling
        and spent.hour.get(purse, 0) < int(budget.per_hour * part)
        and spent.day.get(purse, 0) < int(budget.per_day * part)
    )
