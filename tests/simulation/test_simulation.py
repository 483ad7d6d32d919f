"""A sample of the schedules that `make simulate` plays by the thousand, and faults it must find."""

import pytest

from cas_server.alarm import state
from cas_server.dispatch import escalation, policy
from cas_server.live.protocol import Close, CloseCode, Connection
from cas_server.outbox import retry
from tests.simulation.alone import failure_of
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


def test_the_decisions_alone_keep_every_alarm_with_somebody() -> None:
    assert [failure for seed in range(250) if (failure := failure_of(seed))] == []


@pytest.mark.parametrize(
    ("where", "what", "instead", "found_by"),
    [
        (state, "part_for", lambda *_: "primary", "one leads"),
        (state, "is_full", lambda *_: False, "every place is taken"),
        (state, "followed", lambda current, _: current, "as far as its responders"),
        (escalation, "ring_is_over", lambda *_: False, "forgotten"),
        (policy, "_refusal", lambda *_: None, "called to what"),
        (retry, "MOST_ATTEMPTS", 7, "gives up early"),
        (Connection, "ended", lambda _: [Close(CloseCode.BAD_CREDENTIAL)], "speaks"),
    ],
)
def test_a_fault_in_the_decisions_alone_is_found(
    monkeypatch: pytest.MonkeyPatch, where: object, what: str, instead: object, found_by: str
) -> None:
    monkeypatch.setattr(where, what, instead)

    failures = [failure for seed in range(120) if (failure := failure_of(seed))]

    found = [failure for failure in failures if found_by in failure.what]
    assert found
    assert min(failure.steps for failure in found) <= FEW_STEPS
    assert f"make simulate PURE=1 FIRST={found[0].seed}" in str(found[0])
