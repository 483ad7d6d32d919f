"""Genuine presses at their own pace beside a flood, from many addresses of this machine.

python -m cas_server.bench.flood_load < ORDER.json > OUTCOME.json
"""

import asyncio
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Literal

import msgspec
import uvloop

from cas_server.bench.people import proof_lines
from cas_server.kit.ids import new_id

Act = Callable[[int], Coroutine[None, None, None]]
Kind = Literal["one_address", "one_account", "thousand_accounts", "behind_one_nat"]
FLOODER = "127.0.9.1"
FLOODING_NETWORKS = 16
GENUINE_NETWORKS = 100
MOST_LINES = 250
"""Connections of the flood; when all wait for an answer, the flood itself has to wait."""
BODY = '{{"position":{{"lat":{lat:.6f},"lon":{lon:.6f},"accuracy_m":12,"age_s":1}}}}'


class Order(msgspec.Struct, frozen=True):
    """What to do; citizens from `first_citizen` on press once each, those before may flood."""

    port: int
    seconds: float
    kind: Kind
    genuine_a_second: float
    flood_a_second: float
    flooders: int
    first_citizen: int
    spots: list[tuple[float, float]]


class Outcome(msgspec.Struct):
    """What came of both: answers by status, ids that were answered with 2xx, and latencies."""

    genuine: dict[str, int]
    genuine_ids: list[str]
    latencies_ms: list[float]
    flood: dict[str, int]
    flood_ids: list[str]
    flood_a_second: float


class Line:
    """One keep-alive connection from one address."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, port: int, address: str) -> "Line":
        return cls(*await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0)))

    async def ask(self, request: bytes) -> int:
        """The status of the answer; its body is read and thrown away."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.lower().split(b"content-length:")[1].split(b"\r\n")[0]
        await self._reader.readexactly(int(length))
        return int(head[9:12])

    def close(self) -> None:
        self._writer.close()


class Load:
    """Both crowds, their connections, and what they were answered."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._idle: dict[str, list[Line]] = {}
        self._flooding = asyncio.Semaphore(MOST_LINES)
        self._chance = random.Random(order.first_citizen)  # noqa: S311 - places of a benchmark
        self._genuine, self._flood = Counter[str](), Counter[str]()
        self._genuine_ids: list[str] = []
        self._flood_ids: list[str] = []
        self._latencies_ms: list[float] = []

    async def run(self) -> Outcome:
        order = self._order
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._pace(order.genuine_a_second, self._press_genuinely))
            tasks.create_task(self._pace(order.flood_a_second, self._press_in_the_flood))
        took_s = time.perf_counter() - began
        for line in (line for lines in self._idle.values() for line in lines):
            line.close()
        return Outcome(
            dict(self._genuine), self._genuine_ids, self._latencies_ms,
            dict(self._flood), self._flood_ids, round(self._flood.total() / took_s, 1),
        )  # fmt: skip

    async def _pace(self, a_second: float, act: Act) -> None:
        """Start so many a second, however long each takes."""
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number in range(round(self._order.seconds * a_second)):
                await asyncio.sleep(max(0.0, began + number / a_second - time.perf_counter()))
                tasks.create_task(act(number))

    async def _press_genuinely(self, number: int) -> None:
        inside = self._order.kind == "behind_one_nat"
        address = FLOODER if inside else f"127.1.{number % GENUINE_NETWORKS}.1"
        alarm_id, request = self._request(self._order.first_citizen + number)
        began = time.perf_counter()
        status = await self._ask(address, request)
        self._latencies_ms.append((time.perf_counter() - began) * 1e3)
        self._genuine[str(status)] += 1
        if status < 300:
            self._genuine_ids.append(alarm_id)

    async def _press_in_the_flood(self, number: int) -> None:
        citizen: int | None
        match self._order.kind:
            case "one_account":
                address, citizen = FLOODER, 1
            case "thousand_accounts":
                address = f"127.0.{20 + number % FLOODING_NETWORKS}.1"
                citizen = number % self._order.flooders + 1
            case _:
                address, citizen = FLOODER, None
        alarm_id, request = self._request(citizen)
        async with self._flooding:
            status = await self._ask(address, request)
        self._flood[str(status)] += 1
        if status < 300:
            self._flood_ids.append(alarm_id)

    def _request(self, citizen: int | None) -> tuple[str, bytes]:
        """A press of a citizen, signed; of nobody, unsigned."""
        lat, lon = self._chance.choice(self._order.spots)
        alarm_id, body = str(new_id()), BODY.format(lat=lat, lon=lon).encode()
        path = f"/v1/alarms/{alarm_id}"
        signed = "" if citizen is None else proof_lines("signed", citizen, path, body)
        head = (
            f"PUT {path} HTTP/1.1\r\nhost: bench\r\n{signed}"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        return alarm_id, head.encode() + body

    async def _ask(self, address: str, request: bytes) -> int:
        idle = self._idle.setdefault(address, [])
        while idle:
            line = idle.pop()
            try:
                status = await line.ask(request)
            except (asyncio.IncompleteReadError, ConnectionError):
                line.close()  # the server had ended it for being idle: a press is simply repeated
            else:
                idle.append(line)
                return status
        line = await Line.open(self._order.port, address)
        status = await line.ask(request)
        idle.append(line)
        return status


def main() -> None:
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    outcome = uvloop.run(Load(order).run())
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
