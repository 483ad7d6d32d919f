"""A sample of the schedules that `make simulate` plays by the thousand."""

import pytest

from tests.simulation.play import Stage
from tests.simulation.schedule import of_seed


@pytest.mark.parametrize("first", [0, 10, 20])
async def test_the_rules_hold_at_every_step(stage: Stage, first: int) -> None:
    for seed in range(first, first + 10):
        failure = await stage.play(of_seed(seed))
        if failure is not None:
            pytest.fail(str(await stage.shrink(failure)))
