"""Many schedules in several processes, each with a database of its own."""

import asyncio
import gc
import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import asyncpg
import structlog
import uvloop

from cas_server.db.bell import Bell
from cas_server.db.migrate import upgrade
from cas_server.db.pool import create_pool
from cas_server.db.session import Database
from cas_server.settings import Settings
from cas_server.vault import key_file
from cas_server.vault.service import attach
from tests.simulation.ground import own_cluster, settle
from tests.simulation.play import Stage
from tests.simulation.schedule import of_seed

TEMPLATE = "simulation"
SWEEP_EVERY = 20
"""What was rolled back leaves dead rows, and Python its circles; both are swept at that pace."""
TOLD_EVERY = 100
SWEPT = (
    "VACUUM alarm, alarm_alias, offer, responder, duty, duty_stretch, last_position, journal,"
    " outbox, decision, escalation, push_outcome, alarm_fix, press_network, press_fold, device"
)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Part:
    """What one process plays: every `jobs`th seed, until `ends` (of time.time)."""

    dsn: str
    seeds: range
    ends: float


@dataclass(frozen=True, slots=True)
class Score:
    played: int
    hours: float
    steps: int
    failures: tuple[str, ...]


async def _play(part: Part) -> Score:
    database = attach(Database(create_pool(part.dsn, size=3), Bell(part.dsn)), Settings())
    sweeper = await asyncpg.connect(part.dsn)
    stage = Stage(database, Bell(part.dsn), await settle(database))
    played, hours, steps, failures = 0, 0.0, 0, []
    gc.collect()
    gc.freeze()
    gc.disable()
    for seed in part.seeds:
        if time.time() > part.ends:
            break
        schedule = of_seed(seed)
        failure = await stage.play(schedule)
        played, hours, steps = played + 1, hours + schedule.hours, steps + stage.steps
        if failure is not None:
            shrunk = await stage.shrink(failure)
            failures.append(str(shrunk))
            say(f"{shrunk}\n")
        if played % SWEEP_EVERY == 0:
            await sweeper.execute(SWEPT)
            gc.collect()
        if played % TOLD_EVERY == 0:
            say(
                f"up to seed {seed}: {played} schedules, {hours:.0f} hours of duty,"
                f" {steps} steps checked, {len(failures)} failed"
            )
    await sweeper.close()
    await database.close()
    return Score(played, hours, steps, tuple(failures))


def _part(part: Part) -> Score:
    structlog.configure(processors=[_drop])
    return uvloop.run(_play(part))


def _drop(*_: object) -> NoReturn:
    raise structlog.DropEvent


def sweep(seeds: range, jobs: int, minutes: float) -> list[Score]:
    ends = time.time() + 60 * minutes
    with tempfile.TemporaryDirectory() as folder, own_cluster() as cluster:
        key_file.make(Path(folder) / "keys")
        os.environ["CAS_KEY_FILE"] = str(Path(folder) / "keys")
        cluster.create_database(TEMPLATE)
        asyncio.run(upgrade(cluster.url(TEMPLATE)))
        parts = []
        for job in range(jobs):
            cluster.create_database(f"simulation_{job}", template=TEMPLATE)
            parts.append(Part(cluster.url(f"simulation_{job}"), seeds[job::jobs], ends))
        with multiprocessing.get_context("spawn").Pool(jobs) as pool:
            return pool.map(_part, parts)
