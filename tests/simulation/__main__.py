"""`make simulate`: schedule after schedule, each from its seed; what fails is shrunk."""

import argparse
import sys
import time

from tests.simulation.alone import play_alone
from tests.simulation.schedule import of_seed
from tests.simulation.sweep import say, sweep


def main() -> int:
    """0 when every rule held at every step."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="play this one only")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=180)
    parser.add_argument("--pure", type=int, help="so many of the decisions alone, in memory")
    told = parser.parse_args()
    if told.pure is not None:
        failed = play_alone(range(told.first, told.first + told.pure), told.jobs, say)
        return 1 if failed else 0
    one = told.seed is not None
    seeds = range(told.seed, told.seed + 1) if one else range(told.first, told.first + told.count)
    if one:
        say(str(of_seed(told.seed)))
    began = time.monotonic()
    scores = sweep(seeds, 1 if one else told.jobs, told.minutes)
    failures = sum(len(score.failures) for score in scores)
    say(
        f"{sum(score.played for score in scores)} schedules,"
        f" {sum(score.hours for score in scores):.0f} hours of duty,"
        f" {sum(score.steps for score in scores)} steps checked in"
        f" {time.monotonic() - began:.0f} s: {failures or 'none'} failed"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
