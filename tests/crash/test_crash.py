"""A sample of what `make prove` does at length: break it anywhere, and every promise is kept."""

import random
from dataclasses import replace

import pytest

from cas_server.kit.fault import POINTS
from tests.crash.checker import listed
from tests.crash.drive import live_through
from tests.crash.machines import Machines
from tests.crash.officers import Habit, Temper
from tests.crash.people import OFFICERS
from tests.crash.schedule import of_seed, plain, seed_of

pytestmark = pytest.mark.xdist_group("crash")

TEMPERS: tuple[Temper, ...] = ("declines", "ignores", "accepts")

SAMPLE = [
    seed_of("transaction.committing", "stop"),
    seed_of("press.committed", "kill"),
    seed_of("outbox.claimed", "kill"),
    1_001,
    1_002,
]


async def test_where_nothing_breaks_every_point_is_passed_and_every_promise_kept(
    running: Machines,
) -> None:
    story = plain(random.Random(0))  # noqa: S311 - a fixed one
    # Most near ones decline or do not look, so that offers end and rings are widened, too.
    declines, ignores, accepts = (Habit(temper, 0.3, by_socket=False) for temper in TEMPERS)
    habits = [declines] * 2 + [ignores] * (OFFICERS - 4) + [accepts] * 2

    outcome = await live_through(running, replace(story, habits=habits))

    assert not outcome.findings, listed(outcome.findings)
    assert POINTS - running.passed() == set()


@pytest.mark.parametrize("seed", SAMPLE)
async def test_every_promise_is_kept_whatever_breaks(running: Machines, seed: int) -> None:
    schedule = of_seed(seed)

    outcome = await live_through(running, schedule)

    words = f"{schedule}\n{listed(outcome.findings)}\nagain: make prove SEED={seed}"
    assert not outcome.findings, words
