"""Every benchmark runs, checks what it measures, and prints one JSON object and nothing else."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cas_server.bench.result import Latency, Result
from cas_server.children import python
from cas_server.embedded import Cluster

NAMES = ("press", "walls", "flood", "reach", "deadlines", "fixes", "nearest", "fanout", "idle")
SHAPE = {"name", "value", "unit", "yardstick", "ratio", "latency_ms", "checks", "seconds", "commit"}
CERTAIN = {
    "press": "every_201_stored_with_its_offers",
    "walls": "nothing_refused",
    "flood": "every_genuine_press_accepted",
    "reach": "every_press_on_every_console",
    "deadlines": "every_deadline_was_kept_once",
    "fanout": "everybody_got_every_event",
    "idle": "under_the_limit",
}
"""Checks of what was done, not of how quickly."""


# One after another in one worker: two at once would measure each other.
@pytest.mark.xdist_group("bench")
@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_prints_one_json_object(name: str, cluster: Cluster, tmp_path: Path) -> None:
    # The cluster is only asked for so that the programs are there before many start at once.
    assert cluster.data.exists()

    told = _run(name, tmp_path)

    assert set(told) == SHAPE
    assert told["name"] == name
    assert told["value"] > 0
    assert told["yardstick"] > 0
    assert told["ratio"] == pytest.approx(told["value"] / told["yardstick"], abs=0.01)
    assert set(told["latency_ms"]) == {"p50", "p99", "p999"}
    assert told["checks"].get(CERTAIN.get(name, ""), True) is True


def _run(name: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 - our own command
        python("cas_server", "bench", name, "--seconds", "1", "--size", "0.01", "--json"),
        capture_output=True,
        cwd=folder,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_percentiles_are_nearest_ranks() -> None:
    latency = Latency.of([float(number) for number in range(1, 1_001)])

    assert (latency.p50, latency.p99, latency.p999) == (500, 990, 999)


def test_a_benchmark_without_measurements_says_zero() -> None:
    assert Latency.of([]) == Latency(0, 0, 0)


def test_a_ratio_is_the_value_over_the_yardstick() -> None:
    result = Result("press", 40, "presses/s", 100, Latency.of([1.0]), {"kept": True}, 1, "so")

    told = json.loads(result.as_json())

    assert told["ratio"] == 0.4
    assert told["latency_ms"] == {"p50": 1.0, "p99": 1.0, "p999": 1.0}
    assert told["checks"] == {"kept": True}
