"""Every benchmark runs, checks what it measures, and prints one JSON object and nothing else."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cas_server.bench import kept, report
from cas_server.bench.result import Curve, Latency, Result, Side, Target
from cas_server.children import python
from cas_server.embedded import Cluster

# All but `restart`: it starts servers again and again, as tests/up does, and no size is small.
NAMES = (
    "press",
    "walls",
    "flood",
    "reach",
    "deadlines",
    "fixes",
    "nearest",
    "fanout",
    "idle",
    "memory",
    "soak",
    "isolation",
    "growth",
)
SHAPE = {"name", "value", "unit", "yardstick", "ratio", "latency_ms", "checks", "seconds", "commit",
         "machine", "compared", "sides", "targets", "curves"}  # fmt: skip
CERTAIN = {
    "press": "every_201_stored_with_its_offers",
    "walls": "nothing_refused",
    "flood": "every_genuine_press_accepted",
    "reach": "every_press_on_every_console",
    "deadlines": "every_deadline_was_kept_once",
    "fixes": "every_fix_along_an_alarm_in_the_history",
    "fanout": "everybody_got_every_event",
    "memory": "under_the_limit",
    "isolation": "every_accepted_press_stored",
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


def test_kept_results_become_one_page_with_a_picture_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    ours, theirs = Side("CAS", [9, 12, 10]), Side("pgbench", [20, 19, 24])
    wanted = [Target("of pgbench", 0.5, "at least", 0.6), Target("p99 (ms)", 3, "at most", 5)]
    curve = Curve("officers", "officers", "p99 (ms)", [(1, 2), (10, 2.5)], log=True)
    result = Result(
        "press", ours.median, "presses/s", theirs.median, Latency.of([1.0]), {}, 1, "One by one.",
        [ours, theirs], wanted, [curve],
    )  # fmt: skip
    kept.keep(result)
    (tmp_path / "results/press.md").write_text("The disk is slow here.")

    page = report.write(tmp_path).read_text()

    assert "| CAS | 10 | 9 | 12 | 3 |" in page
    assert "of pgbench | at least 0.6 | 0.5 | **missed** |" in page
    assert "p99 (ms) | at most 5 | 3 | met |" in page
    assert "The disk is slow here." in page
    for picture in ("press.png", "press-1.png"):
        assert f"(pictures/{picture})" in page
        assert (tmp_path / "pictures" / picture).read_bytes().startswith(b"\x89PNG")


def test_no_results_are_kept_outside_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "nowhere")

    with pytest.raises(kept.NoCheckout, match="in a checkout"):
        kept.kept()
