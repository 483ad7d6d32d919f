"""Makes trouble from outside: signals, services that fail, the network, crowds of clients."""

import asyncio
import signal
from typing import cast

import httpx2

from tests.crash.clients import AGAIN_S, Deaf, Live, Net
from tests.crash.diary import Diary
from tests.crash.machines import Machines
from tests.crash.outside import WELL
from tests.crash.pace import pause, until
from tests.crash.people import Town
from tests.crash.schedule import Trouble
from tests.crash.wire import Way

STORY_S = 10.0
WHEN_ANSWERED = " when answered"
"""A kind that ends so waits until some press has its receipt."""
HERD = 25
DEAF = 4


async def make(trouble: Trouble, machines: Machines, town: Town, diary: Diary) -> None:
    """Begin it in time, let it last, end it."""
    await pause(trouble.at_s)
    machines.diary.write("trouble", kind=trouble.what, target=trouble.target)
    what = trouble.what.removesuffix(WHEN_ANSWERED)
    if what != trouble.what:
        await until(lambda: _somebody_was_answered(diary), STORY_S, every_s=0.01)
    match what:
        case "kill" | "power":
            await _kill(trouble, machines, power=what == "power")
        case "full disk":
            await machines.fill_disk(trouble.lasts_s)
        case "stop":
            machines.signal(trouble.target, signal.SIGSTOP)
            await pause(trouble.lasts_s)
            machines.signal(trouble.target, signal.SIGCONT)
        case "fcm" | "outside":
            await _fail(machines, trouble)
        case "herd" | "deaf":
            await _crowd(trouble, machines, town, diary)
        case "lose" if machines.networks:
            await _lose(trouble, machines)
        case _:
            await _wire(machines, trouble)


async def _kill(trouble: Trouble, machines: Machines, *, power: bool) -> None:
    if trouble.target == "postgres":
        await machines.kill_database(power=power)
    else:
        machines.signal(trouble.target, signal.SIGKILL)


def _somebody_was_answered(diary: Diary) -> bool:
    diaries = diary.folder.glob("citizen-*.jsonl")
    return any('"press.promised"' in one.read_text() for one in diaries)


async def _fail(machines: Machines, trouble: Trouble) -> None:
    if trouble.what == "fcm":
        await _fcm(machines, trouble)
    else:
        await _outside(machines, trouble)


async def _fcm(machines: Machines, trouble: Trouble) -> None:
    net = Net([])
    await _control(net, machines, "POST", behaviour=trouble.target)
    await pause(trouble.lasts_s)
    await _control(net, machines, "DELETE")
    await net.http.aclose()


async def _outside(machines: Machines, trouble: Trouble) -> None:
    who, mood = trouble.target.split()
    machines.outside.moods[who].mood = mood
    try:
        await pause(trouble.lasts_s)
    finally:
        machines.outside.moods[who].mood = WELL


async def _control(net: Net, machines: Machines, method: str, **rule: str) -> None:
    """Again and again: it may stand still just now."""
    while True:
        try:
            await net.http.request(method, f"{machines.fcm_url}/control", json=rule)
        except httpx2.TransportError:
            await pause(AGAIN_S)
        else:
            return


async def _lose(trouble: Trouble, machines: Machines) -> None:
    number, way, share = trouble.target.split()
    network = machines.networks[int(number)]
    network.lose(float(share), *_ways(way))
    await pause(trouble.lasts_s)
    network.mend()


def _ways(told: str) -> tuple[Way, ...]:
    return ("up", "down") if told == "both" else (cast("Way", told),)


async def _wire(machines: Machines, trouble: Trouble) -> None:
    number, *how = trouble.target.split()
    wire = machines.wires[int(number)]
    match trouble.what:
        case "cut":
            wire.cut()
            return
        case "slow":
            wire.delay_s = float(how[0])
        case _:
            # Where packets cannot be lost, what would be lost is held.
            wire.hold(*_ways(how[0]))
    await pause(trouble.lasts_s)
    wire.mend()
    if trouble.what == "hold and cut":
        wire.cut()


async def _crowd(trouble: Trouble, machines: Machines, town: Town, diary: Diary) -> None:
    """Many sockets of one desk: dropped together and back together, or never reading."""
    net = Net([machines.wires[int(trouble.target)].port])
    kind, size = (Live, HERD) if trouble.what == "herd" else (Deaf, DEAF)
    crowd = [kind(net, town.desks[0], diary) for _ in range(size)]
    lives = [asyncio.create_task(one.live()) for one in crowd]
    await pause(trouble.lasts_s)
    if trouble.what == "herd":
        machines.wires[int(trouble.target)].cut()
        await pause(trouble.lasts_s)
    for life in lives:
        life.cancel()
    await asyncio.gather(*lives, return_exceptions=True)
    await net.http.aclose()
