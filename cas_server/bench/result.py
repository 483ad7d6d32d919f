"""What a benchmark says: one JSON object for machines, a small table and a sentence for people."""

import importlib.metadata
import math
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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

    @property
    def ratio(self) -> float:
        return round(self.value / self.yardstick, 3) if self.yardstick else 0.0

    def as_json(self) -> str:
        """Exactly one object, on one line."""
        known = {
            "name": self.name,
            "value": round(self.value, 3),
            "unit": self.unit,
            "yardstick": round(self.yardstick, 3),
            "ratio": self.ratio,
            "latency_ms": self.latency_ms,
            "checks": dict(self.checks),
            "seconds": round(self.seconds, 1),
            "commit": commit(),
        }
        return msgspec.json.encode(known).decode()

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
        console.print(table)
        console.print(self.compared, highlight=False)


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
