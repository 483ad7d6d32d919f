"""`cas bench fanout`: one event to 1,000 sockets, against nats-server and mosquitto."""

import os
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import msgspec

from cas_server.bench import fanout_sides, stage
from cas_server.bench.fanout_load import EVENT_BYTES, PACE_PER_S, WINDOW, Order, Outcome
from cas_server.bench.fanout_sides import Server
from cas_server.bench.result import Check, Latency, Result, Side, Target
from cas_server.bench.stage import Crowd, Trial
from cas_server.children import python

SOCKETS = 1_000
ROUNDS = 5
PATIENCE_S = 150.0
OURS, NATS, MOSQUITTO, PLAIN = "CAS", "nats-server", "mosquitto", "FastAPI, one by one"
OF_NATS, OF_MOSQUITTO, SLOWER = 0.5, 2.0, 1.5

Rounds = dict[str, list[Outcome]]


def measure(trial: Trial) -> Result:
    """All sides in turns: servers on one core, whoever listens and tells on another."""
    sockets = trial.share_of(SOCKETS)
    rounds = ROUNDS if trial.size == 1 else 1
    told: Rounds = {}
    cores = sorted(os.sched_getaffinity(0))
    with stage.regency(trial.say, Crowd(personil=12)) as (_, dsn), ExitStack() as stack:
        with _kept_to(cores[0]):
            servers = stack.enter_context(fanout_sides.all_of(trial, dsn))
        each_s = trial.seconds / (2 * rounds * len(servers))
        for number in range(1, rounds + 1):
            for server in servers:
                trial.say(f"round {number} of {rounds}: {server.name}, {sockets} sockets")
                with _kept_to(cores[-1]):
                    outcome = _round(server, sockets, each_s)
                told.setdefault(server.name, []).append(outcome)
    return _result(told, sockets, trial.seconds)


@contextmanager
def _kept_to(core: int) -> Iterator[None]:
    """What is started in this block runs on one core only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _round(server: Server, sockets: int, seconds: float) -> Outcome:
    order = Order(
        server.port, sockets, seconds, server.listener, server.teller, server.before, server.after
    )
    done = subprocess.run(  # noqa: S603 - our own module
        python("cas_server.bench.fanout_load"),
        input=msgspec.json.encode(order),
        stdout=subprocess.PIPE,
        timeout=seconds * 2 + PATIENCE_S,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=Outcome)


def _result(told: Rounds, sockets: int, seconds: float) -> Result:
    sides = [Side(name, [round_.rate for round_ in rounds]) for name, rounds in told.items()]
    rates = {side.name: side.median for side in sides}
    p99_ms = {name: _median(rounds, "p99_ms") for name, rounds in told.items()}
    checks: dict[str, Check] = {"sockets": sockets, "event_bytes": EVENT_BYTES}
    for name, rounds in told.items():
        checks[f"{name} p50_ms"] = round(_median(rounds, "p50_ms"), 2)
        checks[f"{name} p99_ms"] = round(p99_ms[name], 2)
    checks["everybody_got_every_event"] = all(
        round_.everybody_got_every_event for rounds in told.values() for round_ in rounds
    )
    latency = Latency(_median(told[OURS], "p50_ms"), p99_ms[OURS], max(map(_p99, told[OURS])))
    return Result(
        name="fanout",
        value=rates[OURS],
        unit="events delivered/s",
        yardstick=rates.get(NATS, rates[PLAIN]),
        latency_ms=latency,
        checks=checks,
        seconds=seconds,
        compared=(
            f"{EVENT_BYTES}-byte events to {sockets} WebSockets: as many as go through with "
            f"{WINDOW} on their way, then {PACE_PER_S} a second for the latency. Servers on one "
            "core, the load on another; each round opens its sockets anew."
        ),
        sides=sides,
        targets=_targets(rates, p99_ms),
    )


def _targets(rates: dict[str, float], p99_ms: dict[str, float]) -> list[Target]:
    targets = []
    for rival, share in ((NATS, OF_NATS), (MOSQUITTO, OF_MOSQUITTO)):
        if rival in rates:
            targets += [
                Target(f"rate, of {rival}", rates[OURS] / rates[rival], "at least", share),
                Target(f"p99, of {rival}", p99_ms[OURS] / p99_ms[rival], "at most", SLOWER),
            ]
    return targets


def _p99(outcome: Outcome) -> float:
    return outcome.p99_ms


def _median(rounds: list[Outcome], name: str) -> float:
    value: float = statistics.median(getattr(each, name) for each in rounds)
    return value
