"""Results that stay: one JSON file for each benchmark, beside the tests of a checkout."""

from pathlib import Path

import msgspec

from cas_server.bench.result import Result
from cas_server.errors import CasError

FOLDER = Path(__file__).parents[2] / "tests/bench"


class NoCheckout(CasError):
    code = "bench_no_checkout"

    def __init__(self) -> None:
        super().__init__(f"results are kept in a checkout of the project only: no {FOLDER}")


def _results() -> Path:
    if not FOLDER.is_dir():
        raise NoCheckout
    folder = FOLDER / "results"
    folder.mkdir(exist_ok=True)
    return folder


def keep(result: Result) -> Path:
    """Write a result over the one of before; where it lies now."""
    file = _results() / f"{result.name}.json"
    file.write_bytes(msgspec.json.format(result.as_json().encode(), indent=1) + b"\n")
    return file


class KeptTarget(msgspec.Struct):
    """As `Target.told` says it."""

    what: str
    value: float
    wanted: str
    limit: float
    met: bool


class KeptSide(msgspec.Struct):
    """As `Side.told` says it."""

    name: str
    median: float
    least: float
    most: float
    rounds: list[float]


class KeptCurve(msgspec.Struct):
    """As a `Curve` is written."""

    name: str
    x_label: str
    y_label: str
    points: list[tuple[float, float]]
    log: bool


class Kept(msgspec.Struct):
    """One file, read again."""

    name: str
    value: float
    unit: str
    commit: str
    machine: str
    compared: str
    checks: dict[str, bool | int | float | str]
    sides: list[KeptSide]
    targets: list[KeptTarget]
    curves: list[KeptCurve]

    @property
    def note(self) -> str:
        """What a person wrote about it: why a target was missed, what to think of a figure."""
        file = _results() / f"{self.name}.md"
        return file.read_text().strip() if file.is_file() else ""


def kept() -> list[Kept]:
    """All of them, by name."""
    files = sorted(_results().glob("*.json"))
    return [msgspec.json.decode(file.read_bytes(), type=Kept) for file in files]
