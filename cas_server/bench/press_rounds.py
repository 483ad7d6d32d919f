"""Rounds of presses over HTTP and of pgbench on one cluster, and what each side's came to."""

import asyncio
import resource
import subprocess
from dataclasses import dataclass, field

import msgspec

from cas_server.bench import cpu, past
from cas_server.bench.pgbench import Yardstick
from cas_server.bench.press_load import Order, Outcome, Receipt
from cas_server.bench.result import Side
from cas_server.bench.sides import Served
from cas_server.children import python
from cas_server.db.pool import connect
from cas_server.embedded import Cluster

PATIENCE_S = 30.0

# A receipt is kept when its alarm is there with as many offers, and a push for each, as it said.
_KEPT = """
SELECT count(*) FROM unnest($1::uuid[], $2::int[]) AS said (id, called)
JOIN alarm a ON a.id = said.id
WHERE said.called = (SELECT count(*) FROM offer o WHERE o.alarm_id = said.id)
  AND said.called = (SELECT count(*) FROM journal j
                     WHERE j.alarm_id = said.id AND j.kind = 'offer.made')
"""


@dataclass(slots=True)
class Tally:
    """What the rounds came to, on one side."""

    name: str
    rates: list[float] = field(default_factory=list)
    """Presses a second, round by round."""
    presses: int = 0
    seconds: float = 0.0
    own_cpu_s: float = 0.0
    database_cpu_s: float = 0.0
    load_cpu_s: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    raised: int = 0
    kept: int = 0

    @property
    def side(self) -> Side:
        return Side(self.name, self.rates)

    @property
    def answers(self) -> str:
        return ", ".join(f"{count} x {status}" for status, count in self.statuses.items())

    def each_ms(self, cpu_s: float) -> float:
        """Processor time of one press."""
        return round(cpu_s / self.presses * 1e3, 3) if self.presses else 0.0

    @property
    def whole_ms(self) -> float:
        """Processor time of one press, everybody's: it hardly depends on who else is busy."""
        return self.each_ms(self.own_cpu_s + self.database_cpu_s + self.load_cpu_s) or 1.0


class Rounds:
    """All sides, on one cluster; in each round other citizens press than in the last."""

    def __init__(self, cluster: Cluster, yardstick: Yardstick, order: Order) -> None:
        self._cluster = cluster
        self._yardstick = yardstick
        self._order = order

    def press(self, served: Served, seconds: float, tally: Tally) -> None:
        """One round over HTTP."""
        asyncio.run(past.tidy(served.dsn))
        order = msgspec.structs.replace(self._order, port=served.port, seconds=seconds)
        before = self._cpu_s(served.pid)
        told = subprocess.run(  # noqa: S603 - our own module
            python("cas_server.bench.press_load"),
            input=msgspec.json.encode(order),
            stdout=subprocess.PIPE,
            timeout=seconds + PATIENCE_S,
            check=True,
        )
        after = self._cpu_s(served.pid)
        outcome = msgspec.json.decode(told.stdout, type=Outcome)
        # The next round is other citizens', for these have an alarm that is still open.
        self._order = msgspec.structs.replace(
            order, first_citizen=order.first_citizen + len(outcome.latencies_ms)
        )
        raised = outcome.statuses.get("201", 0)
        tally.rates.append(raised / outcome.seconds)
        tally.presses += raised
        tally.seconds += outcome.seconds
        tally.own_cpu_s += after[0] - before[0]
        tally.database_cpu_s += after[1] - before[1]
        tally.load_cpu_s += outcome.cpu_s
        tally.latencies_ms += outcome.latencies_ms
        tally.raised += len(outcome.receipts)
        tally.kept += asyncio.run(_kept(served.dsn, outcome.receipts))
        for status, count in outcome.statuses.items():
            tally.statuses[status] = tally.statuses.get(status, 0) + count

    def pgbench(self, seconds: float, tally: Tally) -> None:
        """One round of the yardstick."""
        dsn = self._yardstick.dsn
        asyncio.run(past.tidy(dsn))
        there = asyncio.run(_count(dsn))
        before, pgbench_before = self._cpu_s(None), _children_cpu_s()
        tps = self._yardstick.rates(seconds)
        tally.load_cpu_s += _children_cpu_s() - pgbench_before
        tally.rates.append(sum(tps) / len(tps))
        tally.seconds += len(tps)
        tally.presses += asyncio.run(_count(dsn)) - there
        tally.database_cpu_s += self._cpu_s(None)[1] - before[1]

    def _cpu_s(self, server_pid: int | None) -> tuple[float, float]:
        own_s = cpu.used_s(server_pid) if server_pid is not None else 0.0
        return own_s, cpu.used_by_cluster_s(self._cluster.data)


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


async def _count(dsn: str) -> int:
    connection = await connect(dsn)
    count: int = await connection.fetchval("SELECT count(*) FROM alarm")
    await connection.close()
    return count


async def _kept(dsn: str, receipts: list[Receipt]) -> int:
    connection = await connect(dsn)
    ids = [receipt.alarm_id for receipt in receipts]
    called = [receipt.personil_called for receipt in receipts]
    kept: int = await connection.fetchval(_KEPT, ids, called)
    await connection.close()
    return kept
