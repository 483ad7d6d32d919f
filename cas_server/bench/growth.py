"""`cas bench growth`: does a press reach its officer later when there is more of everything?"""

import asyncio
import math
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from cas_server.bench import people, stage
from cas_server.bench.growth_load import Order, Outcome
from cas_server.bench.result import Check, Curve, Latency, Result, Side, Target, percentile
from cas_server.bench.stage import Crowd, Trial
from cas_server.children import python
from cas_server.db.pool import connect

ROUNDS = 5
PRESSES = 100
"""In a round; so many officers have a socket as there are presses in all rounds."""
WARM = 20
STEEPEST = 0.1
PATIENCE_S = 120.0

# One officer is called to each press, so that no press takes another's away; and all have just
# said where they are, however long it took to make them.
_READY = """
UPDATE satuan SET settings = settings || '{"ring_1_count": 1}',
    effective = effective || '{"ring_1_count": 1}';
UPDATE last_position SET fixed_at = now(), changed_at = now();
VACUUM ANALYZE last_position
"""
_PLACES = """
SELECT ST_Y(at) AS lat, ST_X(at) AS lon FROM generate_series(1, $1::int) n
JOIN last_position ON personil_id = md5('personil ' || n)::uuid ORDER BY n
"""
# As they are an hour after the press: on their way, and nobody asked any more.
_OPEN = """
INSERT INTO alarm (id, status, kind, silent, demo, raised_at, reporter_role, reporter_name, at,
    position_source, satuan_id, satuan_path, ring, next_check_at)
SELECT md5('open ' || n)::uuid, 'accepted', 'crime', false, false, now() - interval '1 hour',
       'masyarakat', 'Warga', geom, 'gps', s.id, s.path, 1, now()
FROM generate_series(1, {count}) n
CROSS JOIN (SELECT id, path FROM satuan WHERE kind = 'polres') s
JOIN LATERAL (SELECT (ST_Dump(ST_GeneratePoints(area, 1, n))).geom
    FROM wilayah WHERE kind = 'kabupaten') spot ON true;
VACUUM ANALYZE alarm
"""


@dataclass(frozen=True, slots=True)
class Scene:
    """How much there is of each."""

    officers: int = 1_000
    consoles: int = 1
    open_alarms: int = 1
    people: int = 10_000


BASE = Scene()
GROWN: dict[str, int] = {
    "officers": 100_000,
    "consoles": 500,
    "open_alarms": 5_000,
    "people": 5_000_000,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one scene: the p99 of each round, and every press."""

    p99_ms: list[float]
    offer_ms: list[float]
    console_ms: list[float]


def measure(trial: Trial) -> Result:
    """One scene after the other, each in a regency of its own."""
    wishes = GROWN if trial.size == 1 else {"consoles": GROWN["consoles"]}
    base = BASE if trial.size == 1 else Scene(officers=60, people=100)
    found = {base: _scene(trial, base)}
    scenes = {
        name: [base, replace(base, **{name: trial.share_of(size)})] for name, size in wishes.items()
    }
    for _, grown in scenes.values():
        found[grown] = _scene(trial, grown)
    return _result(scenes, found, base, trial)


def _scene(trial: Trial, scene: Scene) -> Seen:
    rounds, presses = (ROUNDS, PRESSES) if trial.size == 1 else (1, 6)
    warm = min(WARM, presses)
    called = warm + rounds * presses
    crowd = Crowd(personil=scene.officers, signed_in=called, citizens=scene.people)
    seen = Seen([], [], [])
    with stage.regency(trial.say, crowd) as (cluster, dsn):
        for statement in f"{_OPEN.format(count=scene.open_alarms)};{_READY}".split(";"):
            cluster.run_sql(stage.DATABASE, statement)
        asyncio.run(people.give_keys(dsn, called))
        places = asyncio.run(_places(dsn, called))
        with stage.server(dsn) as (_, port):
            order = Order(port, places, 1, warm, scene.consoles, 0.0)
            _press(order)
            for number in range(rounds):
                trial.say(f"{scene}: round {number + 1} of {rounds}")
                first = 1 + warm + number * presses
                outcome = _press(
                    msgspec.structs.replace(order, first=first, presses=presses, pause_s=0.05)
                )
                seen.p99_ms.append(percentile(sorted(outcome.offer_ms), 0.99))
                seen.offer_ms.extend(outcome.offer_ms)
                seen.console_ms.extend(outcome.console_ms)
    return seen


async def _places(dsn: str, count: int) -> list[tuple[float, float]]:
    connection = await connect(dsn)
    rows = await connection.fetch(_PLACES, count)
    await connection.close()
    return [(row["lat"], row["lon"]) for row in rows]


def _press(order: Order) -> Outcome:
    done = subprocess.run(  # noqa: S603 - our own module
        python("cas_server.bench.growth_load"),
        input=msgspec.json.encode(order),
        stdout=subprocess.PIPE,
        timeout=PATIENCE_S,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=Outcome)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Of a line through the logarithms, by least squares: 0 is no growth, 1 is in proportion."""
    xs, ys = zip(*((math.log(x), math.log(y)) for x, y in points), strict=True)
    return statistics.linear_regression(xs, ys).slope


def _result(
    scenes: dict[str, list[Scene]], found: dict[Scene, Seen], base: Scene, trial: Trial
) -> Result:
    checks: dict[str, Check] = {"presses_in_a_scene": len(found[base].offer_ms)}
    curves, targets, sides = [], [], [Side("CAS, base", found[base].p99_ms)]
    for name, line in scenes.items():
        points = [
            (float(getattr(scene, name)), statistics.median(found[scene].p99_ms)) for scene in line
        ]
        halves = [
            (float(getattr(scene, name)), statistics.median(found[scene].offer_ms))
            for scene in line
        ]
        words = name.replace("_", " ")
        curves.append(Curve(words, "how many", "press to offer, p99 (ms)", points, log=True))
        targets.append(Target(f"slope of p99 by {words}", slope(points), "at most", STEEPEST))
        checks[f"slope of the median by {words}"] = round(slope(halves), 3)
        sides += [
            Side(f"CAS, {getattr(scene, name):,} {words}", found[scene].p99_ms)
            for scene in line[1:]
        ]
    latency = Latency.of([each for seen in found.values() for each in seen.offer_ms])
    return Result(
        name="growth",
        value=max(side.median for side in sides),
        unit="ms (p99)",
        yardstick=sides[0].median,
        latency_ms=latency,
        checks=checks,
        seconds=trial.seconds,
        compared=(
            f"From sending a press to the offer at its officer's socket, one press at a time: "
            f"{base.officers:,} officers, {base.consoles} console, {base.open_alarms} open alarm "
            f"and {base.people:,} people, then more of each in turn. Officers stand still."
        ),
        sides=sides,
        targets=targets,
        curves=curves,
    )
