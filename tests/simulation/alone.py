"""The decisions alone, seed by seed: played in memory, and what fails is shrunk."""

import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.simulation.memory import House, acts_of
from tests.simulation.shrink import Fewer
from tests.simulation.talk import talk, turns_of

AT_A_TIME = 1_000


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that did not hold, how many steps it takes, and what happened."""

    seed: int
    what: str
    steps: int
    story: tuple[str, ...]

    def __str__(self) -> str:
        again = f"again:   make simulate PURE=1 FIRST={self.seed}"
        return "\n".join([f"seed {self.seed}: {self.what}", *self.story, again])


Play = Callable[[int, Sequence[Any]], Broken | None]


def failure_of(seed: int) -> Broken | None:
    """None when every rule held; else told by as few steps as leaving some out can reach."""
    return _first(seed, acts_of(seed), _in_house) or _first(seed, turns_of(seed), _on_line)


def _first(seed: int, steps: Sequence[Any], play: Play) -> Broken | None:
    broken = play(seed, steps)
    if broken is None:
        return None
    search = Fewer(steps)
    for less in search:
        found = play(seed, less)
        if found is not None and found.what == broken.what:
            broken = found
            search.still_fails()
    return broken


def _in_house(seed: int, acts: Sequence[Any]) -> Broken | None:
    house = House(seed)
    try:
        house.play(acts)
    except AssertionError as broken:
        return Broken(seed, str(broken), len(acts), tuple(house.story))
    return None


def _on_line(seed: int, turns: Sequence[Any]) -> Broken | None:
    try:
        talk(seed, turns)
    except AssertionError as broken:
        return Broken(seed, str(broken), len(turns), tuple(turns))
    return None


def _failures(seeds: range) -> list[str]:
    return [str(broken) for seed in seeds if (broken := failure_of(seed))]


def play_alone(seeds: range, jobs: int, say: Callable[[str], None]) -> int:
    """How many failed; each is told at once."""
    began, failed, played = time.monotonic(), 0, 0
    parts = [seeds[start : start + AT_A_TIME] for start in range(0, len(seeds), AT_A_TIME)]
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        for part, failures in zip(parts, pool.imap(_failures, parts), strict=True):
            failed, played = failed + len(failures), played + len(part)
            for failure in failures:
                say(f"{failure}\n")
            if played % (10 * AT_A_TIME) == 0:
                say(f"{played} schedules in memory, {failed} failed")
    took_s = time.monotonic() - began
    say(f"{played} schedules in memory in {took_s:.0f} s: {failed or 'none'} failed")
    return failed
