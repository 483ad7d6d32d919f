"""One simulated Personil on duty: drives a beat, reports where, and goes where called."""

import asyncio
import contextlib
from random import Random
from uuid import NAMESPACE_URL, uuid5

import structlog

from cas_server.demo import beat, driving, receiver
from cas_server.demo.api import Refused, Unreachable
from cas_server.demo.beat import Beat, Halt, Stay
from cas_server.demo.calls import Calls, Voice
from cas_server.demo.driving import Motion
from cas_server.demo.line import Dismissed
from cas_server.demo.pace import Pace
from cas_server.demo.receiver import Reading, Receiver
from cas_server.demo.shapes import Duty, Frame
from cas_server.kit.clock import utc_now

RESPONSE_MPS = (13.0, 19.0)
"""47 to 68 km/h: hurrying, through villages."""

log = structlog.get_logger()


class Patrol:
    """A car, a phone, and somebody who has both."""

    def __init__(
        self, voice: Voice, ground: Beat, motion: Motion, pace: Pace, chance: Random
    ) -> None:
        self._voice = voice
        self._beat = ground
        self._motion = motion
        self._pace = pace
        self._chance = chance
        self._calls = Calls(voice, pace, chance)
        self._receiver = Receiver(battery=chance.uniform(30, 100))
        self._goal = beat.next_goal(ground, motion, chance)
        self._top_mps = chance.uniform(*beat.PATROL_MPS)
        self._response_mps = chance.uniform(*RESPONSE_MPS)
        self._stay: Stay | None = None
        self._stay_until_s = 0.0

    async def run(self) -> None:
        """On duty until the process ends, or the phone's credential is taken away."""
        await self._register_phone()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._drive())
                tasks.create_task(self._voice.line.run(lambda frame: self._hear(frame, tasks)))
        except* Dismissed:
            log.warning("simulation.dismissed", account=self._voice.phone.account_id)

    def _hear(self, frame: Frame, tasks: asyncio.TaskGroup) -> None:
        if frame.duty is not None and self._should_return(frame.duty):
            tasks.create_task(self._wish("available"))
        self._calls.hear(frame, tasks)

    def _should_return(self, duty: Duty) -> bool:
        """Off duty, or on a break that an earlier run of the simulation began."""
        on_break = self._stay is not None and self._stay.halt is Halt.BREAK
        return not duty.on_duty or (duty.availability == "break" and not on_break)

    async def _drive(self) -> None:
        loop = asyncio.get_running_loop()
        before_s = loop.time()
        while True:
            await asyncio.sleep(self._chance.uniform(*self._pace.fix_s))
            now_s = loop.time()
            elapsed_s, before_s = now_s - before_s, now_s
            await self._live(elapsed_s, now_s)
            await self._report(elapsed_s)
            goal = self._calls.goal
            arrived = goal is not None and driving.has_arrived(self._motion, goal)
            await self._calls.progress(arrived=arrived)

    async def _live(self, elapsed_s: float, now_s: float) -> None:
        called = self._calls.current is not None
        if self._stay is not None and (called or now_s >= self._stay_until_s):
            await self._end(self._stay)
        self._move(elapsed_s)
        if not called and self._stay is None and driving.has_arrived(self._motion, self._goal):
            await self._begin(beat.stay(self._chance), now_s)

    def _move(self, elapsed_s: float) -> None:
        on_call = self._calls.current is not None
        goal = self._calls.goal if on_call else self._goal
        if goal is None or self._stay is not None:
            self._motion = driving.halt(self._motion, elapsed_s)
            return
        top_mps = self._response_mps if on_call else self._top_mps
        self._motion = driving.drive(self._motion, goal, top_mps, elapsed_s, self._chance)

    async def _begin(self, stay: Stay, now_s: float) -> None:
        self._stay = stay
        self._stay_until_s = now_s + stay.seconds * self._pace.delays
        self._calls.out_of_reach = stay.halt is Halt.SILENCE
        if stay.halt is Halt.BREAK:
            await self._wish("break")

    async def _end(self, stay: Stay) -> None:
        self._stay = None
        self._calls.out_of_reach = False
        self._goal = beat.next_goal(self._beat, self._motion, self._chance)
        self._top_mps = self._chance.uniform(*beat.PATROL_MPS)
        if stay.halt is Halt.BREAK:
            await self._wish("available")

    async def _register_phone(self) -> None:
        """Say how this phone is woken, so that its pushes go as far as Firebase's test server."""
        account_id = self._voice.phone.account_id
        device_id = uuid5(NAMESPACE_URL, f"simulated phone of {account_id}")
        address = {
            "platform": "android",
            "address_type": "fcm_token",
            "address": f"simulated-phone-{account_id}",
        }
        with contextlib.suppress(Refused, Unreachable):
            await self._voice.api.tell(
                "PUT", f"/devices/{device_id}", self._voice.phone.token, address
            )

    async def _wish(self, availability: str) -> None:
        with contextlib.suppress(Refused, Unreachable):
            await self._voice.api.tell(
                "PUT", "/duty", self._voice.phone.token, {"availability": availability}
            )

    async def _report(self, elapsed_s: float) -> None:
        reading, self._receiver = receiver.read(
            self._receiver, self._motion, elapsed_s, self._chance
        )
        if not self._calls.out_of_reach:
            await self._voice.line.send(_fix(reading))


def _fix(reading: Reading) -> dict[str, object]:
    return {
        "type": "fix",
        "lat": reading.at.lat,
        "lon": reading.at.lon,
        "accuracy_m": reading.at.accuracy_m,
        "speed_mps": reading.speed_mps,
        "heading_deg": reading.heading_deg,
        "battery_percent": reading.battery_percent,
        "fixed_at": utc_now(),
    }
