"""`cas bench fanout`: one event to 1,000 sockets through the hub, against a loop of send_json."""

import asyncio
import json
import statistics
import time
from dataclasses import dataclass, field

import httpx2
import uvloop

from cas_server.bench import stage
from cas_server.bench.people import OPERATOR_TOKEN
from cas_server.bench.result import Latency, Result
from cas_server.bench.sockets import Line, open_lines, require_alive
from cas_server.bench.stage import Crowd, Trial
from cas_server.children import python

SOCKETS = 1_000
ARRIVES_WITHIN_S = 20.0


def _event(mark: str) -> str:
    """As large as an alarm with three offers; its shape is nobody's business here."""
    offers = [{"name": "Personil", "note": "x" * 550}] * 3
    return json.dumps({"type": "alarm.changed", "alarm": {"id": mark, "offers": offers}})


@dataclass(slots=True)
class Wave:
    """One event on its way to everybody."""

    expected: int
    mark: bytes
    """What only this event's frames hold: beside them there are snapshots, ticks, and late ones."""
    began: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    all_there: asyncio.Event = field(default_factory=asyncio.Event)

    def arrived(self, _: Line, frame: bytes) -> None:
        if self.mark in frame:
            self.latencies_ms.append((time.perf_counter() - self.began) * 1e3)
            if len(self.latencies_ms) == self.expected:
                self.all_there.set()


@dataclass(slots=True)
class Tally:
    """Every wave of one side."""

    latencies_ms: list[float] = field(default_factory=list)
    last_ms: list[float] = field(default_factory=list)

    def rate(self, sockets: int) -> float:
        """Frames a second: all of a wave, by the time the last one has arrived."""
        return sockets / statistics.median(self.last_ms) * 1e3


def measure(trial: Trial) -> Result:
    """Both sides in turns, in the same server process."""
    sockets = trial.share_of(SOCKETS)
    with stage.regency(trial.say, Crowd(personil=12)) as (_, dsn):
        command = python("cas_server.bench.fanout_server")
        with stage.server(dsn, command=command) as (_, port):
            trial.say(f"{sockets} sockets of each kind")
            hub, plain = uvloop.run(_waves(port, sockets, trial.seconds))
    return Result(
        name="fanout",
        value=hub.rate(sockets),
        unit="frames/s",
        yardstick=plain.rate(sockets),
        latency_ms=Latency.of(hub.latencies_ms),
        checks={
            "sockets": sockets,
            "events": len(hub.last_ms),
            "everybody_got_every_event": len(hub.latencies_ms) == sockets * len(hub.last_ms),
            "plain_p50_ms": Latency.of(plain.latencies_ms).p50,
            "plain_p99_ms": Latency.of(plain.latencies_ms).p99,
        },
        seconds=trial.seconds,
        compared=(
            f"One event to {sockets} sockets through the hub (encoded once, nobody waited for), "
            "against `for socket in sockets: await socket.send_json(event)` in the same process, "
            "in turns; from the request that starts it to the frame at the client."
        ),
    )


async def _waves(port: int, sockets: int, seconds: float) -> tuple[Tally, Tally]:
    hub_side = _Side(port, "/bench/hub", sockets)
    plain_side = _Side(port, "/bench/plain", sockets)
    await hub_side.open("/v1/live", OPERATOR_TOKEN)
    for line in hub_side.lines:
        line.send('{"type":"watch"}')
    await plain_side.open("/bench/plain", None)
    sides = (hub_side, plain_side)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for side in sides:
            await side.wave(client)
            side.tally = Tally()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until or not hub_side.tally.last_ms:
            for side in sides:
                await side.wave(client)
    for side in sides:
        side.close()
    return hub_side.tally, plain_side.tally


class _Side:
    """The sockets of one way of sending, and the door that starts it."""

    def __init__(self, port: int, door: str, sockets: int) -> None:
        self._port = port
        self._door = door
        self._sockets = sockets
        self._wave = Wave(sockets, b"nothing yet")
        self._waves = 0
        self.lines: list[Line] = []
        self.tally = Tally()

    async def open(self, path: str, token: str | None) -> None:
        tokens = [token] * self._sockets
        self.lines = await open_lines(
            self._port, path, tokens, lambda line, frame: self._wave.arrived(line, frame)
        )

    async def wave(self, client: httpx2.AsyncClient) -> None:
        """One event, until the last socket has it."""
        self._waves += 1
        mark = f"bench {self._waves}."
        self._wave = wave = Wave(self._sockets, mark.encode())
        wave.began = time.perf_counter()
        posting = asyncio.create_task(client.post(self._door, content=_event(mark)))
        async with asyncio.timeout(ARRIVES_WITHIN_S):
            await wave.all_there.wait()
        (await posting).raise_for_status()
        require_alive(self.lines)
        self.tally.latencies_ms += wave.latencies_ms
        self.tally.last_ms.append(wave.latencies_ms[-1])

    def close(self) -> None:
        for line in self.lines:
            line.close()
