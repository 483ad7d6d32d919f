"""`cas bench walls`: what each wall costs a press, all ways in turns, an older server beside."""

import asyncio
import os
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import msgspec

from cas_server.bench import cpu, past, stage
from cas_server.bench.people import give_keys
from cas_server.bench.press_load import Order, Outcome
from cas_server.bench.result import Result
from cas_server.bench.sides import Served, Side, chaining, older
from cas_server.bench.stage import Crowd, Trial
from cas_server.bench.walls_result import Round, result
from cas_server.children import python
from cas_server.embedded import Cluster

CONNECTIONS = 16
PERSONIL = 10_000
CITIZENS = 30_000
ROUNDS = 5
"""Fewer, and the median would be any one of them; one, where there is no time for more."""
WARM_S = 4.0
PATIENCE_S = 60.0


def measure(trial: Trial, before: Path | None = None) -> Result:
    """So many rounds of every side, each round beginning with another one."""
    crowd = Crowd(trial.share_of(PERSONIL), citizens=trial.share_of(CITIZENS))
    with stage.regency(trial.say, crowd) as (cluster, dsn), ExitStack() as servers:
        asyncio.run(past.give(dsn, crowd.personil))
        asyncio.run(give_keys(dsn, crowd.citizens))
        points = asyncio.run(stage.spots(dsn, 5_000))
        process, port = servers.enter_context(stage.server(dsn))
        sides = _sides(Served(dsn, port, process.pid))
        if before is not None:
            trial.say(f"filling another one for the server of {before}")
            served = servers.enter_context(older(cluster, before, crowd))
            sides = [Side("before", served, "bearer"), *sides]
        bench = _Bench(cluster, Order(0, CONNECTIONS, 0, 0, crowd.citizens - 2, points, "bearer"))
        return _rounds(trial, sides, bench)


def _sides(ours: Served) -> list[Side]:
    return [
        Side("bearer", ours, "bearer"),
        Side("signed", ours, "signed"),
        Side("signed_and_chained", ours, "signed", chained=True),
        Side("unverified", ours, "unverified"),
    ]


def _rounds(trial: Trial, sides: Sequence[Side], bench: "_Bench") -> Result:
    trial.say("warming up")
    # Each server as much as the other, so that their memory can be compared, too.
    warm_s = min(WARM_S, trial.seconds)
    for served in {side.served: side for side in sides}.values():
        bench.round(served, warm_s)
    warm_mb = {side.name: side.served.resident_mb for side in sides}
    rounds = ROUNDS if trial.seconds >= ROUNDS else 1
    each_s = trial.seconds / rounds / len(sides)
    taken: dict[str, list[Round]] = {side.name: [] for side in sides}
    for number in range(rounds):
        busy = os.getloadavg()[0]
        trial.say(f"round {number + 1} of {rounds}, {each_s:.1f} s a side (load {busy:.1f})")
        turned = number % len(sides)
        for side in [*sides[turned:], *sides[:turned]]:
            taken[side.name].append(bench.round(side, each_s))
    memory_mb = {side.name: (warm_mb[side.name], side.served.resident_mb) for side in sides}
    return result(taken, memory_mb, trial.seconds)


class _Bench:
    """Rounds on one cluster; in each, other citizens press than in the last."""

    def __init__(self, cluster: Cluster, order: Order) -> None:
        self._cluster = cluster
        self._order = order

    def round(self, side: Side, seconds: float) -> Round:
        """One side's turn."""
        asyncio.run(past.tidy(side.served.dsn))
        order = msgspec.structs.replace(
            self._order, port=side.served.port, seconds=seconds, way=side.way
        )
        with ExitStack() as beside:
            chain = beside.enter_context(chaining(side.served.dsn)) if side.chained else None
            before = self._cpu_s(side, chain)
            told = subprocess.run(  # noqa: S603 - our own module
                python("cas_server.bench.press_load"),
                input=msgspec.json.encode(order),
                stdout=subprocess.PIPE,
                timeout=seconds + PATIENCE_S,
                check=True,
            )
            after = self._cpu_s(side, chain)
        outcome = msgspec.json.decode(told.stdout, type=Outcome)
        pressed = len(outcome.latencies_ms)
        self._order = msgspec.structs.replace(
            order, first_citizen=self._order.first_citizen + pressed
        )
        used = [later - earlier for earlier, later in zip(before, after, strict=True)]
        return Round(
            rate=pressed / outcome.seconds,
            server_ms=used[0] / pressed * 1e3,
            database_ms=used[1] / pressed * 1e3,
            chain_ms=used[2] / pressed * 1e3,
            latencies_ms=outcome.latencies_ms,
            # 200 is an answer, too: somebody pressed again who had an open alarm.
            refused=sum(n for status, n in outcome.statuses.items() if status >= "300"),
        )

    def _cpu_s(self, side: Side, chain: int | None) -> tuple[float, float, float]:
        return (
            cpu.used_s(side.served.pid),
            cpu.used_by_cluster_s(self._cluster.data),
            cpu.used_s(chain) if chain else 0.0,
        )
