"""`cas bench press`: durable presses over HTTP, against pgbench and an ordinary implementation."""

import asyncio
from contextlib import ExitStack

from cas_server.bench import ordinary, past, people, press_script, stage
from cas_server.bench.people import Way
from cas_server.bench.pgbench import Yardstick
from cas_server.bench.press_load import Order
from cas_server.bench.press_rounds import Rounds, Tally
from cas_server.bench.press_script import Ground, Script, Subject
from cas_server.bench.result import Check, Latency, Result, Target
from cas_server.bench.sides import Served
from cas_server.bench.stage import Crowd, Trial
from cas_server.db.pool import connect
from cas_server.embedded import find_programs
from cas_server.kit.ids import new_id

CONNECTIONS = 16
PERSONIL = 50_000
CITIZENS = 30_000
MOST_ROUNDS = 5
SHORTEST_ROUND_S = 2.0
WARM_S = 4.0
NEAR_M = 1_000
ORDINARY = "orm_press"
OF_PGBENCH, TIMES_ORDINARY = 0.6, 5.0

_NEAR = """
SELECT avg((SELECT count(*) FROM last_position
            WHERE indexed_at && ST_Expand(ST_SetSRID(ST_MakePoint(lon, lat), 4326), 0.02)
              AND ST_DWithin(at::geography, ST_MakePoint(lon, lat)::geography, $3)))
FROM unnest($1::float8[], $2::float8[]) AS spot (lat, lon)
"""


def measure(trial: Trial, way: Way = "signed") -> Result:
    """Take turns on one cluster: presses over HTTP, pgbench, the ordinary implementation."""
    say = trial.say
    programs = find_programs(say)
    crowd = Crowd(trial.share_of(PERSONIL), citizens=trial.share_of(CITIZENS))
    with stage.regency(say, crowd) as (cluster, dsn), ExitStack() as servers:
        points = asyncio.run(stage.spots(dsn, 5_000))
        near = asyncio.run(_around(dsn, points[:200]))
        asyncio.run(past.give(dsn, crowd.personil))
        asyncio.run(people.give_keys(dsn, crowd.citizens))
        made = asyncio.run(_script(dsn, points, crowd, way))
        yardstick = Yardstick(programs, dsn, made.text, CONNECTIONS, made.constants)
        process, port = servers.enter_context(stage.server(dsn))
        served = [Served(dsn, port, process.pid)]
        # It understands signed presses only, and is no part of what is installed.
        if way == "signed" and ordinary.is_there(ORDINARY):
            served.append(servers.enter_context(ordinary.served(ORDINARY, dsn)))
        order = Order(port, CONNECTIONS, 0, 0, crowd.citizens - 2, points, way)
        rounds = Rounds(cluster, yardstick, order)
        ours, theirs, plain = _take_turns(trial, rounds, served)
    return _result(ours, theirs, plain, near, way)


def _take_turns(trial: Trial, rounds: Rounds, served: list[Served]) -> tuple[Tally, Tally, Tally]:
    trial.say("warming up")
    for server in served:
        rounds.press(server, min(WARM_S, trial.seconds), Tally("warm"))
    ours, theirs, plain = Tally("CAS"), Tally("pgbench"), Tally("FastAPI + ORM")
    sides = len(served) + 1
    count = max(1, min(MOST_ROUNDS, int(trial.seconds / sides / SHORTEST_ROUND_S)))
    each_s = trial.seconds / sides / count
    for number in range(1, count + 1):
        trial.say(f"round {number} of {count}: {sides} sides in turn, {each_s:.1f} s each")
        for server, tally in zip(served, (ours, plain), strict=False):
            rounds.press(server, each_s, tally)
        rounds.pgbench(each_s, theirs)
    return ours, theirs, plain


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


def _result(ours: Tally, theirs: Tally, plain: Tally, near: float, way: Way) -> Result:
    rate, yardstick = ours.side.median, theirs.side.median
    targets = [Target("of pgbench", rate / yardstick, "at least", OF_PGBENCH)]
    sides = [ours.side, theirs.side]
    checks: dict[str, Check] = {
        "every_201_stored_with_its_offers": ours.kept == ours.raised,
        "way": way,
        "answers": ours.answers,
        "personil_within_1_km": round(near, 1),
        "server_cpu_ms": ours.each_ms(ours.own_cpu_s),
        "database_cpu_ms": ours.each_ms(ours.database_cpu_s),
        "load_cpu_ms": ours.each_ms(ours.load_cpu_s),
        "pgbench_database_cpu_ms": theirs.each_ms(theirs.database_cpu_s),
        "pgbench_cpu_ms": theirs.each_ms(theirs.load_cpu_s),
        "ratio_by_processor_time": round(theirs.whole_ms / ours.whole_ms, 3),
    }
    if plain.rates:
        sides.append(plain.side)
        times = rate / plain.side.median if plain.side.median else 0.0
        targets.append(Target("times FastAPI + ORM", times, "at least", TIMES_ORDINARY))
        checks |= {
            "orm_answers": plain.answers,
            "orm_every_201_stored_with_its_offers": plain.kept == plain.raised,
            "orm_server_cpu_ms": plain.each_ms(plain.own_cpu_s),
            "orm_database_cpu_ms": plain.each_ms(plain.database_cpu_s),
        }
    return Result(
        name="press",
        value=rate,
        unit="presses/s",
        yardstick=yardstick,
        latency_ms=Latency.of(ours.latencies_ms),
        checks=checks,
        seconds=ours.seconds + theirs.seconds + plain.seconds,
        compared=(
            f"Presses over HTTP ({CONNECTIONS} connections, proof checked, committed to disk "
            f"before the answer) against pgbench with {CONNECTIONS} clients running the same "
            "statements, prepared, and against a plain FastAPI + SQLAlchemy ORM implementation "
            "of the same press on uvicorn, on the same cluster in turns. The processor time of "
            "one press says where the rest goes."
        ),
        sides=sides,
        targets=targets,
    )
