"""Pure: when the next person presses, by the hour of the day."""

from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Jakarta")

# Share of a day's emergency calls in each hour from midnight, in per mille: 12,969 calls of
# South Metro Fire Rescue (Colorado) in 2019, aggregated from its open records
# (github.com/Robertshannon96/SMFR-911-Calls). No such table of Indonesia is published.
HOUR_PER_MILLE = (
    22, 20, 22, 17, 15, 18, 25, 36, 44, 52, 56, 61,
    59, 57, 58, 58, 62, 65, 54, 51, 47, 44, 34, 24,
)  # fmt: skip
assert len(HOUR_PER_MILLE) == 24

QUIETEST = 0.6
"""Nights are that quiet and no quieter, or somebody who starts the demo at 3 sees nothing."""

EVENNESS = 2.5
LONGEST_GAPS = 2.0
"""In mean gaps. People who know nothing of each other press in bursts and with long pauses; these
are spread a little more evenly, so that nobody who comes to look waits for many minutes."""

FIRST_AFTER_S = (8.0, 16.0)


def activity(now: datetime) -> float:
    """How busy this hour is; 1 is an average one."""
    mean = sum(HOUR_PER_MILLE) / len(HOUR_PER_MILLE)
    return max(QUIETEST, HOUR_PER_MILLE[now.astimezone(LOCAL).hour] / mean)


def gap_s(per_hour: float, now: datetime, chance: Random) -> float:
    """Until the next press."""
    mean_s = 3_600 / (per_hour * activity(now))
    return min(chance.gammavariate(EVENNESS, mean_s / EVENNESS), LONGEST_GAPS * mean_s)
