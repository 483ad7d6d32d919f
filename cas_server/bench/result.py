"""What a benchmark says: one JSON object for machines, a small table and a sentence for people."""

import importlib.metadata
import math
import os
import platform
import shutil
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import msgspec
from rich.console import Console
from rich.table import Table

Check = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Latency:
    """How long one took, in milliseconds: the half, 99 of 100 and 999 of 1,000 were quicker."""

    p50: float
    p99: float
    p999: float

    @classmethod
    def of(cls, latencies_ms: Sequence[float]) -> "Latency":
        """Of measurements in any order; of none at all, zeros."""
        ranked = sorted(latencies_ms)
        return cls(*(round(percentile(ranked, share), 2) for share in (0.5, 0.99, 0.999)))


@dataclass(frozen=True, slots=True)
class Side:
    """What one side came to, round by round, in the result's unit; sides take turns."""

    name: str
    rounds: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds) if self.rounds else 0.0

    def told(self) -> dict[str, object]:
        """For the JSON: rounded, with the spread."""
        rounds = [significant(value) for value in self.rounds]
        spread = {"least": min(rounds, default=0.0), "most": max(rounds, default=0.0)}
        return {"name": self.name, "median": significant(self.median), **spread, "rounds": rounds}


@dataclass(frozen=True, slots=True)
class Target:
    """What was wanted of a figure, said so that a reader needs nothing else."""

    what: str
    value: float
    wanted: Literal["at least", "at most"]
    limit: float

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.wanted == "at least" else self.value <= self.limit

    def told(self) -> dict[str, object]:
        value = significant(self.value)
        return {
            "what": self.what, "value": value, "wanted": self.wanted, "limit": self.limit,
            "met": self.met,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (x, y) that belong together; `log` draws both axes so."""

    name: str
    x_label: str
    y_label: str
    points: Sequence[tuple[float, float]]
    log: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """One figure beside its yardstick; `compared` says in a sentence what the two are."""

    name: str
    value: float
    unit: str
    yardstick: float
    latency_ms: Latency
    checks: Mapping[str, Check]
    seconds: float
    compared: str
    sides: Sequence[Side] = ()
    targets: Sequence[Target] = ()
    curves: Sequence[Curve] = field(default=())

    @property
    def ratio(self) -> float:
        return round(self.value / self.yardstick, 3) if self.yardstick else 0.0

    def as_json(self) -> str:
        """Exactly one object, on one line."""
        return msgspec.json.encode(self.told()).decode()

    def told(self) -> dict[str, object]:
        """All of it as plain values."""
        return {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "yardstick": round(self.yardstick, 3),
            "ratio": self.ratio,
            "latency_ms": self.latency_ms,
            "checks": dict(self.checks),
            "seconds": round(self.seconds, 1),
            "commit": commit(),
            "machine": machine(),
            "compared": self.compared,
            "sides": [side.told() for side in self.sides],
            "targets": [target.told() for target in self.targets],
            "curves": [msgspec.to_builtins(curve) for curve in self.curves],
        }

    def show(self, console: Console) -> None:
        """The same for a reader."""
        table = Table("", self.unit, title=f"cas bench {self.name}", title_justify="left")
        table.columns[1].justify = "right"
        table.add_row("CAS", f"{self.value:,.1f}")
        table.add_row("yardstick", f"{self.yardstick:,.1f}")
        table.add_row("ratio", f"{self.ratio:.3f}")
        for name in ("p50", "p99", "p999"):
            table.add_row(f"{name} (ms)", f"{getattr(self.latency_ms, name):,.2f}")
        table.add_section()
        for name, check in self.checks.items():
            table.add_row(name.replace("_", " "), str(check))
        table.add_section()
        for side in self.sides:
            spread = f"{min(side.rounds):,.5g} to {max(side.rounds):,.5g}" if side.rounds else ""
            table.add_row(
                f"{side.name}, {len(side.rounds)} rounds", f"{side.median:,.5g} ({spread})"
            )
        for target in self.targets:
            word = "met" if target.met else "MISSED"
            table.add_row(
                f"{target.what}: {target.wanted} {target.limit:g}", f"{target.value:.3g} {word}"
            )
        console.print(table)
        console.print(self.compared, highlight=False)


def significant(value: float) -> float:
    """Four figures of it: more would be noise."""
    return float(f"{value:.4g}")


def machine() -> str:
    """What it was measured on, as far as a reader needs to know."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def percentile(ranked: Sequence[float], share: float) -> float:
    """Nearest rank of measurements that are sorted already."""
    if not ranked:
        return 0.0
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def commit() -> str:
    """The commit that was measured, with a mark when files differ from it; else the version."""
    git = shutil.which("git")
    if git is not None:
        told = subprocess.run(  # noqa: S603 - git, in this project's own folder
            [git, "describe", "--always", "--dirty", "--abbrev=10"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        )
        if told.returncode == 0:
            return told.stdout.strip()
    return importlib.metadata.version("cas-server")
