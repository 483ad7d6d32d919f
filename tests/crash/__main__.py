"""`make prove`: schedule after schedule, each from its seed, until time or seeds are over."""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from cas_server.db.migrate import upgrade
from cas_server.vault import key_file
from tests.crash.checker import LATE, listed
from tests.crash.drive import Outcome, live_through
from tests.crash.ground import ground
from tests.crash.lossy import why_not
from tests.crash.machines import DATABASE, Machines, machines
from tests.crash.people import make_town
from tests.crash.schedule import ENUMERATED, Schedule, of_seed

STARVED = 0.5
"""The share of a time in which somebody waited for a processor, from which on it is too short."""


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Score:
    """What a sweep came to so far."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.late: list[int] = []

    def add(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        verdict = "FAILED" if outcome.findings else "kept"
        hit = len(outcome.carried_out)
        _say(
            f"seed {outcome.schedule.seed}: {verdict}, {outcome.promises} promises,"
            f" flow {outcome.flow_s:.1f} s, {outcome.took_s:.0f} s"
            f" ({outcome.schedule}; {hit} of {len(outcome.schedule.orders)} points hit)"
        )
        if outcome.findings:
            _say(listed(outcome.findings))
            _say(f"  diaries: {outcome.folder}")
            _say(f"  again:   make prove SEED={outcome.schedule.seed}")

    def summary(self) -> str:
        bad = [one.schedule.seed for one in self.outcomes if one.findings]
        kinds = Counter(finding.what for one in self.outcomes for finding in one.findings)
        flows = sorted(one.flow_s for one in self.outcomes)
        hit = sum(len(one.carried_out) for one in self.outcomes)
        promises = sum(one.promises for one in self.outcomes)
        median, worst = (flows[len(flows) // 2], flows[-1]) if flows else (0.0, 0.0)
        return (
            f"{len(self.outcomes)} schedules, {promises} promises, {hit} points hit;"
            f" flow again: median {median:.1f} s, longest {worst:.1f} s;"
            f" late without a processor, so played again: {self.late or 'none'};"
            f" failed: {bad or 'none'} {dict(kinds) or ''}"
        )


async def _judged(running: Machines, schedule: Schedule, score: Score) -> Outcome:
    """Late, nothing else, and processors were short: once more, and that counts."""
    outcome = await live_through(running, schedule)
    only_late = outcome.findings and {one.what for one in outcome.findings} <= LATE
    if only_late and outcome.starved >= STARVED:
        _say(f"seed {schedule.seed}: late, so once more\n{listed(outcome.findings)}")
        score.late.append(schedule.seed)
        return await live_through(running, schedule)
    return outcome


async def _sweep(seeds: Iterable[int], minutes: float, folder: Path) -> int:
    ends, score = time.monotonic() + 60 * minutes, Score()
    key_file.make(folder / "keys")
    os.environ["CAS_KEY_FILE"] = str(folder / "keys")
    with ground() as cluster:
        await upgrade(cluster.url(DATABASE))
        await make_town(cluster.url(DATABASE))
        async with machines(cluster, folder, workers=2) as running:
            _say(f"packets: {why_not() or 'lost in a network of each server'}")
            for seed in seeds:
                if time.monotonic() > ends:
                    break
                score.add(await _judged(running, of_seed(seed), score))
    _say(score.summary())
    return 1 if any(one.findings for one in score.outcomes) else 0


def main() -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--seed", type=int, help="this one alone, with its diaries kept")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=len(ENUMERATED) + 40)
    parser.add_argument("--minutes", type=float, default=600.0)
    asked = parser.parse_args()
    seeds = (
        [asked.seed] if asked.seed is not None else range(asked.first, asked.first + asked.seeds)
    )
    folder = Path(tempfile.mkdtemp(prefix="cas-crash-"))
    return asyncio.run(_sweep(seeds, asked.minutes, folder))


if __name__ == "__main__":
    sys.exit(main())
