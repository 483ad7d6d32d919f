"""Presses one at a time, each beside its own officer, who is heard at their socket.

python -m cas_server.bench.growth_load < ORDER.json > OUTCOME.json
"""

import asyncio
import sys
import time

import httpx2
import msgspec
import uvloop

from cas_server.bench.people import OPERATOR_TOKEN, personil_token, proof
from cas_server.bench.sockets import Line, open_lines, require_alive
from cas_server.kit.ids import new_id

ARRIVES_WITHIN_S = 20.0


class Order(msgspec.Struct, frozen=True):
    """The n-th press is the n-th citizen's, at the n-th place, where the n-th officer stands."""

    port: int
    places: list[tuple[float, float]]
    first: int
    presses: int
    consoles: int
    pause_s: float


class Outcome(msgspec.Struct, frozen=True):
    """From sending the press to the offer at an officer's socket, and at every console."""

    offer_ms: list[float]
    console_ms: list[float]


class _Offer(msgspec.Struct):
    alarm_id: str


class _Alarm(msgspec.Struct):
    id: str


class _Frame(msgspec.Struct):
    type: str
    offer: _Offer | None = None
    alarm: _Alarm | None = None


class Load:
    """One press is on its way at a time, so that nothing waits for anything but its own path."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._frames = msgspec.json.Decoder(_Frame)
        self._alarm_id = ""
        self._mark = b""
        self._began = 0.0
        self._offered: asyncio.Future[float]
        self._shown_ms: list[float] = []
        self._everywhere = asyncio.Event()
        self._pictures = 0
        self._all_see = asyncio.Event()

    def _note_picture(self, frame: bytes) -> None:
        if b'.snapshot"' in frame[:40]:
            self._pictures += 1
            if self._pictures == len(self._order.places) + self._order.consoles:
                self._all_see.set()

    def _at_officer(self, _: Line, frame: bytes) -> None:
        self._note_picture(frame)
        told = self._frames.decode(frame)
        if told.offer and told.offer.alarm_id == self._alarm_id and not self._offered.done():
            self._offered.set_result((time.perf_counter() - self._began) * 1e3)

    def _at_console(self, _: Line, frame: bytes) -> None:
        self._note_picture(frame)
        # Hundreds of consoles: only what may be this alarm is decoded.
        if self._mark and self._mark in frame[:200]:
            self._shown_ms.append((time.perf_counter() - self._began) * 1e3)
            if len(self._shown_ms) == self._order.consoles:
                self._everywhere.set()

    async def run(self) -> Outcome:
        order = self._order
        numbers = range(order.first, order.first + order.presses)
        tokens = [personil_token(number) for number in range(1, len(order.places) + 1)]
        officers = await open_lines(order.port, "/v1/live", tokens, self._at_officer)
        operators = [OPERATOR_TOKEN] * order.consoles
        consoles = await open_lines(order.port, "/v1/live", operators, self._at_console)
        for line in (*officers, *consoles):
            line.send('{"type":"watch"}')
        async with asyncio.timeout(ARRIVES_WITHIN_S):
            await self._all_see.wait()
        offer_ms, console_ms = list[float](), list[float]()
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{order.port}") as server:
            await server.get("/v1/health/alive")  # else the first press pays for the connection
            for number in numbers:
                offer_ms.append(await self._press(server, number))
                console_ms += self._shown_ms
                await asyncio.sleep(order.pause_s)
        require_alive([*officers, *consoles])
        for line in (*officers, *consoles):
            line.close()
        return Outcome(offer_ms, console_ms)

    async def _press(self, server: httpx2.AsyncClient, number: int) -> float:
        self._alarm_id = str(new_id())
        self._mark, self._shown_ms = self._alarm_id.encode(), []
        self._everywhere.clear()
        self._offered = asyncio.get_running_loop().create_future()
        lat, lon = self._order.places[number - 1]
        path, place = f"/v1/alarms/{self._alarm_id}", {"lat": lat, "lon": lon, "accuracy_m": 5}
        body = msgspec.json.encode({"position": place, "kind": "crime"})
        signed = proof("signed", number, path, body)
        self._began = time.perf_counter()
        (await server.put(path, content=body, headers=signed)).raise_for_status()
        async with asyncio.timeout(ARRIVES_WITHIN_S):
            if self._order.consoles:
                await self._everywhere.wait()
            return await self._offered


def main() -> None:
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(Load(order).run())))


if __name__ == "__main__":
    main()
