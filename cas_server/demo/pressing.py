"""Simulated people who press, one story after the other."""

import asyncio
import contextlib
from collections.abc import Callable
from random import Random

import msgspec
import structlog

from cas_server.demo import rhythm, story
from cas_server.demo.api import ROOT, Api, Refused, Sealed, Unreachable
from cas_server.demo.driving import shifted
from cas_server.demo.judgement import MOST_OPEN
from cas_server.demo.pace import Pace
from cas_server.demo.press_key import Keyring
from cas_server.demo.shapes import OwnAlarm, Phone, Receipt
from cas_server.demo.story import Story, Turn
from cas_server.kit.clock import utc_now
from cas_server.kit.geo import Position
from cas_server.kit.ids import new_id

INSTANSI_SHARE = 0.12
FLEEING_MPS = (1.0, 3.5)
FLEEING_FIXES = (8, 30)
FIX_EVERY_S = 5.0
REPEAT_AFTER_S = (0.5, 3.0)
FOLLOW_EVERY_S = 15.0
FOLLOWED_FOR_S = 2_400.0

log = structlog.get_logger()


class Pressing:
    """Who may press, who is in the middle of something, and when the next one presses."""

    def __init__(
        self, api: Api, phones: list[Phone], per_hour: float, pace: Pace, chance: Random
    ) -> None:
        self._api = api
        self._masyarakat = [phone for phone in phones if phone.role == "masyarakat"]
        self._instansi = [phone for phone in phones if phone.role == "instansi"]
        self._per_hour = per_hour
        self._pace = pace
        self._chance = chance
        self._in_danger: set[str] = set()
        self._keys = Keyring(api)

    async def run(self, open_simulated: Callable[[], int]) -> None:
        """For ever; nobody presses while too much is open."""
        await self._pace.wait(self._chance.uniform(*rhythm.FIRST_AFTER_S))
        async with asyncio.TaskGroup() as tasks:
            while True:
                if max(len(self._in_danger), open_simulated()) < MOST_OPEN:
                    self._begin(tasks)
                await self._pace.wait(rhythm.gap_s(self._per_hour, utc_now(), self._chance))

    def _begin(self, tasks: asyncio.TaskGroup) -> None:
        at_counter = self._chance.random() < INSTANSI_SHARE
        everybody = (self._instansi if at_counter else self._masyarakat) or self._instansi
        free = [phone for phone in everybody if phone.account_id not in self._in_danger]
        if not free:
            return
        phone = self._chance.choice(free)
        told = (
            story.of_instansi(self._chance)
            if phone.role == "instansi"
            else story.of_masyarakat(phone.home, self._chance)
        )
        self._in_danger.add(phone.account_id)
        tasks.create_task(self._play(phone, told))

    async def _play(self, phone: Phone, told: Story) -> None:
        try:
            alarm_id = await self._press(phone, told)
            await self._pace.wait(told.turn_after_s)
            await self._turn(phone, told, alarm_id)
            await self._follow(phone, alarm_id)
        except Refused as refused:
            log.warning("simulation.press_refused", status=refused.status, code=refused.code)
        except Unreachable:
            pass  # the server is starting again; the alarm itself is safe with it
        finally:
            self._in_danger.discard(phone.account_id)

    async def _press(self, phone: Phone, told: Story) -> str:
        """The same press again and again until it is heard; the alarm's id."""
        path = f"/alarms/{new_id()}"
        content = msgspec.json.encode(press_body(told))
        while True:
            try:
                signed = await self._keys.headers(phone, f"{ROOT}{path}", content)
                sealed = Sealed(content, signed)
                answer = await self._api.press(Receipt, path, phone.press_token, sealed)
            except Unreachable:
                await self._pace.wait(self._chance.uniform(*REPEAT_AFTER_S))
            else:
                return answer.alarm_id

    async def _turn(self, phone: Phone, told: Story, alarm_id: str) -> None:
        match told.turn:
            case Turn.FLEE if told.at is not None:
                await self._flee(phone, told.at, alarm_id)
            case Turn.PRESS_AGAIN:
                await self._press(phone, told)
            case Turn.TAKE_BACK | Turn.DURESS:
                duress = told.turn is Turn.DURESS
                body = {"reason": self._chance.choice(story.CANCEL_REASONS), "duress": duress}
                path = f"/own-alarms/{alarm_id}/cancellation"
                await self._api.tell("POST", path, phone.token, body)
            case Turn.LOCATE_LATE:
                await self._locate(phone, alarm_id, story.near(phone.home, self._chance))
            case _:
                pass

    async def _flee(self, phone: Phone, start: Position, alarm_id: str) -> None:
        at = start
        speed_mps = self._chance.uniform(*FLEEING_MPS)
        east, north = self._chance.gauss(0, 1), self._chance.gauss(0, 1)
        length = max(0.1, (east**2 + north**2) ** 0.5)
        stride_m = speed_mps * FIX_EVERY_S
        for _ in range(self._chance.randint(*FLEEING_FIXES)):
            await self._pace.wait(FIX_EVERY_S)
            at = shifted(
                at,
                stride_m * east / length + self._chance.gauss(0, 3),
                stride_m * north / length + self._chance.gauss(0, 3),
            )
            await self._locate(phone, alarm_id, at)

    async def _locate(self, phone: Phone, alarm_id: str, at: Position) -> None:
        fix = {
            "lat": round(at.lat, 6),
            "lon": round(at.lon, 6),
            "accuracy_m": round(self._chance.uniform(4, 15), 1),
            "fixed_at": utc_now(),
        }
        with contextlib.suppress(Unreachable):
            path = f"/own-alarms/{alarm_id}/fixes"
            await self._api.tell("POST", path, phone.token, {"fixes": [fix]})

    async def _follow(self, phone: Phone, alarm_id: str) -> None:
        """Look at one's own alarm until the desk has closed it."""
        path = f"/own-alarms/{alarm_id}"
        for _ in range(round(FOLLOWED_FOR_S / FOLLOW_EVERY_S)):
            await self._pace.wait(FOLLOW_EVERY_S)
            with contextlib.suppress(Unreachable):
                own = await self._api.ask(OwnAlarm, "GET", path, phone.token)
                if own.closed_at is not None:
                    return


def press_body(told: Story) -> dict[str, object]:
    """A press as the phone sends it."""
    at = told.at
    place = (
        {"lat": at.lat, "lon": at.lon, "accuracy_m": at.accuracy_m, "age_s": 2.0} if at else None
    )
    return {
        "position": place,
        "kind": told.kind,
        "note": told.note,
        "silent": told.silent,
        "battery_percent": told.battery_percent,
        "pressed_at": utc_now(),
    }
