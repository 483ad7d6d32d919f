"""`cas bench flood`: genuine presses while a flood of others comes, each kind of flood in turn."""

import asyncio
import subprocess
from typing import get_args

import msgspec

from cas_server.bench import stage
from cas_server.bench.flood_load import Kind, Order, Outcome
from cas_server.bench.people import give_keys
from cas_server.bench.result import Check, Latency, Result
from cas_server.bench.stage import Crowd, Trial
from cas_server.children import python
from cas_server.db.pool import connect

PERSONIL = 2_000
FLOODERS = 1_000
GENUINE_A_SECOND = 10.0
FLOOD_A_SECOND = 250.0
LIMIT_MS = 1_000.0
WARM_S = 2.0
PATIENCE_S = 120.0
KINDS: tuple[Kind, ...] = get_args(Kind)

_STORED = """
SELECT count(*) FROM unnest($1::uuid[]) AS said (id)
WHERE EXISTS (SELECT FROM alarm a WHERE a.id = said.id)
   OR EXISTS (SELECT FROM alarm_alias j WHERE j.id = said.id)
"""


def measure(trial: Trial) -> Result:
    """Every kind for its share of the time, on one server."""
    each_s = trial.seconds / len(KINDS)
    flooders = trial.share_of(FLOODERS)
    genuine = round(GENUINE_A_SECOND * each_s)
    warm = round(GENUINE_A_SECOND * WARM_S)
    citizens = flooders + warm + genuine * len(KINDS) + 1
    crowd = Crowd(personil=trial.share_of(PERSONIL), citizens=citizens)
    outcomes: dict[str, Outcome] = {}
    stored: dict[str, bool] = {}
    with stage.regency(trial.say, crowd) as (_, dsn):
        asyncio.run(give_keys(dsn, citizens))
        points = asyncio.run(stage.spots(dsn, 2_000))
        with stage.server(dsn) as (_, port):
            order = Order(port, WARM_S, "one_address", GENUINE_A_SECOND, 1, flooders,
                          flooders + 1, points)  # fmt: skip
            _press(order)
            first = flooders + 1 + warm
            for kind in KINDS:
                trial.say(f"{kind.replace('_', ' ')}: {FLOOD_A_SECOND:.0f} a second")
                order = Order(port, each_s, kind, GENUINE_A_SECOND, FLOOD_A_SECOND, flooders,
                              first, points)  # fmt: skip
                outcomes[kind] = _press(order)
                stored[kind] = asyncio.run(_all_stored(dsn, outcomes[kind]))
                first += genuine
    return _result(outcomes, stored, genuine, trial.seconds)


def _press(order: Order) -> Outcome:
    told = subprocess.run(  # noqa: S603 - our own module
        python("cas_server.bench.flood_load"),
        input=msgspec.json.encode(order),
        stdout=subprocess.PIPE,
        timeout=order.seconds + PATIENCE_S,
        check=True,
    )
    return msgspec.json.decode(told.stdout, type=Outcome)


async def _all_stored(dsn: str, outcome: Outcome) -> bool:
    ids = outcome.genuine_ids + outcome.flood_ids
    connection = await connect(dsn)
    count: int = await connection.fetchval(_STORED, ids)
    await connection.close()
    return count == len(ids)


def _answers(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} x {status}" for status, count in sorted(counts.items()))


def _result(
    outcomes: dict[str, Outcome], stored: dict[str, bool], genuine: int, seconds: float
) -> Result:
    checks: dict[str, Check] = {
        "every_genuine_press_accepted": all(
            len(one.genuine_ids) == genuine for one in outcomes.values()
        ),
        "every_accepted_press_stored": all(stored.values()),
    }
    slowest: list[float] = []
    for kind, one in outcomes.items():
        latency = Latency.of(one.latencies_ms)
        checks[kind] = (
            f"genuine {_answers(one.genuine)}, p50 {latency.p50} ms, p99 {latency.p99} ms; "
            f"flood {_answers(one.flood)} at {one.flood_a_second}/s"
        )
        checks[f"{kind}_genuine_p99_under_1_s"] = latency.p99 < LIMIT_MS
        if not slowest or latency.p99 > Latency.of(slowest).p99:
            slowest = one.latencies_ms
    accepted = sum(len(one.genuine_ids) for one in outcomes.values())
    return Result(
        name="flood",
        value=accepted / seconds,
        unit="genuine presses/s",
        yardstick=GENUINE_A_SECOND,
        latency_ms=Latency.of(slowest),
        checks=checks,
        seconds=seconds,
        compared=(
            f"Signed presses of distinct accounts, {GENUINE_A_SECOND:.0f} a second, while "
            f"{FLOOD_A_SECOND:.0f} others a second come from one address, from one account, from "
            f"{FLOODERS} accounts, and from the genuine ones' own address: how many were accepted, "
            "against how many were pressed. The latency is that of the kind that slowed them most."
        ),
    )
