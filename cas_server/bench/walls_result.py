"""Pure: what rounds of several sides come to: each beside the reference of the same round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from cas_server.bench.result import Check, Latency, Result

LIMIT = 1.10
"""A wall may cost a press a tenth."""


@dataclass(frozen=True, slots=True)
class Round:
    """One side's turn: presses a second, and processor time of one press."""

    rate: float
    server_ms: float
    database_ms: float
    chain_ms: float
    latencies_ms: list[float]
    refused: int

    @property
    def processor_ms(self) -> float:
        return self.server_ms + self.database_ms


Rounds = Mapping[str, Sequence[Round]]


def result(taken: Rounds, memory_mb: Mapping[str, tuple[float, float]], seconds: float) -> Result:
    """The first side is the reference for all the others."""
    reference, *others = taken
    checks: dict[str, Check] = {
        "nothing_refused": not any(one.refused for each in taken.values() for one in each)
    }
    for name, rounds in taken.items():
        checks[name] = _side(rounds)
        warm, after = memory_mb[name]
        checks[f"{name}_server_mb"] = f"{warm:.0f} warm, {after:.0f} at the end"
    for name in others:
        checks |= _beside(name, taken[name], taken[reference])
    latencies = [ms for one in taken["signed"] for ms in one.latencies_ms]
    return Result(
        name="walls",
        value=median(one.rate for one in taken["signed"]),
        unit="presses/s",
        yardstick=median(one.rate for one in taken[reference]),
        latency_ms=Latency.of(latencies),
        checks=checks,
        seconds=seconds,
        compared=(
            f"Signed presses against '{reference}', {len(taken[reference])} rounds of all sides in "
            "turns on one cluster; medians, smallest and largest. Processor time is the server's "
            "and the database's of one press, and hardly depends on who else uses the machine."
        ),
    )


def _side(rounds: Sequence[Round]) -> str:
    latency = Latency.of([ms for one in rounds for ms in one.latencies_ms])
    server = median(one.server_ms for one in rounds)
    database = median(one.database_ms for one in rounds)
    chain = median(one.chain_ms for one in rounds)
    beside = f", the chain beside it {chain:.2f}" if chain else ""
    return (
        f"{_spread([one.rate for one in rounds], 1)} a second; processor "
        f"{_spread([one.processor_ms for one in rounds], 2)} ms (server {server:.2f}, database "
        f"{database:.2f}{beside}); p50 {latency.p50} ms, p99 {latency.p99} ms"
    )


def _beside(name: str, rounds: Sequence[Round], reference: Sequence[Round]) -> dict[str, Check]:
    pairs = list(zip(rounds, reference, strict=True))
    processor = [one.processor_ms / other.processor_ms for one, other in pairs]
    slowness = [other.rate / one.rate for one, other in pairs]
    return {
        f"{name}_processor_time_ratio": _spread(processor, 3),
        f"{name}_slowness_ratio": _spread(slowness, 3),
        f"{name}_within_a_tenth_by_processor_time": median(processor) <= LIMIT,
        f"{name}_within_a_tenth_by_rate": median(slowness) <= LIMIT,
    }


def _spread(values: Sequence[float], digits: int) -> str:
    middle = f"{median(values):.{digits}f}"
    return f"{middle} ({min(values):.{digits}f} to {max(values):.{digits}f})"
