"""The state of the installation in Prometheus's words."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from cas_server.kit.meters import REGISTRY
from cas_server.metrics.flowing import Flow
from cas_server.metrics.queries import QUANTILES, State


class _Told:
    """A collector for one answer."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def exposition(here: Mapping[str, float], flow: Flow | None, state: State | None) -> bytes:
    """The page Prometheus reads. Without a database: what this process knows of itself."""
    families = [
        _gauge("cas_database_up", "1 while the database answers", 0 if state is None else 1)
    ]
    families += [_gauge(name, "Of this process", value) for name, value in here.items()]
    if flow is not None:
        families += _flow(flow)
    if state is not None:
        families += _state(state)
    registry = CollectorRegistry()
    registry.register(_Told(families))
    return generate_latest(REGISTRY) + generate_latest(registry)


def _flow(flow: Flow) -> list[Metric]:
    told = [
        _gauge("cas_outbox_age_seconds", "Age of the oldest due message", flow.outbox_s or 0),
        _gauge("cas_deadline_late_seconds", "How late the oldest one is", flow.deadline_s or 0),
    ]
    if flow.worker_s is not None:
        told.append(
            _gauge("cas_worker_silent_seconds", "Since a worker was last seen", flow.worker_s)
        )
    return told


def _state(state: State) -> list[Metric]:
    steps = GaugeMetricFamily(
        "cas_step_seconds",
        "From the press to a step, over the last hour",
        labels=["step", "quantile"],
    )
    for step, seconds in state.steps.items():
        for quantile, value in zip(QUANTILES, seconds, strict=True):
            steps.add_metric([step, str(quantile)], value)
    return [
        _gauge("cas_alarms_open", "Alarms not closed", state.open),
        _gauge("cas_alarms_unacknowledged", "Open, and seen by no desk", state.unacknowledged),
        _gauge("cas_outbox_jobs", "Messages that wait", state.outbox),
        _gauge("cas_offers_unreached", "Without a receipt in time, last hour", state.unreached),
        _labelled("cas_offers", "Offers of the last hour by state", "state", state.offers),
        _labelled("cas_pushes", "Pushes of the last hour by outcome", "outcome", state.pushes),
        steps,
    ]


def _gauge(name: str, about: str, value: float) -> Metric:
    family = GaugeMetricFamily(name, about)
    family.add_metric([], value)
    return family


def _labelled(name: str, about: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
