"""A sample of the schedules that `make simulate` plays by the thousand, and faults it must find."""

import pytest

from tests.simulation.planted import FAULTS
from tests.simulation.play import Stage
from tests.simulation.schedule import of_seed

MOST_SCHEDULES = 60
FEW_STEPS = 4


@pytest.mark.parametrize("first", [0, 6])
async def test_the_rules_hold_at_every_step(stage: Stage, first: int) -> None:
    for seed in range(first, first + 6):
        failure = await stage.play(of_seed(seed))
        if failure is not None:
            pytest.fail(str(await stage.shrink(failure)))


@pytest.mark.parametrize("name", FAULTS)
async def test_a_planted_fault_is_found(
    stage: Stage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = FAULTS[name]
    fault.plant(monkeypatch)

    for seed in range(fault.first_seed, fault.first_seed + MOST_SCHEDULES):
        failure = await stage.play(of_seed(seed))
        if failure is not None:
            assert fault.found_by in failure.what
            return
    pytest.fail(f"{name}: not found in {MOST_SCHEDULES} schedules")


async def test_a_failure_is_the_same_each_time_and_is_told_by_a_few_steps(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    FAULTS["an expiry that calls nobody further"].plant(monkeypatch)
    failure = await stage.play(of_seed(0))
    assert failure == await stage.play(of_seed(0))
    assert failure is not None

    shrunk = await stage.shrink(failure)

    assert shrunk.rule == failure.rule
    assert len(shrunk.schedule.steps) <= FEW_STEPS < len(failure.schedule.steps)
    assert "presses" in str(shrunk)
    assert "make simulate SEED=0" in str(shrunk)
