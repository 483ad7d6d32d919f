"""`cas bench memory`: memory of `cas up` with 120 officers connected and nothing happening."""

import asyncio
import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from cas_server.bench import cpu, stage
from cas_server.bench.result import Latency, Result
from cas_server.bench.sockets import Line, open_lines, require_alive
from cas_server.bench.stage import Trial
from cas_server.children import python
from cas_server.embedded import temporary_cluster

OFFICERS = 120
LIMIT_MB = 300.0
PARTS = ("cas-server", "cas-worker", "cas-spare")
LOOK_EVERY_S = 0.5


def measure(trial: Trial) -> Result:
    """Start the whole thing without its simulation, connect, wait, and look."""
    port = stage.free_port()
    with temporary_cluster(trial.say) as cluster, TemporaryDirectory(prefix="cas-bench-") as folder:
        cluster.create_database(stage.DATABASE)
        environment = {
            "CAS_DATABASE_URL": cluster.url(stage.DATABASE),
            "CAS_STATE_DIR": folder,
            "CAS_HOST": "127.0.0.1",
            "CAS_PORT": str(port),
        }
        trial.say("starting cas up")
        command = python("cas_server", "up", "--no-simulate")
        with stage.running(*command, environment=environment) as up:
            stage.await_ready(up, port)
            tokens = _tokens(Path(folder))[: trial.share_of(OFFICERS)]
            trial.say(f"{len(tokens)} officers connect")
            most = uvloop.run(_watch(port, up.pid, tokens, trial.seconds))
    return _result(most, len(tokens), trial.seconds)


def _tokens(folder: Path) -> list[str]:
    phones = json.loads((folder / "demo-phones.json").read_text())
    return [phone["token"] for phone in phones if phone["role"] == "personil"]


async def _watch(port: int, up_pid: int, tokens: list[str], seconds: float) -> dict[str, float]:
    """The most that each process held while the officers were connected."""
    lines = await open_lines(port, "/v1/live", tokens, _ignore)
    for line in lines:
        line.send('{"type":"watch"}')
    while not set(PARTS) <= set(cpu.children_of(up_pid).values()):  # noqa: ASYNC110 - others load
        await asyncio.sleep(LOOK_EVERY_S)
    most = dict.fromkeys(PARTS, 0.0)
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for pid, name in cpu.children_of(up_pid).items():
            if name in most:
                most[name] = max(most[name], cpu.resident_mb(pid))
        await asyncio.sleep(LOOK_EVERY_S)
    require_alive(lines)
    assert all(most.values()), f"a process was not found: {most}"
    for line in lines:
        line.close()
    return most


def _ignore(_: Line, __: bytes) -> None:
    """Nobody reads along."""


def _result(most: dict[str, float], officers: int, seconds: float) -> Result:
    together = most["cas-server"] + most["cas-worker"]
    return Result(
        name="memory",
        value=together,
        unit="MB",
        yardstick=LIMIT_MB,
        latency_ms=Latency.of([]),
        checks={
            "officers_connected": officers,
            "server_mb": round(most["cas-server"], 1),
            "worker_mb": round(most["cas-worker"], 1),
            "spare_server_mb": round(most["cas-spare"], 1),
            "under_the_limit": 0 < together < LIMIT_MB,
        },
        seconds=seconds,
        compared=(
            f"Resident memory of server and worker of `cas up` with {officers} officers connected, "
            f"against the limit of {LIMIT_MB:.0f} MB that was set: smaller is better. The spare "
            "server that waits beside them is told apart."
        ),
    )
