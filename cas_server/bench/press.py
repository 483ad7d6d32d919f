"""`cas bench press`: durable presses over HTTP against pgbench running the very same SQL."""

import asyncio
import resource
import subprocess
from dataclasses import dataclass, field

import msgspec

from cas_server.bench import cpu, past, people, press_script, stage
from cas_server.bench.people import Way
from cas_server.bench.pgbench import Yardstick
from cas_server.bench.press_load import Order, Outcome, Receipt
from cas_server.bench.press_script import Ground, Script, Subject
from cas_server.bench.result import Check, Latency, Result
from cas_server.bench.stage import Crowd, Trial
from cas_server.children import python
from cas_server.db.pool import connect
from cas_server.embedded import Cluster, find_programs
from cas_server.kit.ids import new_id

CONNECTIONS = 16
PERSONIL = 50_000
CITIZENS = 30_000
MOST_ROUNDS = 3
SHORTEST_ROUND_S = 3.0
WARM_S = 4.0
PATIENCE_S = 30.0
NEAR_M = 1_000

# A receipt is kept when its alarm is there with as many offers, and a push for each, as it said.
_KEPT = """
SELECT count(*) FROM unnest($1::uuid[], $2::int[]) AS said (id, called)
JOIN alarm a ON a.id = said.id
WHERE said.called = (SELECT count(*) FROM offer o WHERE o.alarm_id = said.id)
  AND said.called = (SELECT count(*) FROM journal j
                     WHERE j.alarm_id = said.id AND j.kind = 'offer.made')
"""
_NEAR = """
SELECT avg((SELECT count(*) FROM last_position
            WHERE indexed_at && ST_Expand(ST_SetSRID(ST_MakePoint(lon, lat), 4326), 0.02)
              AND ST_DWithin(at::geography, ST_MakePoint(lon, lat)::geography, $3)))
FROM unnest($1::float8[], $2::float8[]) AS spot (lat, lon)
"""


@dataclass(slots=True)
class Tally:
    """What the rounds came to, on one side."""

    presses: int = 0
    counted: float = 0.0
    """Presses within `seconds`, which leave out what was cold."""
    seconds: float = 0.0
    own_cpu_s: float = 0.0
    database_cpu_s: float = 0.0
    load_cpu_s: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    raised: int = 0
    kept: int = 0

    @property
    def rate(self) -> float:
        return self.counted / self.seconds if self.seconds else 0.0

    def each_ms(self, cpu_s: float) -> float:
        """Processor time of one press."""
        return round(cpu_s / self.presses * 1e3, 3) if self.presses else 0.0


def measure(trial: Trial, way: Way = "signed") -> Result:
    """Take turns: a round of presses over HTTP, a round of pgbench, on the same cluster."""
    say = trial.say
    programs = find_programs(say)
    crowd = Crowd(trial.share_of(PERSONIL), citizens=trial.share_of(CITIZENS))
    with stage.regency(say, crowd) as (cluster, dsn):
        points = asyncio.run(stage.spots(dsn, 5_000))
        near = asyncio.run(_around(dsn, points[:200]))
        asyncio.run(past.give(dsn, crowd.personil))
        asyncio.run(people.give_keys(dsn, crowd.citizens))
        made = asyncio.run(_script(dsn, points, crowd, way))
        yardstick = Yardstick(programs, dsn, made.text, CONNECTIONS, made.constants)
        with stage.server(dsn) as (process, port):
            order = Order(port, CONNECTIONS, 0, 0, crowd.citizens - 2, points, way)
            bench = _Bench(cluster, yardstick, order, process.pid)
            say("warming up")
            bench.press(min(WARM_S, trial.seconds))
            ours, theirs = Tally(), Tally()
            rounds = max(1, min(MOST_ROUNDS, int(trial.seconds / 2 / SHORTEST_ROUND_S)))
            each_s = trial.seconds / 2 / rounds
            for number in range(1, rounds + 1):
                say(f"round {number} of {rounds}: presses, then pgbench, {each_s:.1f} s each")
                bench.press(each_s, ours)
                bench.pgbench(each_s, theirs)
    return _result(ours, theirs, near, way)


async def _around(dsn: str, points: list[tuple[float, float]]) -> float:
    connection = await connect(dsn)
    lats, lons = zip(*points, strict=True)
    found = await connection.fetchval(_NEAR, lats, lons, NEAR_M)
    await connection.close()
    return float(found)


async def _script(dsn: str, points: list[tuple[float, float]], crowd: Crowd, way: Way) -> Script:
    ground = Ground(crowd.citizens, crowd.personil, points)
    lat, lon = points[0]
    subject = Subject(new_id(), crowd.citizens - 1, lat, lon, way)
    return await press_script.script(dsn, subject, ground)


class _Bench:
    """Both sides, on one cluster."""

    def __init__(
        self, cluster: Cluster, yardstick: Yardstick, order: Order, server_pid: int
    ) -> None:
        self._cluster = cluster
        self._yardstick = yardstick
        self._dsn = yardstick.dsn
        self._order = order
        self._server_pid = server_pid

    def press(self, seconds: float, tally: Tally | None = None) -> None:
        """One round over HTTP."""
        tally = tally or Tally()
        asyncio.run(past.tidy(self._dsn))
        order = msgspec.structs.replace(self._order, seconds=seconds)
        before = self._cpu_s()
        told = subprocess.run(  # noqa: S603 - our own module
            python("cas_server.bench.press_load"),
            input=msgspec.json.encode(order),
            stdout=subprocess.PIPE,
            timeout=seconds + PATIENCE_S,
            check=True,
        )
        after = self._cpu_s()
        outcome = msgspec.json.decode(told.stdout, type=Outcome)
        # The next round is other citizens', for these have an alarm that is still open.
        self._order = msgspec.structs.replace(
            order, first_citizen=order.first_citizen + len(outcome.latencies_ms)
        )
        tally.presses += outcome.statuses.get("201", 0)
        tally.counted += outcome.statuses.get("201", 0)
        tally.seconds += outcome.seconds
        tally.own_cpu_s += after[0] - before[0]
        tally.database_cpu_s += after[1] - before[1]
        tally.load_cpu_s += outcome.cpu_s
        tally.latencies_ms += outcome.latencies_ms
        tally.raised += len(outcome.receipts)
        tally.kept += asyncio.run(_kept(self._dsn, outcome.receipts))
        for status, count in outcome.statuses.items():
            tally.statuses[status] = tally.statuses.get(status, 0) + count

    def pgbench(self, seconds: float, tally: Tally | None = None) -> None:
        """One round of the yardstick."""
        tally = tally or Tally()
        asyncio.run(past.tidy(self._dsn))
        there = asyncio.run(_count(self._dsn))
        before, pgbench_before = self._cpu_s(), _children_cpu_s()
        tps = self._yardstick.rates(seconds)
        tally.load_cpu_s += _children_cpu_s() - pgbench_before
        tally.seconds += len(tps)
        tally.counted += sum(tps)
        tally.presses += asyncio.run(_count(self._dsn)) - there
        tally.database_cpu_s += self._cpu_s()[1] - before[1]

    def _cpu_s(self) -> tuple[float, float]:
        return cpu.used_s(self._server_pid), cpu.used_by_cluster_s(self._cluster.data)


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


def _whole_ms(tally: Tally) -> float:
    """Processor time of one press, everybody's: it hardly depends on who else uses the machine."""
    return tally.each_ms(tally.own_cpu_s + tally.database_cpu_s + tally.load_cpu_s) or 1.0


def _result(ours: Tally, theirs: Tally, near: float, way: Way) -> Result:
    checks: dict[str, Check] = {
        "every_201_stored_with_its_offers": ours.kept == ours.raised,
        "way": way,
        "answers": ", ".join(f"{count} x {status}" for status, count in ours.statuses.items()),
        "personil_within_1_km": round(near, 1),
        "server_cpu_ms": ours.each_ms(ours.own_cpu_s),
        "database_cpu_ms": ours.each_ms(ours.database_cpu_s),
        "load_cpu_ms": ours.each_ms(ours.load_cpu_s),
        "pgbench_database_cpu_ms": theirs.each_ms(theirs.database_cpu_s),
        "pgbench_cpu_ms": theirs.each_ms(theirs.load_cpu_s),
        "ratio_by_processor_time": round(_whole_ms(theirs) / _whole_ms(ours), 3),
    }
    return Result(
        name="press",
        value=ours.rate,
        unit="presses/s",
        yardstick=theirs.rate,
        latency_ms=Latency.of(ours.latencies_ms),
        checks=checks,
        seconds=ours.seconds + theirs.seconds,
        compared=(
            f"Presses over HTTP ({CONNECTIONS} connections, proof checked, committed to disk "
            f"before the answer) against pgbench with {CONNECTIONS} clients running the same "
            "statements, prepared, on the same cluster in turns. The processor time of one press "
            "says where the rest goes."
        ),
    )
