"""The harness can fail: each mistake planted in the server is found, and found for what it is."""

import os
import random
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio

from cas_server.embedded import Cluster
from tests.crash.drive import live_through
from tests.crash.machines import Machines, machines
from tests.crash.officers import Habit
from tests.crash.people import OFFICERS
from tests.crash.planted.faults import NAMED_IN
from tests.crash.schedule import Schedule, Trouble, calm, plain

pytestmark = pytest.mark.xdist_group("crash")

Spoil = Callable[[Schedule], Schedule]


def nothing_breaks(story: Schedule) -> Schedule:
    return calm(story)


def nothing_breaks_and_the_bank_presses(story: Schedule) -> Schedule:
    return replace(calm(story), site=True)


def killed_when_answered(story: Schedule) -> Schedule:
    both = [Trouble(0.0, "kill when answered", name, 0.0) for name in ("serve-0", "serve-1")]
    return replace(calm(story), troubles=both)


def one_accepts_and_the_others_do_not_look(story: Schedule) -> Schedule:
    others = [Habit("ignores", 0.0, by_socket=False)] * (OFFICERS - 1)
    return replace(story, habits=[Habit("accepts", 0.1, by_socket=False), *others])


def killed_while_the_push_service_hangs(story: Schedule) -> Schedule:
    hangs, killed = Trouble(0.0, "fcm", "hang", 2.5), Trouble(1.5, "kill", "work", 0.0)
    return replace(calm(story), troubles=[hangs, killed])


PLANTED: dict[str, tuple[Spoil, set[str]]] = {
    "answer_before_commit": (killed_when_answered, {"press lost"}),
    "journal_by_id": (nothing_breaks, {"picture differs"}),
    "expiry_without_fence": (one_accepts_and_the_others_do_not_look, {"acceptance lost"}),
    "outbox_in_memory": (killed_while_the_push_service_hangs, {"push lost"}),
    "sent_is_received": (nothing_breaks, {"false receipt"}),
    "only_said": (
        nothing_breaks_and_the_bank_presses,
        {"recording lost", "code lost", "contact not told", "browser not woken"},
    ),
}
STORY = plain(random.Random(7))  # noqa: S311 - a fixed one


@pytest_asyncio.fixture(scope="module")
async def spoilt(
    ready_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Machines]:
    """An installation whose processes look into a file for what they do wrong."""
    folder = tmp_path_factory.mktemp("spoilt")
    program = ("tests.crash.planted",)
    async with machines(ready_cluster, folder, program=program) as made:
        yield made


@pytest.mark.parametrize("fault", PLANTED)
async def test_a_planted_fault_is_found(spoilt: Machines, fault: str) -> None:
    spoil, findings = PLANTED[fault]
    (spoilt.faults / NAMED_IN).write_text(fault)
    await spoilt.up()

    outcome = await live_through(spoilt, spoil(STORY))

    assert findings <= {each.what for each in outcome.findings}


@pytest.fixture
def hasty(spoilt: Machines) -> Iterator[Machines]:
    """Commits do not wait for the disk, and whoever would write soon after is held."""
    (spoilt.faults / NAMED_IN).unlink(missing_ok=True)
    spoilt.environment["CAS_DATABASE_URL"] = f"{spoilt.dsn}&synchronous_commit=off"
    restart(spoilt)
    walwriter = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'"
    os.kill(int(spoilt.cluster.run_sql("postgres", walwriter)), signal.SIGSTOP)
    yield spoilt
    del spoilt.environment["CAS_DATABASE_URL"]
    restart(spoilt)


def restart(spoilt: Machines) -> None:
    for name in ("serve-0", "serve-1", "work"):
        spoilt.signal(name, signal.SIGKILL)


async def test_commits_that_do_not_wait_for_the_disk_are_found(hasty: Machines) -> None:
    await hasty.up()
    troubles = [Trouble(0.0, "power when answered", "postgres", 0.0)]

    outcome = await live_through(hasty, replace(calm(STORY), troubles=troubles))

    assert "press lost" in {each.what for each in outcome.findings}
