"""The people of `cas bench reach`: who press, who fix and accept, and who watch."""

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
import msgspec

from cas_server.bench import stage
from cas_server.bench.people import OPERATOR_TOKEN, fix_frame, personil_token, proof
from cas_server.bench.sockets import Line, open_lines, require_alive
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id

FIX_EVERY_S = 5.0
SLICES = 50
"""Everybody fixes once in FIX_EVERY_S, in so many turns, as phones that know nothing of others."""
ARRIVES_WITHIN_S = 10.0
CAUGHT_UP_WITHIN_S = 60.0
PATIENCE_S = 60.0
WARM_PRESSES = 20
ON_THE_SCREEN_S = 1.0


@dataclass(frozen=True, slots=True)
class Town:
    """How many there are of each."""

    officers: int
    consoles: int
    citizens: int
    presses_a_second: int


@dataclass(slots=True)
class Times:
    """What was measured."""

    console_ms: list[float] = field(default_factory=list)
    officer_ms: list[float] = field(default_factory=list)
    fcm_ms: list[float] = field(default_factory=list)
    pressed: int = 0
    answered: int = 0
    accepted: int = 0
    fixes: int = 0


class Where(msgspec.Struct):
    """The part of an alarm or offer that says which one it is."""

    alarm_id: str = ""
    id: str = ""
    offer_id: str = ""
    state: str = ""
    version: int = 0
    distance_m: float | None = None


class Frame(msgspec.Struct):
    """The part of a server's message that is looked at."""

    type: str
    alarm: Where | None = None
    offer: Where | None = None


@dataclass(slots=True)
class Pressed:
    """One press, and who has heard of it."""

    sent: float
    sent_at: datetime
    called: asyncio.Event = field(default_factory=asyncio.Event)
    consoles: set[int] = field(default_factory=set)
    offers: list[tuple[float, float, int, str]] = field(default_factory=list)
    """Distance, arrival, number of the officer's line, id of the offer."""
    pushes: int = 0


class Load:
    """Everybody, on one loop."""

    def __init__(self, dsn: str, port: int, fcm_url: str, town: Town) -> None:
        self._dsn = dsn
        self._port = port
        self._fcm_url = fcm_url
        self._town = town
        self._presses: dict[str, Pressed] = {}
        self._times = Times()
        self._frames = msgspec.json.Decoder(Frame)
        self._chance = random.Random(7)  # noqa: S311 - places of a benchmark
        self._officers: list[Line] = []
        self._consoles: list[Line] = []
        self._spots: list[tuple[float, float]] = []
        self._asked = 0

    async def run(self, seconds: float) -> Times:
        """Connect, press for a while, hear the last of it, and hang up."""
        tokens = [personil_token(number) for number in range(1, self._town.officers + 1)]
        self._spots = await stage.spots(self._dsn, max(self._town.officers, 2_000))
        self._officers = await open_lines(self._port, "/v1/live", tokens, self._at_officer)
        operators = [OPERATOR_TOKEN] * self._town.consoles
        self._consoles = await open_lines(self._port, "/v1/live", operators, self._at_console)
        for line in (*self._officers, *self._consoles):
            line.send('{"type":"watch"}')
        async with (
            httpx2.AsyncClient(
                base_url=f"http://127.0.0.1:{self._port}", timeout=PATIENCE_S
            ) as server,
            httpx2.AsyncClient(base_url=self._fcm_url.partition("/v1/")[0]) as fcm,
        ):
            fixing = asyncio.create_task(self._fix())
            await self._press_for(server, WARM_PRESSES / self._town.presses_a_second)
            # The worker has only just been started: it counts from when it has caught up.
            await self._hear_all(fcm, CAUGHT_UP_WITHIN_S)
            self._presses, self._times = {}, Times()
            await self._press_for(server, seconds)
            await self._hear_all(fcm, ARRIVES_WITHIN_S)
            fixing.cancel()
        require_alive([*self._officers, *self._consoles])
        for line in (*self._officers, *self._consoles):
            line.close()
        return self._times

    async def _fix(self) -> None:
        """Every officer says where they are once in FIX_EVERY_S."""
        turn = 0
        while True:
            began = time.perf_counter()
            for index in range(turn % SLICES, len(self._officers), SLICES):
                lat, lon = self._spots[index]
                self._officers[index].send(fix_frame(lat, lon, utc_now()))
                self._times.fixes += 1
            turn += 1
            await asyncio.sleep(max(0.0, FIX_EVERY_S / SLICES - (time.perf_counter() - began)))

    async def _press_for(self, server: httpx2.AsyncClient, seconds: float) -> None:
        """Presses at an even pace, whether or not the earlier ones are answered."""
        pace = 1 / self._town.presses_a_second
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for number in range(max(1, round(seconds / pace))):
                await asyncio.sleep(max(0.0, began + number * pace - time.perf_counter()))
                tasks.create_task(self._press(server))

    async def _press(self, server: httpx2.AsyncClient) -> None:
        alarm_id = str(new_id())
        lat, lon = self._chance.choice(self._spots)
        citizen = self._chance.randint(1, self._town.citizens)
        pressed = Pressed(time.perf_counter(), utc_now())
        self._presses[alarm_id] = pressed
        self._times.pressed += 1
        path, place = f"/v1/alarms/{alarm_id}", {"lat": lat, "lon": lon, "accuracy_m": 12}
        body = msgspec.json.encode({"position": place, "kind": "crime"})
        signed = proof("signed", citizen, path, body)
        answer = await server.put(path, content=body, headers=signed)
        if answer.status_code != httpx2.codes.CREATED:
            del self._presses[alarm_id]
            return
        self._times.answered += 1
        await self._accept(server, pressed)

    async def _accept(self, server: httpx2.AsyncClient, pressed: Pressed) -> None:
        """Of those called, the nearest who can takes it on, a moment after it is on the screen.

        However late that is: an alarm that nobody takes calls everybody in the end.
        """
        with suppress(TimeoutError):
            await asyncio.wait_for(pressed.called.wait(), PATIENCE_S)
        await asyncio.sleep(ON_THE_SCREEN_S)
        for _, _, number, offer_id in sorted(pressed.offers):
            answer = await server.post(
                f"/v1/offers/{offer_id}/acceptance",
                headers={"Authorization": f"Bearer {personil_token(number)}"},
            )
            if answer.status_code == httpx2.codes.OK:
                self._times.accepted += 1
                break

    def _at_console(self, line: Line, frame: bytes) -> None:
        told = self._frames.decode(frame)
        if told.alarm is None:
            return
        pressed = self._presses.get(told.alarm.id)
        if pressed is not None and line.number not in pressed.consoles:
            pressed.consoles.add(line.number)
            self._times.console_ms.append((time.perf_counter() - pressed.sent) * 1e3)

    def _at_officer(self, line: Line, frame: bytes) -> None:
        told = self._frames.decode(frame).offer
        pressed = self._presses.get(told.alarm_id) if told else None
        if told is None or pressed is None or told.state != "open":
            return
        if all(number != line.number for _, _, number, _ in pressed.offers):
            arrived = time.perf_counter()
            pressed.offers.append((told.distance_m or 0.0, arrived, line.number, told.offer_id))
            pressed.called.set()
            line.send('{"type":"receipt","offer_id":"' + told.offer_id + '"}')

    async def _hear_all(self, fcm: httpx2.AsyncClient, within_s: float) -> None:
        """Wait until every press has reached everybody it should, or the time is over."""
        deadline = time.perf_counter() + within_s
        while time.perf_counter() < deadline:
            for asked in await self._newly_asked(fcm):
                self._note_push(asked)
            if all(self._is_heard(pressed) for pressed in self._presses.values()):
                break
        for pressed in self._presses.values():
            if pressed.offers:
                self._times.officer_ms.append((min(pressed.offers)[1] - pressed.sent) * 1e3)

    def _is_heard(self, pressed: Pressed) -> bool:
        everywhere = len(pressed.consoles) == self._town.consoles
        return everywhere and pressed.pushes >= len(pressed.offers) > 0

    async def _newly_asked(self, fcm: httpx2.AsyncClient) -> list[Any]:
        answer = await fcm.get("/asked", params={"after": self._asked, "wait_s": 0.2})
        found: list[Any] = answer.json()["asked"]
        if found:
            self._asked = found[-1]["number"]
        return found

    def _note_push(self, asked: Any) -> None:
        told = asked["message"].get("data", {})
        pressed = self._presses.get(told.get("alarm_id", ""))
        if pressed is not None and told.get("kind") == "offer":
            pressed.pushes += 1
            at = datetime.fromisoformat(asked["at"])
            self._times.fcm_ms.append((at - pressed.sent_at).total_seconds() * 1e3)
