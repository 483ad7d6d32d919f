"""`cas bench soak`: a simulated regency for an hour, and whether anything grows that should not."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cas_server.bench import cpu, stage
from cas_server.bench.passers import SOCKETS_A_SECOND, Passers, coming_and_going
from cas_server.bench.result import Check, Curve, Latency, Result, Side, Target
from cas_server.bench.stage import Process, Trial
from cas_server.children import python
from cas_server.db.pool import Connection, connect
from cas_server.embedded import temporary_cluster

PER_HOUR = 400
"""Presses an hour: some ten times a Polres's busy evening."""
LOOK_EVERY_S = 5.0
WARM_SHARE = 1 / 3
"""What a process needs until it has met everything once."""
MOST_MB_PER_HOUR = 5.0
MOST_GROWTH = 1.5
MOST_DRAWN = 40

# Rows that come and go: what these tables hold does not grow, so neither should their files.
PARTS = {"cas-server": "serve", "cas-worker": "work"}
HOT = ("last_position", "duty", "outbox", "one_time_code")
_LOOK = """
SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections,
       (SELECT count(*) FROM alarm) AS alarms, (SELECT count(*) FROM journal) AS entries,
       (SELECT count(*) FROM alarm WHERE closed_at IS NULL) AS open,
       (SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest($1::text[]) name) AS hot
"""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at one time, hours after the start."""

    hours: float
    memory_mb: dict[str, float]
    connections: int
    hot_mb: float
    alarms: int
    entries: int
    open_alarms: int


def measure(trial: Trial) -> Result:
    """Everything of `cas up`, with the simulation beside it."""
    port = stage.free_port()
    with temporary_cluster(trial.say) as cluster, TemporaryDirectory(prefix="cas-bench-") as folder:
        cluster.create_database(stage.DATABASE)
        dsn, phones = cluster.url(stage.DATABASE), Path(folder) / "demo-phones.json"
        environment = {
            "CAS_DATABASE_URL": dsn,
            "CAS_STATE_DIR": folder,
            "CAS_HOST": "127.0.0.1",
            "CAS_PORT": str(port),
        }
        up = python("cas_server", "up", "--no-simulate")
        server = f"http://127.0.0.1:{port}"
        pressing = ["--server", server, "--phones", str(phones), "--per-hour", str(PER_HOUR)]
        with stage.running(*up, environment=environment) as process:
            stage.await_ready(process, port)
            with stage.running(*python("cas_server.demo", *pressing), environment={}) as demo:
                looks, passers = asyncio.run(_beside(trial, dsn, port, (process, demo)))
    return _result(looks, passers, trial.seconds)


async def _beside(
    trial: Trial, dsn: str, port: int, children: tuple[Process, Process]
) -> tuple[list[Look], Passers]:
    connection = await connect(dsn)
    async with coming_and_going(connection, port) as passers:
        looks = await _watch(trial, connection, *children)
    await connection.close()
    return looks, passers


async def _watch(trial: Trial, connection: Connection, up: Process, demo: Process) -> list[Look]:
    began, looks, told = time.monotonic(), list[Look](), 0
    while (since_s := time.monotonic() - began) < trial.seconds or len(looks) < 6:
        for child in (up, demo):
            if child.popen.poll() is not None:
                raise stage.ServerFailed("a process of the soak", child.last_words())
        looks.append(await _look(connection, up.pid, since_s / 3600))
        if since_s * 10 / trial.seconds >= told + 1:
            told += 1
            trial.say(f"{since_s / 60:.0f} min: {looks[-1].alarms} alarms, {looks[-1].memory_mb}")
        await asyncio.sleep(min(LOOK_EVERY_S, trial.seconds / 6))
    return looks


async def _look(connection: Connection, up_pid: int, hours: float) -> Look:
    row = await connection.fetchrow(_LOOK, list(HOT))
    memory_mb = {
        PARTS[name]: round(cpu.resident_mb(pid), 1)
        for pid, name in cpu.children_of(up_pid).items()
        if name in PARTS
    }
    return Look(
        hours,
        memory_mb,
        row["connections"],
        float(row["hot"]) / 1e6,
        row["alarms"],
        row["entries"],
        row["open"],
    )


def _slope(looks: Sequence[Look], name: str) -> float:
    """MB an hour of one process, by least squares over what comes after warming up."""
    known = [look for look in looks if name in look.memory_mb]
    hours = [look.hours for look in known]
    if len(set(hours)) < 2:
        return 0.0
    return statistics.linear_regression(hours, [look.memory_mb[name] for look in known]).slope


def _few(looks: Sequence[Look]) -> Sequence[Look]:
    """As many as a picture can show."""
    return looks[:: max(1, len(looks) // MOST_DRAWN)]


def _result(looks: Sequence[Look], passers: Passers, seconds: float) -> Result:
    warm = looks[int(len(looks) * WARM_SHARE) :]
    slopes = {name: _slope(warm, name) for name in PARTS.values()}
    grown = max(look.connections for look in warm) - max(
        look.connections for look in looks[: len(looks) - len(warm)]
    )
    last = looks[-1]
    checks: dict[str, Check] = {
        "minutes": round(last.hours * 60, 1),
        "alarms": last.alarms,
        "journal_entries": last.entries,
        "alarms_open_at_the_end": last.open_alarms,
        "sockets_come_and_gone": passers.gone,
        "connections": f"{min(look.connections for look in warm)} to "
        f"{max(look.connections for look in warm)}",
        "hot_tables_mb": f"{warm[0].hot_mb:.1f} to {last.hot_mb:.1f}",
        "memory_mb": ", ".join(f"{name} {mb}" for name, mb in last.memory_mb.items()),
    }
    total = sum(last.memory_mb.values())
    curves = [
        Curve(
            name,
            "hours",
            "MB",
            [(round(look.hours, 3), look.memory_mb.get(name, 0.0)) for look in _few(looks)],
        )
        for name in PARTS.values()
    ]
    return Result(
        name="soak",
        value=total,
        unit="MB",
        yardstick=sum(warm[0].memory_mb.values()) or total,
        latency_ms=Latency.of([]),
        checks=checks,
        seconds=seconds,
        compared=(
            "`cas up` with a simulated regency that drives, answers, closes, and presses "
            f"{PER_HOUR} times in an average hour, while {SOCKETS_A_SECOND} sockets come and go "
            "each second; memory at the end against a third of the way, after which everything "
            "has been met once."
        ),
        sides=[
            Side(f"CAS {name}", [look.memory_mb.get(name, 0.0) for look in _few(warm)])
            for name in slopes
        ],
        targets=[
            *(
                Target(f"{name}, MB more each hour", slope, "at most", MOST_MB_PER_HOUR)
                for name, slope in slopes.items()
            ),
            Target("database connections more than before", grown, "at most", 0),
            Target(
                "hot tables, of a third of the way",
                last.hot_mb / warm[0].hot_mb,
                "at most",
                MOST_GROWTH,
            ),
        ],
        curves=curves,
    )
