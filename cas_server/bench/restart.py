"""`cas bench restart`: presses while the server is replaced or killed, and a herd that returns."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from cas_server.bench import cpu, past, people, stage, steady
from cas_server.bench.herd import Herd
from cas_server.bench.result import Check, Latency, Result, Side, Target
from cas_server.bench.stage import Crowd, Process, Trial
from cas_server.bench.steady import Pressing, Window
from cas_server.bench.steady_load import Order, Press, Told
from cas_server.children import python
from cas_server.running import ask_to_restart

SOCKETS = 5_000
CITIZENS = 20_000
PRESSES_A_SECOND = 50.0
ROUND_S = 20.0
"""About as long as one round takes: replaced, killed, and the herd twice."""
MOST_ROUNDS = 5
AROUND_S = 0.5
"""So long is looked at the presses before and after something was done to the server."""
BACK_WITHIN_S = 120.0
LOOK_EVERY_S = 0.05

GAP_S = 2.0
BACK_S = 20.0
PRESS_P99_MS = 2_000.0


@dataclass(slots=True)
class Windows:
    """What was done in all rounds, by kind."""

    began: float = field(default_factory=time.perf_counter)
    ended: float = 0.0
    calm: list[Window] = field(default_factory=list)
    replaced: list[Window] = field(default_factory=list)
    killed: list[Window] = field(default_factory=list)
    herd_replaced: list[Window] = field(default_factory=list)
    """From the first socket that is dropped to the last that has its picture again."""
    herd_killed: list[Window] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Up:
    """A running `cas up`."""

    process: Process
    folder: Path
    port: int
    dsn: str

    async def replace(self) -> None:
        """As `cas restart` does."""
        await asyncio.to_thread(ask_to_restart, self.folder)

    async def kill(self) -> None:
        """Kill the server, and return when another one answers."""
        os.kill(self._server(), signal.SIGKILL)
        await asyncio.to_thread(stage.await_ready, self.process, self.port)

    async def settle(self) -> None:
        """Until one server works and its spare has loaded: one that was replaced may be leaving."""
        while sorted(self._names()) != ["cas-server", "cas-spare"]:  # noqa: ASYNC110 - others
            await asyncio.sleep(LOOK_EVERY_S)

    def _names(self) -> list[str]:
        children = cpu.children_of(self.process.pid)
        return [name for name in children.values() if name in ("cas-server", "cas-spare")]

    def _server(self) -> int:
        children = cpu.children_of(self.process.pid)
        return next(pid for pid, name in children.items() if name == "cas-server")


def measure(trial: Trial) -> Result:
    """Steady presses all the while; first without the herd, then with it."""
    sockets, citizens = trial.share_of(SOCKETS), trial.share_of(CITIZENS)
    crowd = Crowd(personil=sockets, signed_in=sockets, citizens=citizens)
    rounds = max(1, min(MOST_ROUNDS, int(trial.seconds / ROUND_S)))
    with stage.regency(trial.say, crowd) as (_, dsn):
        asyncio.run(past.give(dsn, sockets))
        asyncio.run(people.give_keys(dsn, citizens))
        spots = asyncio.run(stage.spots(dsn, 2_000))
        with _up(trial, dsn) as up:
            order = Order(up.port, PRESSES_A_SECOND, 0, citizens, spots)
            with steady.pressing(order) as presses:
                windows, herd, told = uvloop.run(_rounds(trial, up, presses, sockets, rounds))
        stored = asyncio.run(steady.stored(dsn, told.presses))
    return _result(windows, herd, told, stored)


@contextmanager
def _up(trial: Trial, dsn: str) -> Iterator[Up]:
    port = stage.free_port()
    with TemporaryDirectory(prefix="cas-bench-") as folder:
        environment = {
            "CAS_DATABASE_URL": dsn,
            "CAS_STATE_DIR": folder,
            "CAS_HOST": "127.0.0.1",
            "CAS_PORT": str(port),
            "CAS_LOG_LEVEL": "warning",
        }
        trial.say("starting cas up")
        command = python("cas_server", "up", "--no-simulate")
        with stage.running(*command, environment=environment) as process:
            stage.await_ready(process, port)
            yield Up(process, Path(folder), port, dsn)


async def _rounds(
    trial: Trial, up: Up, presses: Pressing, sockets: int, rounds: int
) -> tuple[Windows, Herd, Told]:
    windows = Windows()
    async with past.closing(up.dsn):
        herd = await _story(trial, up, windows, sockets, rounds)
        told = await asyncio.to_thread(presses.finish)
    windows.ended = time.perf_counter()
    await herd.close()
    return windows, herd, told


async def _story(trial: Trial, up: Up, windows: Windows, sockets: int, rounds: int) -> Herd:
    windows.calm.append(await _around(lambda: asyncio.sleep(AROUND_S)))
    for number in range(1, rounds + 1):
        trial.say(f"round {number} of {rounds}: the server is replaced, then killed")
        windows.replaced.append(await _around(up.replace))
        await up.settle()
        windows.killed.append(await _around(up.kill))
        await up.settle()
    herd = Herd(up.port, [people.personil_token(number) for number in range(1, sockets + 1)])
    trial.say(f"{sockets} sockets open")
    await herd.open()
    for number in range(1, rounds + 1):
        trial.say(f"round {number} of {rounds}: {sockets} sockets are dropped, and return")
        windows.herd_replaced.append(await _herd(herd, up, up.replace, sockets))
        windows.herd_killed.append(await _herd(herd, up, up.kill, sockets))
    return herd


async def _around(act: Callable[[], Awaitable[None]]) -> Window:
    await asyncio.sleep(AROUND_S)
    began = time.perf_counter()
    await act()
    await asyncio.sleep(AROUND_S)
    return Window(began, time.perf_counter())


async def _herd(herd: Herd, up: Up, act: Callable[[], Awaitable[None]], sockets: int) -> Window:
    """All are dropped, and all are back."""
    await up.settle()
    before = len(herd.drops)
    await asyncio.sleep(AROUND_S)
    async with asyncio.timeout(BACK_WITHIN_S):
        await act()
        while len(herd.drops) < before + sockets:  # noqa: ASYNC110 - a figure, not an event
            await asyncio.sleep(LOOK_EVERY_S)
        await herd.all_there.wait()
    return Window(herd.drops[before], herd.all_there_at)


def _result(windows: Windows, herd: Herd, told: Told, stored: int) -> Result:
    presses = told.presses
    gaps = [
        Side(name, [each.longest_gap_s(presses) for each in kind])
        for name, kind in (("gap, replaced", windows.replaced), ("gap, killed", windows.killed))
    ]
    dropped = (("herd, replaced", windows.herd_replaced), ("herd, killed", windows.herd_killed))
    herds = [Side(name, [each.seconds for each in kind]) for name, kind in dropped]
    meanwhile = [Latency.of(_took_ms(kind, presses)) for _, kind in dropped]
    return Result(
        name="restart",
        value=max(gaps[0].rounds),
        unit="s",
        yardstick=GAP_S,
        latency_ms=meanwhile[0],
        checks=_checks(windows, herd, told, stored),
        seconds=windows.ended - windows.began,
        compared=(
            f"{PRESSES_A_SECOND:.0f} presses a second, half over kept and half over new "
            "connections, while the server of `cas up` is replaced (`cas restart`) and while it is "
            "killed -9: the longest time without an accepted press, against the "
            f"{GAP_S:.0f} s that were set. "
            "Each time the spare server has loaded before. "
            "Then all sockets are dropped by the same and return as the clients do, from the first "
            "that is dropped to the last that has its picture; latencies are of the presses due "
            "meanwhile, repeats included."
        ),
        sides=[*gaps, *herds],
        targets=[
            Target("gap, replaced (s)", max(gaps[0].rounds), "at most", GAP_S),
            Target("gap, killed (s)", max(gaps[1].rounds), "at most", GAP_S),
            Target("sockets dropped together", herd.size, "at least", SOCKETS),
            Target("herd back, replaced (s)", max(herds[0].rounds), "at most", BACK_S),
            Target("herd back, killed (s)", max(herds[1].rounds), "at most", BACK_S),
            Target("press p99, herd replaced (ms)", meanwhile[0].p99, "at most", PRESS_P99_MS),
            Target("press p99, herd killed (ms)", meanwhile[1].p99, "at most", PRESS_P99_MS),
        ],
    )


def _checks(windows: Windows, herd: Herd, told: Told, stored: int) -> dict[str, Check]:
    calm = _took_ms(windows.calm, told.presses)
    return {
        "every_accepted_press_stored": stored == len(told.presses),
        "presses": len(told.presses),
        "refused": told.refused,
        "broken_on_the_way_and_repeated": told.broken,
        "answered_otherwise_and_repeated": told.other_answers,
        "given_up": told.given_up,
        "press_p99_ms_when_nothing_happens": Latency.of(calm).p99,
        "sockets": herd.size,
        "close_codes": ", ".join(f"{n} x {code or 'cut'}" for code, n in herd.codes.items()),
        "connections_begun": herd.tries,
    }


def _took_ms(windows: list[Window], presses: list[Press]) -> list[float]:
    return [ms for window in windows for ms in window.took_ms(presses)]
