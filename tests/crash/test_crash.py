"""A sample of what `make prove` does at length: break it anywhere, and every promise is kept."""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cas_server.kit.fault import POINTS
from tests.crash.checker import listed
from tests.crash.drive import live_through
from tests.crash.machines import Machines
from tests.crash.officers import Habit, Temper
from tests.crash.people import OFFICERS
from tests.crash.power import can_lose
from tests.crash.schedule import Trouble, of_seed, plain, seed_of

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


FROM_OUTSIDE = [
    Trouble(0.0, "full disk when answered", "postgres", 2.0),
    Trouble(0.0, "outside", "browsers 500", 3.0),
    Trouble(0.0, "outside", "texts hang", 3.0),
    Trouble(0.2, "deaf", "0", 2.0),
    Trouble(0.4, "herd", "1", 1.0),
    Trouble(1.0, "lose", "0 down 1", 2.0),
    Trouble(1.0, "lose", "1 up 0.3", 2.0),
]


async def test_a_full_disk_lost_packets_failing_services_a_herd_and_clients_that_never_read_at_once(
    running: Machines,
) -> None:
    story = plain(random.Random(3))  # noqa: S311 - a fixed one
    # The first has a receipt and sends a picture while there is no room for it.
    first, *others = sorted(story.presses, key=lambda press: press.citizen)
    presses = [replace(first, at_s=0.0), *(replace(one, at_s=one.at_s + 1) for one in others)]

    outcome = await live_through(
        running, replace(story, presses=presses, troubles=FROM_OUTSIDE, site=True)
    )

    assert not outcome.findings, listed(outcome.findings)
    told = _lines(outcome.folder / "citizen-0.jsonl")
    asked = next(line for line in told if line["what"] == "picture.asked")
    kept = next(line for line in told if line["what"] == "picture.promised"
                and line["picture_id"] == asked["picture_id"])  # fmt: skip
    if can_lose():  # else there is no layer that can be full
        disk = [line["at"] for line in _lines(running.folder / "machines.jsonl")
                if line["what"].startswith("disk.")]  # fmt: skip
        assert disk[-2] < asked["at"] < disk[-1] < kept["at"]


def _lines(diary: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in diary.read_text().splitlines()]


@pytest.mark.parametrize("seed", SAMPLE)
async def test_every_promise_is_kept_whatever_breaks(running: Machines, seed: int) -> None:
    schedule = of_seed(seed)

    outcome = await live_through(running, schedule)

    words = f"{schedule}\n{listed(outcome.findings)}\nagain: make prove SEED={seed}"
    assert not outcome.findings, words
