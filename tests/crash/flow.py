"""The press that ends a schedule: how long until everybody concerned has it."""

import asyncio
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2

from cas_server.kit.ids import new_id
from tests.crash.clients import Citizen, Console
from tests.crash.diary import Diary
from tests.crash.machines import Machines
from tests.crash.officers import Officer
from tests.crash.pace import pause
from tests.crash.people import Town

GIVEN_UP_S = 40.0


PRESSURE = Path("/proc/pressure/cpu")


def waited_s() -> float:
    """For how long, since the machine was started, anybody has waited for a processor; 0 where
    the kernel does not say."""
    if not PRESSURE.is_file():
        return 0.0
    some = PRESSURE.read_text().splitlines()[0]
    return int(some.rsplit("total=", 1)[1]) / 1_000_000


class Flow:
    """One press in the south, where one guard stands; each step is written down with its time."""

    def __init__(self, machines: Machines, town: Town, driver: Diary) -> None:
        self._machines = machines
        self._town = town
        self._driver = driver
        self._began, self._waited = time.monotonic(), waited_s()
        self._press_id = new_id()
        self._alarm_id = str(self._press_id)

    async def measure(self, citizen: Citizen, consoles: list[Console], guard: Officer) -> float:
        """Seconds until the last of them had it."""
        steps = [self._pressed(citizen), self._taken(guard), self._pushed()]
        steps += [self._on_screen(console) for console in consoles]
        try:
            async with asyncio.timeout(GIVEN_UP_S), asyncio.TaskGroup() as tasks:
                for step in steps:
                    tasks.create_task(step)
        except TimeoutError:
            self._reached("all", GIVEN_UP_S)
        return time.monotonic() - self._began

    def _reached(self, step: str, seconds: float | None = None) -> None:
        seconds = time.monotonic() - self._began if seconds is None else seconds
        starved = (waited_s() - self._waited) / max(seconds, 0.001)
        self._driver.write("flow", step=step, seconds=seconds, starved=min(1.0, starved))

    async def _pressed(self, citizen: Citizen) -> None:
        at = self._town.south
        position = {"lat": at.lat, "lon": at.lon, "accuracy_m": 8}
        await citizen.press(self._press_id, json={"position": position})
        self._reached("answer")

    async def _on_screen(self, console: Console) -> None:
        await console.sees(lambda picture: self._alarm_id in picture.alarms)
        self._reached(console.diary.who)

    async def _taken(self, guard: Officer) -> None:
        await guard.sees(
            lambda picture: any(
                offer["alarm_id"] == self._alarm_id and offer["my_part"]
                for offer in picture.offers.values()
            )
        )
        self._reached("guard")

    async def _pushed(self) -> None:
        address = self._town.addresses[self._town.guard.account_id]
        while not any(_is_for(one, address, self._press_id) for one in await asked(self._machines)):
            await pause(0.1)
        self._reached("push")


def _is_for(asked: dict[str, Any], address: str, alarm_id: UUID) -> bool:
    told = asked["message"].get("data", {}).get("alarm_id")
    return bool(asked["to"] == address and told == str(alarm_id))


async def asked(machines: Machines) -> list[dict[str, Any]]:
    """All that the push service was asked to send."""
    async with httpx2.AsyncClient(timeout=20) as client:
        answer = await client.get(f"{machines.fcm_url}/asked")
    found: list[dict[str, Any]] = answer.json()["asked"]
    return found
