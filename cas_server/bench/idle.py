"""`cas bench idle`: memory of 10,000 sockets that are held, beside a plain FastAPI endpoint."""

import asyncio
import resource
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

import uvloop

from cas_server.bench import cpu, ordinary, stage
from cas_server.bench.people import personil_token
from cas_server.bench.result import Check, Curve, Latency, Result, Side, Target
from cas_server.bench.sides import Served
from cas_server.bench.sockets import Line, open_lines, require_alive
from cas_server.bench.stage import Crowd, Trial

SOCKETS = 10_000
ROUNDS = 5
"""Each adds a fifth of the sockets to those that are held already."""
FIRST = 50
"""Sockets that pay for what is loaded and reserved with the first of all."""
SETTLE_S = 1.5
"""Longer than a round of the feed: everybody has been told that all is well."""
MOST_KB = 40.0
PLAIN = "plain_socket"
FILES_BESIDE = 500
"""Files that a process of a benchmark has open beside its sockets."""
WATCH = '{"type":"watch"}'


@dataclass(slots=True)
class Held:
    """The sockets of one server, and its memory at every step."""

    name: str
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
        """Open so many more, wait until all is quiet, and look."""
        there = len(self.lines)
        more = self.tokens[there : there + count]
        lines = await open_lines(self.served.port, self.path, more, _ignore)
        for line in lines:
            if self.frame is not None:
                line.send(self.frame)
        self.lines += lines
        await asyncio.sleep(SETTLE_S)
        require_alive(self.lines)
        self.mb.append((len(self.lines), cpu.resident_mb(self.served.pid)))


def measure(trial: Trial) -> Result:
    """Both servers, whose sockets grow in turns."""
    wanted = trial.share_of(SOCKETS)
    sockets = min(wanted, _room(wanted) // ROUNDS * ROUNDS) // ROUNDS * ROUNDS
    crowd = Crowd(personil=sockets + FIRST, signed_in=sockets + FIRST)
    with stage.regency(trial.say, crowd) as (_, dsn), ExitStack() as servers:
        process, port = servers.enter_context(stage.server(dsn))
        tokens: list[str | None] = [
            personil_token(number) for number in range(1, sockets + FIRST + 1)
        ]
        sides = [Held("CAS", Served(dsn, port, process.pid), "/v1/live", tokens, WATCH)]
        if ordinary.is_there(PLAIN):
            plain = servers.enter_context(ordinary.served(PLAIN, dsn))
            nobody: list[str | None] = [None] * len(tokens)
            sides.append(Held("FastAPI, plain", plain, "/ws", nobody, None))
        uvloop.run(_grow(trial, sides, sockets // ROUNDS))
    return _result(sides, trial.seconds)


def _room(wanted: int) -> int:
    """How many sockets each server may hold, for this process holds the other ends of all."""
    needed = 2 * (wanted + FIRST) + FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for most in (max(hard, needed), hard):
        if soft < needed:
            try:
                resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, most), most))
            except (ValueError, OSError):
                continue  # only root may raise the hard limit
            soft = min(needed, most)
    return (soft - FILES_BESIDE) // 2 - FIRST


async def _grow(trial: Trial, sides: list[Held], step: int) -> None:
    for side in sides:
        await side.add(FIRST)
    for number in range(1, ROUNDS + 1):
        trial.say(f"round {number} of {ROUNDS}: {step} sockets more for each server")
        for side in sides:
            await side.add(step)
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


def _ignore(_: Line, __: bytes) -> None:
    """Nobody reads along."""


def _result(sides: list[Held], seconds: float) -> Result:
    ours = sides[0]
    checks: dict[str, Check] = {"sockets_held": len(ours.lines)}
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
