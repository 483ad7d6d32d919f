"""Pure: what a simulated operator does about an open alarm, and when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from random import Random

from cas_server.demo.shapes import Alarm

MOST_OPEN = 8

SEEN_AFTER_S = (45.0, 90.0)
"""Slow on purpose: whoever tries the console has the first chance."""

ON_SCENE_FOR_S = (45.0, 110.0)
CANCELLED_FOR_S = (30.0, 60.0)
GIVEN_UP_AFTER_S = 900.0
HUMAN_KEEPS_S = 600.0
"""An alarm that a human has acknowledged stays so much longer."""


class Deed(Enum):
    ACKNOWLEDGE = auto()
    CLOSE = auto()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a simulated alarm ended."""

    disposition: str
    note: str


_MISTAKE = Verdict("false_accidental", "Pelapor membatalkan; dihubungi kembali, keadaan aman.")
_NOBODY = Verdict("handed_over", "Tidak ada Personil yang tiba; diserahkan ke piket Polsek.")
_ATTENDED = {
    Verdict("genuine", "Personil tiba, keadaan terkendali, laporan dibuat di Polsek."): 70,
    Verdict("false_accidental", "Personil tiba; pelapor salah tekan, keadaan aman."): 12,
    Verdict("handed_over", "Personil tiba; diteruskan ke Reskrim."): 12,
    Verdict("false_malicious", "Personil tiba; tidak ada kejadian, pelapor mengaku iseng."): 6,
}


@dataclass(frozen=True, slots=True)
class Mandate:
    """Whose alarms a simulated operator may touch, and as whom it does."""

    simulated: frozenset[str]
    """Accounts of simulated people; alarms of anybody else are left alone."""
    own: frozenset[str]
    """Accounts the simulation signed in with: any other who acknowledged is a human."""


def is_simulated(alarm: Alarm, simulated: Collection[str]) -> bool:
    """True for an alarm that the simulation itself raised, in this run or an earlier one."""
    return alarm.demo and alarm.reporter.account_id in simulated


def deeds(
    alarms: Sequence[Alarm], mandate: Mandate, now: datetime, delays: float = 1.0
) -> list[tuple[Deed, Alarm]]:
    """What is due now; too many open ones end the oldest that is not a human's."""
    ours = [alarm for alarm in alarms if is_simulated(alarm, mandate.simulated)]
    mine = sorted(ours, key=lambda alarm: alarm.raised_at)
    due = [(deed, alarm) for alarm in mine if (deed := _deed(alarm, mandate, now, delays))]
    spare = [a for a in mine if a.acknowledged and not _human(a, mandate)]
    closing = {alarm.id for deed, alarm in due if deed is Deed.CLOSE}
    over = len(mine) - len(closing) - MOST_OPEN
    rest = [alarm for alarm in spare if alarm.id not in closing]
    return due + [(Deed.CLOSE, alarm) for alarm in rest[: max(0, over)]]


def verdict(alarm: Alarm) -> Verdict:
    """How it ended: the same whenever it is asked."""
    if alarm.cancelled is not None and not alarm.cancelled.duress:
        return _MISTAKE
    if _arrived_at(alarm) is None:
        return _NOBODY
    weights = list(_ATTENDED.values())
    return _chance(alarm, "verdict").choices(list(_ATTENDED), weights=weights)[0]


def _deed(alarm: Alarm, mandate: Mandate, now: datetime, delays: float) -> Deed | None:
    over_at_s = _over_after_s(alarm, now, delays)
    if over_at_s is not None:
        kept_s = HUMAN_KEEPS_S * delays if _human(alarm, mandate) else 0.0
        if over_at_s >= kept_s:
            # A late look may find it over before it was ever seen: a desk sees it first.
            unseen = alarm.acknowledged is None and alarm.cancelled is None
            return Deed.ACKNOWLEDGE if unseen else Deed.CLOSE
    unheard_since = _unheard_since(alarm)
    if unheard_since is None:
        return None
    seen_after_s = _drawn(alarm, "seen", SEEN_AFTER_S) * delays
    unheard_s = (now - unheard_since).total_seconds()
    return Deed.ACKNOWLEDGE if unheard_s >= seen_after_s else None


def _unheard_since(alarm: Alarm) -> datetime | None:
    """Since when the alarm has rung without anybody at the desk; None when it does not."""
    if alarm.acknowledged is None:
        return alarm.cancelled.at if alarm.cancelled else alarm.raised_at
    return alarm.unanswered_at


def _over_after_s(alarm: Alarm, now: datetime, delays: float) -> float | None:
    """For how long there has been reason to close it; None when there is none yet."""
    ends = [GIVEN_UP_AFTER_S * delays - (now - alarm.raised_at).total_seconds()]
    arrived_at = _arrived_at(alarm)
    if arrived_at is not None:
        stays_s = _drawn(alarm, "stays", ON_SCENE_FOR_S) * delays
        ends.append(stays_s - (now - arrived_at).total_seconds())
    if alarm.cancelled is not None and not alarm.cancelled.duress:
        waits_s = _drawn(alarm, "waits", CANCELLED_FOR_S) * delays
        ends.append(waits_s - (now - alarm.cancelled.at).total_seconds())
    over_s = -min(ends)
    return over_s if over_s >= 0 else None


def _arrived_at(alarm: Alarm) -> datetime | None:
    arrived = [one.on_scene_at for one in alarm.responders if one.on_scene_at is not None]
    return min(arrived, default=None)


def _human(alarm: Alarm, mandate: Mandate) -> bool:
    return alarm.acknowledged is not None and alarm.acknowledged.account_id not in mandate.own


def _drawn(alarm: Alarm, what: str, between_s: tuple[float, float]) -> float:
    return _chance(alarm, what).uniform(*between_s)


def _chance(alarm: Alarm, what: str) -> Random:
    # Drawn from the alarm, so that every look at it gives the same answer and none is stored.
    return Random(f"{what}{alarm.id}")  # noqa: S311 - a demo, not a secret
