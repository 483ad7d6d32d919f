"""Presses as fast as they are answered, over keep-alive connections, from a process of its own.

python -m cas_server.bench.press_load < ORDER.json > OUTCOME.json
"""

import asyncio
import random
import sys
import time
from collections import deque
from typing import cast

import httptools
import msgspec
import uvloop

from cas_server.bench.people import Way, proof_lines
from cas_server.kit.ids import new_id

BODY = (
    '{{"position":{{"lat":{lat:.6f},"lon":{lon:.6f},"accuracy_m":12,"age_s":1}},'
    '"kind":"crime","battery_percent":80}}'
)

SIGNED_AHEAD_PER_S = 1_000
MOST_SIGNED_AHEAD = 20_000


class Order(msgspec.Struct, frozen=True):
    """What to do: from `first_citizen` on, every press is another citizen's."""

    port: int
    connections: int
    seconds: float
    first_citizen: int
    citizens: int
    spots: list[tuple[float, float]]
    way: Way


class Receipt(msgspec.Struct, frozen=True):
    """The part of a press's answer that can be checked in the database."""

    alarm_id: str
    personil_called: int


class Outcome(msgspec.Struct):
    """What came of it: answers by status, and the receipts of every 201."""

    seconds: float
    cpu_s: float
    statuses: dict[str, int]
    receipts: list[Receipt]
    latencies_ms: list[float]


_receipt = msgspec.json.Decoder(Receipt)


class Phones:
    """What all connections share: who presses next, and what was answered."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.until = 0.0
        self.statuses: dict[str, int] = {}
        self.receipts: list[Receipt] = []
        self.latencies_ms: list[float] = []
        self._pressed = 0
        self._chance = random.Random(order.first_citizen)  # noqa: S311 - places of a benchmark
        # Thousands of phones sign each its own; here they would all sign on the server's cores.
        ready = min(round(order.seconds * SIGNED_AHEAD_PER_S), MOST_SIGNED_AHEAD)
        self._ready = deque(self._made() for _ in range(ready))

    def request(self) -> bytes:
        """The next citizen's press, somewhere in the regency."""
        return self._ready.popleft() if self._ready else self._made()

    def _made(self) -> bytes:
        order = self.order
        citizen = (order.first_citizen + self._pressed) % order.citizens + 1
        self._pressed += 1
        lat, lon = self._chance.choice(order.spots)
        path, body = f"/v1/alarms/{new_id()}", BODY.format(lat=lat, lon=lon)
        proved = proof_lines(order.way, citizen, path, body.encode())
        head = (
            f"PUT {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
            f"{proved}content-length: {len(body)}"
        )
        return f"{head}\r\n\r\n{body}".encode()

    def answered(self, status: int, body: bytes, took_s: float) -> None:
        self.statuses[str(status)] = self.statuses.get(str(status), 0) + 1
        self.latencies_ms.append(took_s * 1e3)
        if status == 201:
            self.receipts.append(_receipt.decode(body))


class Phone(asyncio.Protocol):
    """One connection: sends the next press as soon as the last one is answered."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._body = b""
        self._sent_at = 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports do not say that they are asyncio's.
        self._transport = cast(asyncio.Transport, transport)
        self._press()

    def _press(self) -> None:
        assert self._transport is not None
        self._body = b""
        self._sent_at = time.perf_counter()
        self._transport.write(self._phones.request())

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        self._phones.answered(self._parser.get_status_code(), self._body, now - self._sent_at)
        if now < self._phones.until:
            self._press()
        else:
            assert self._transport is not None
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(exc)


async def load(order: Order) -> Outcome:
    """Press until the time is over; every press that was sent is waited for."""
    loop = asyncio.get_running_loop()
    phones = Phones(order)
    began, cpu_began = time.perf_counter(), time.process_time()
    phones.until = began + order.seconds
    lines = [
        await loop.create_connection(lambda: Phone(phones), "127.0.0.1", order.port)
        for _ in range(order.connections)
    ]
    await asyncio.gather(*(phone.done for _, phone in lines))
    seconds = time.perf_counter() - began
    cpu_s = time.process_time() - cpu_began
    return Outcome(seconds, cpu_s, phones.statuses, phones.receipts, phones.latencies_ms)


def main() -> None:
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    outcome = uvloop.run(load(order))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
