"""Presses at an even pace, half over kept connections and half over new ones, until told to end.

python -m cas_server.bench.steady_load: an Order as a line on standard input, whose end is the word
to finish; then a Told on standard output.
"""

import asyncio
import random
import sys
import time
from dataclasses import dataclass, field

import httptools
import msgspec
import uvloop

from cas_server.bench.people import Way, proof_lines
from cas_server.bench.press_load import BODY
from cas_server.kit.ids import new_id

AGAIN_AFTER_S = 0.1
PATIENCE_S = 30.0
"""A press is repeated until it is answered, but a benchmark must end."""


class Order(msgspec.Struct, frozen=True):
    """From `first_citizen` on, every press is another citizen's, so that none joins another."""

    port: int
    presses_a_second: float
    first_citizen: int
    citizens: int
    spots: list[tuple[float, float]]
    way: Way = "signed"


class Press(msgspec.Struct, frozen=True, array_like=True):
    """One that was accepted. Times are of the machine's monotonic clock, the same everywhere."""

    alarm_id: str
    due: float
    accepted: float

    @property
    def took_ms(self) -> float:
        return (self.accepted - self.due) * 1e3


class Told(msgspec.Struct):
    """What came of it."""

    presses: list[Press]
    refused: int
    """Tries that found nobody listening."""
    broken: int
    """Tries whose connection ended before the answer."""
    other_answers: int
    """Tries that were answered with something else than 200 or 201."""
    given_up: int


class Broken(Exception):
    """The connection ended before the answer."""


class Line(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[int] | None = None
        self.transport: asyncio.Transport
        self.open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # uvloop's do not say they are asyncio's

    async def ask(self, request: bytes) -> int:
        """The answer's status; Broken when there is none."""
        if not self.open:
            raise Broken
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.open = self.open and self._parser.should_keep_alive()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(self._parser.get_status_code())

    def connection_lost(self, _: Exception | None) -> None:
        self.open = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Broken())


@dataclass(slots=True)
class Crowd:
    """Everybody who presses."""

    order: Order
    told: Told = field(default_factory=lambda: Told([], 0, 0, 0, 0))
    _kept: list[Line] = field(default_factory=list)
    _pressed: int = 0

    async def press(self, due: float) -> None:
        """One citizen's press, repeated until it is accepted."""
        citizen = (self.order.first_citizen + self._pressed) % self.order.citizens + 1
        keeps = self._pressed % 2 == 0
        self._pressed += 1
        alarm_id = str(new_id())
        lat, lon = random.choice(self.order.spots)  # noqa: S311 - places of a benchmark
        body = BODY.format(lat=lat, lon=lon)
        while not await self._is_accepted(alarm_id, citizen, body, keeps=keeps):
            if time.perf_counter() > due + PATIENCE_S:
                self.told.given_up += 1
                return
            await asyncio.sleep(AGAIN_AFTER_S)
        self.told.presses.append(Press(alarm_id, due, time.perf_counter()))

    async def _is_accepted(self, alarm_id: str, citizen: int, body: str, *, keeps: bool) -> bool:
        try:
            line = await self._line(keeps=keeps)
        except OSError:
            self.told.refused += 1
            return False
        try:
            async with asyncio.timeout(PATIENCE_S):
                status = await line.ask(self._request(alarm_id, citizen, body))
        except (Broken, TimeoutError):
            self.told.broken += 1
            line.transport.abort()
            return False
        if keeps and line.open:
            self._kept.append(line)
        else:
            line.transport.close()
        if status not in (200, 201):
            self.told.other_answers += 1
        return status in (200, 201)

    async def _line(self, *, keeps: bool) -> Line:
        while keeps and self._kept:
            if (kept := self._kept.pop()).open:
                return kept
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(Line, "127.0.0.1", self.order.port)
        return line

    def _request(self, alarm_id: str, citizen: int, body: str) -> bytes:
        path = f"/v1/alarms/{alarm_id}"
        proved = proof_lines(self.order.way, citizen, path, body.encode())
        head = f"PUT {path} HTTP/1.1\r\nhost: bench\r\n{proved}content-length: {len(body)}"
        return f"{head}\r\n\r\n{body}".encode()


async def load(order: Order, over: asyncio.Event) -> Told:
    """Press at the pace until it is over, whether or not earlier presses are answered."""
    crowd = Crowd(order)
    began, count = time.perf_counter(), 0
    async with asyncio.TaskGroup() as presses:
        while not over.is_set():
            due = began + count / order.presses_a_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            presses.create_task(crowd.press(due))
            count += 1
    return crowd.told


async def main() -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    loop.add_reader(sys.stdin.fileno(), over.set)
    told = await load(order, over)
    sys.stdout.buffer.write(msgspec.json.encode(told))


if __name__ == "__main__":
    uvloop.run(main())
