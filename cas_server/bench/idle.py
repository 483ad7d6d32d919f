"""`cas bench idle`: memory of 10,000 sockets that are held, beside a plain FastAPI endpoint."""

import asyncio
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

import uvloop

from cas_server.bench import cpu, ordinary, stage
from cas_server.bench.people import personil_token
from cas_server.bench.result import Check, Curve, Latency, Result, Side, Target
from cas_server.bench.sides import Served
from cas_server.bench.sockets import Line, allow_sockets, open_lines, require_alive
from cas_server.bench.stage import Crowd, Trial

SOCKETS = 10_000
ROUNDS = 5
"""Each adds a fifth of the sockets to those that are held already."""
FEWEST_FOR_ROUNDS = 500
FIRST = 50
"""Sockets that pay for what is loaded and reserved with the first of all."""
SETTLE_S = 1.5
"""Longer than a round of the feed: everybody has been told that all is well."""
MOST_KB = 40.0
PLAIN = "plain_socket"
WATCH = '{"type":"watch"}'


@dataclass(slots=True)
class Held:
    """The sockets of one server, `step` more in each round, and its memory at every step."""

    name: str
    step: int
    served: Served
    path: str
    tokens: list[str | None]
    frame: str | None
    lines: list[Line] = field(default_factory=list)
    mb: list[tuple[int, float]] = field(default_factory=list)
    """Sockets, and megabytes of the server with them."""

    @property
    def kb_each(self) -> list[float]:
        """What a socket of each step costs."""
        steps = zip(self.mb, self.mb[1:], strict=False)
        return [(more - less) * 1e3 / (after - before) for (before, less), (after, more) in steps]

    @property
    def kb(self) -> float:
        """What each of them all costs."""
        (before, less), (after, more) = self.mb[0], self.mb[-1]
        return (more - less) * 1e3 / (after - before)

    async def add(self, count: int) -> None:
        """Open so many more."""
        there = len(self.lines)
        more = self.tokens[there : there + count]
        lines = await open_lines(self.served.port, self.path, more, _ignore)
        for line in lines:
            if self.frame is not None:
                line.send(self.frame)
        self.lines += lines

    def look(self) -> None:
        """What the server's memory is with all of them."""
        require_alive(self.lines)
        self.mb.append((len(self.lines), cpu.resident_mb(self.served.pid)))


def measure(trial: Trial) -> Result:
    """Both servers, whose sockets grow in turns."""
    wanted = trial.share_of(SOCKETS)
    rounds = ROUNDS if wanted >= FEWEST_FOR_ROUNDS else 1
    # This process holds the other ends of both servers' sockets. Where it may not open so many,
    # the plain endpoint has fewer.
    room = allow_sockets(2 * (wanted + FIRST)) - 2 * FIRST
    ours = min(wanted, room // 2 if room < wanted else wanted) // rounds
    theirs = min(wanted, room - ours * rounds) // rounds
    sockets = ours * rounds
    crowd = Crowd(personil=sockets + FIRST, signed_in=sockets + FIRST)
    with stage.regency(trial.say, crowd) as (_, dsn), ExitStack() as servers:
        process, port = servers.enter_context(stage.server(dsn))
        tokens: list[str | None] = [
            personil_token(number) for number in range(1, sockets + FIRST + 1)
        ]
        served = Served(dsn, port, process.pid)
        sides = [Held("CAS", ours, served, "/v1/live", tokens, WATCH)]
        if ordinary.is_there(PLAIN):
            plain = servers.enter_context(ordinary.served(PLAIN, dsn))
            nobody: list[str | None] = [None] * len(tokens)
            sides.append(Held("FastAPI, plain", theirs, plain, "/ws", nobody, None))
        uvloop.run(_grow(trial, sides, rounds))
    return _result(sides, trial.seconds)


async def _grow(trial: Trial, sides: list[Held], rounds: int) -> None:
    for side in sides:
        await side.add(FIRST)
    await _look(sides, trial.seconds)
    for number in range(1, rounds + 1):
        trial.say(f"round {number} of {rounds}: {sides[0].step} sockets more")
        for side in sides:
            await side.add(side.step)
        await _look(sides, trial.seconds)
    trial.say(f"all are held for {trial.seconds:.0f} s")
    until = time.perf_counter() + trial.seconds
    while time.perf_counter() < until:
        await asyncio.sleep(min(1.0, trial.seconds))
        for side in sides:
            require_alive(side.lines)
    for side in sides:
        held = len(side.lines)
        side.mb[-1] = (held, cpu.resident_mb(side.served.pid))
        for line in side.lines:
            line.close()


async def _look(sides: list[Held], seconds: float) -> None:
    """When all is quiet."""
    await asyncio.sleep(min(SETTLE_S, seconds))
    for side in sides:
        side.look()


def _ignore(_: Line, __: bytes) -> None:
    """Nobody reads along."""


def _result(sides: list[Held], seconds: float) -> Result:
    ours = sides[0]
    checks: dict[str, Check] = {f"{side.name}_sockets": len(side.lines) for side in sides}
    checks |= {f"{side.name}_mb": round(side.mb[-1][1], 1) for side in sides}
    return Result(
        name="idle",
        value=ours.kb,
        unit="kB of server memory each",
        yardstick=sides[-1].kb,
        latency_ms=Latency.of([]),
        checks=checks,
        seconds=seconds,
        compared=(
            f"Resident memory of a server for each of {len(ours.lines):,} sockets that are held: "
            "of CAS with an officer signed in and watching at each, told every second that all "
            "is well, and of a plain FastAPI endpoint on uvicorn that accepts and waits. Smaller "
            "is better; a round is a fifth of the sockets on top of those before."
        ),
        sides=[Side(side.name, side.kb_each) for side in sides],
        targets=[Target("kB each", ours.kb, "at most", MOST_KB)],
        curves=[Curve(side.name, "sockets held", "server memory (MB)", side.mb) for side in sides],
    )
