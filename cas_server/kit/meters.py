"""What one process counts of itself while it works; read by whoever shows it (cas_server.metrics).

Names and units as Prometheus wants them: base units, totals that only grow.
"""

import time

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

# A line more for each counter, which nobody looks at. The library annotates all but this one.
disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

PRESS_SECONDS = Histogram(
    "cas_press_seconds",
    "From a press's last byte to its answer being ready, its commit included",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
PRESSES = Counter("cas_presses", "Presses by what became of them", ["outcome"], registry=REGISTRY)
"""outcome: raised, repeated (the same press again, or one that joined), failed."""
FIXES_STORED = Counter("cas_fixes_stored", "Positions of Personil written", registry=REGISTRY)
SLOW_SOCKETS = Counter(
    "cas_sockets_dropped_slow", "Sockets ended because their backlog was full", registry=REGISTRY
)

# Bound once: finding a child by its label costs more than counting.
_OUTCOMES = {each: PRESSES.labels(each) for each in ("raised", "repeated", "failed")}


class Pressing:
    """Counts and times one press; `failed` unless told otherwise."""

    __slots__ = ("_began", "outcome")

    def __enter__(self) -> "Pressing":
        self.outcome = "failed"
        self._began = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        PRESS_SECONDS.observe(time.perf_counter() - self._began)
        _OUTCOMES[self.outcome].inc()
