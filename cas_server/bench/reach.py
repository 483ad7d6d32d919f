"""`cas bench reach`: from a press to a console, to the nearest officer and to Firebase."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from cas_server.bench import stage
from cas_server.bench.people import give_keys
from cas_server.bench.reach_load import Load, Times, Town
from cas_server.bench.result import Check, Latency, Result
from cas_server.bench.stage import Crowd, Trial
from cas_server.children import python

OFFICERS = 2_000
CONSOLES = 20
PRESSES_A_SECOND = 20
CITIZENS = 10_000
LIMIT_MS = 300.0
LIMIT_LAST_MS = 1_000.0

_DEVICES = """
INSERT INTO device (id, account_id, platform, address_type, address)
SELECT gen_random_uuid(), id, 'android', 'fcm_token', 'bench-' || id
FROM account WHERE role = 'personil' AND holder_id IN (SELECT personil_id FROM duty)
"""


def measure(trial: Trial) -> Result:
    """Server, worker, test FCM server; officers who fix, accept and confirm; people who press."""
    town = Town(
        officers=trial.share_of(OFFICERS),
        consoles=trial.share_of(CONSOLES),
        citizens=CITIZENS,
        presses_a_second=PRESSES_A_SECOND,
    )
    crowd = Crowd(personil=town.officers, signed_in=town.officers, citizens=CITIZENS)
    with stage.regency(trial.say, crowd) as (cluster, dsn), _fcm() as fcm:
        cluster.run_sql(stage.DATABASE, _DEVICES)
        uvloop.run(give_keys(dsn, CITIZENS))
        push = {"CAS_FIREBASE_CREDENTIALS": fcm["credentials"], "CAS_FCM_URL": fcm["url"]}
        own = {"CAS_DATABASE_URL": dsn, "CAS_LOG_LEVEL": "warning"}
        work = python("cas_server", "work")
        with (
            stage.server(dsn, **push) as (_, port),
            stage.running(*work, environment={**own, **push}),
        ):
            trial.say(f"{town.officers} officers and {town.consoles} consoles sign in")
            times = uvloop.run(Load(dsn, port, fcm["url"], town).run(trial.seconds))
    return _result(times, town, trial.seconds)


@contextmanager
def _fcm() -> Iterator[dict[str, str]]:
    """The FCM test server: where it listens, and the credentials it takes."""
    with TemporaryDirectory(prefix="cas-bench-") as folder:
        command = python("cas_server.demo.fcm_server", "--folder", folder)
        with stage.running(*command, environment={}) as process:
            told = Path(folder) / "fcm.json"
            deadline = time.monotonic() + stage.READY_WITHIN_S
            while not told.is_file():
                if time.monotonic() > deadline or process.popen.poll() is not None:
                    raise stage.ServerFailed("the FCM test server", process.last_words())
                time.sleep(0.05)
            yield json.loads(told.read_text())


def _result(times: Times, town: Town, seconds: float) -> Result:
    ways = {"console": times.console_ms, "officer": times.officer_ms, "fcm": times.fcm_ms}
    latencies = {name: Latency.of(each) for name, each in ways.items()}
    worst = max(latencies.values(), key=lambda latency: latency.p99)
    checks: dict[str, Check] = {
        "presses": times.pressed,
        "presses_answered_201": times.answered,
        "officers_connected": town.officers,
        "consoles_connected": town.consoles,
        "fixes_sent": times.fixes,
        "accepted": times.accepted,
        "every_press_on_every_console": len(times.console_ms) == times.answered * town.consoles,
        "every_press_at_its_nearest_officer": len(times.officer_ms) == times.answered,
        "pushes_asked_of_fcm": len(times.fcm_ms),
    }
    for name, latency in latencies.items():
        checks |= {
            f"{name}_p50_ms": latency.p50,
            f"{name}_p99_ms": latency.p99,
            f"{name}_p999_ms": latency.p999,
        }
    checks["within_the_limits"] = all(
        latency.p99 < LIMIT_MS and latency.p999 < LIMIT_LAST_MS for latency in latencies.values()
    )
    return Result(
        name="reach",
        value=worst.p99,
        unit="ms (p99)",
        yardstick=LIMIT_MS,
        latency_ms=worst,
        checks=checks,
        seconds=seconds,
        compared=(
            f"From the moment a press is sent to its frame at a console, to the offer at the "
            f"nearest officer, and to the request at Firebase's test server, with "
            f"{town.presses_a_second} presses a second and {town.officers} officers who fix every "
            f"5 s: the slowest of the three ways, against the limit of {LIMIT_MS:.0f} ms for p99."
        ),
    )
