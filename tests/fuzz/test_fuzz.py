"""A sample of what `make fuzz` does: each route, all phases, by somebody who may use it."""

import asyncio
from pathlib import Path

import pytest

from cas_server.embedded import Cluster
from tests.conftest import TEMPLATE
from tests.fuzz.run import EVERY, ROLES, SEED, fuzz, share_of
from tests.fuzz.stage import ASKERS, stage_on

# One worker plays it from the start, beside the browsers.
pytestmark = pytest.mark.xdist_group("fuzz")

EXAMPLES = 1


@pytest.fixture
def fuzz_dsn(cluster: Cluster) -> str:
    cluster.create_database("fuzz", template=TEMPLATE)
    return cluster.url("fuzz")


def test_all_shares_together_are_every_route() -> None:
    shared = [name for asker in ROLES for name in share_of(asker)]

    assert ROLES.keys() == ASKERS.keys()
    assert sorted(shared) == sorted(str(way) for way in EVERY)


async def test_no_input_breaks_the_server_or_gets_past_a_sign_in(
    fuzz_dsn: str, tmp_path: Path
) -> None:
    """No 5xx, every answer as the schema says, nothing without its sign-in."""
    async with stage_on(fuzz_dsn, tmp_path) as stage:
        for asker in ASKERS:
            code, report = await asyncio.to_thread(
                fuzz, stage, asker, EXAMPLES, only=share_of(asker)
            )
            assert code == 0, f"{asker}, seed {SEED}:\n{report}"
            assert "Operations" in report
