"""Officers: on a socket or only woken by push; prompt, slow, unwilling, or not looking at all."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import httpx2

from cas_server.kit.clock import utc_now
from cas_server.kit.geo import Position
from tests.crash.clients import AGAIN_S, Live, Net
from tests.crash.diary import Diary
from tests.crash.pace import pause
from tests.factories import Person
from tests.live.picture import Message

FIX_EVERY_S = 1.0
WAIT_FOR_PUSH_S = 1.0

CLOCKS_OFF = {3: timedelta(days=1), 5: timedelta(days=-1)}
"""Whose phone, by number, thinks that it is tomorrow or yesterday."""

Temper = Literal["accepts", "declines", "ignores"]


@dataclass(frozen=True)
class Habit:
    """`after_s` is how long they think; `by_socket`: receipts go up the socket, else by HTTP."""

    temper: Temper
    after_s: float
    by_socket: bool


class Officer(Live):
    """Answers each offer once; says where they are once a second, as long as the app runs."""

    def __init__(
        self, net: Net, who: Person, diary: Diary, habit: Habit, at: Position, turn: int = 0
    ) -> None:
        super().__init__(net, who, diary, turn)
        self.habit = habit
        self._at = at
        self._clock_off = CLOCKS_OFF.get(turn, timedelta())
        self._known: set[str] = set()
        self._answers: set[asyncio.Task[None]] = set()

    async def say_where(self) -> None:
        """Else nobody would be near after the database's crash, which empties that table."""
        while True:
            await pause(FIX_EVERY_S)
            fix = {"lat": self._at.lat, "lon": self._at.lon, "accuracy_m": 8,
                   "fixed_at": (utc_now() + self._clock_off).isoformat()}  # fmt: skip
            await self.ask("POST", "/fixes", json={"fixes": [fix]})

    async def hear(self, message: Message) -> None:
        for offer in list(self.picture.offers.values()):
            self.take(offer, "socket")
        await super().hear(message)

    def take(self, offer: Message, way: str) -> None:
        """See an offer for the first time, and begin to answer it."""
        if offer["offer_id"] in self._known:
            return
        self._known.add(offer["offer_id"])
        self.diary.write("offer.seen", offer_id=offer["offer_id"], alarm_id=offer["alarm_id"],
                         ring=offer["ring"], way=way)  # fmt: skip
        if offer["state"] == "open":
            task = asyncio.create_task(self._answer(offer["offer_id"], offer["alarm_id"]))
            self._answers.add(task)
            task.add_done_callback(self._answers.discard)

    def rest(self) -> None:
        """No more answers."""
        for task in self._answers:
            task.cancel()

    async def _answer(self, offer_id: str, alarm_id: str) -> None:
        if self.habit.temper == "ignores":
            return
        await self._receive(offer_id)
        await pause(self.habit.after_s)
        if self.habit.temper == "declines":
            await self.ask("POST", f"/offers/{offer_id}/refusal", json={"reason": "jauh"})
            return
        self.diary.write("accept.asked", offer_id=offer_id, alarm_id=alarm_id)
        answer = await self.ask("POST", f"/offers/{offer_id}/acceptance")
        if answer.is_success:
            self.diary.write("accept.promised", offer_id=offer_id, alarm_id=alarm_id,
                             part=answer.json()["my_part"])  # fmt: skip
        else:
            self.diary.write("accept.refused", offer_id=offer_id, answer=answer.text)

    async def _receive(self, offer_id: str) -> None:
        # Written first: what the server says was received must have been said before.
        self.diary.write("receipt.asked", offer_id=offer_id)
        if self.habit.by_socket and self.socket is not None:
            try:
                await self.send(type="receipt", offer_id=offer_id)
            except OSError:
                return
            return
        answer = await self.ask("POST", f"/offers/{offer_id}/receipt")
        if answer.is_success:
            self.diary.write("receipt.promised", offer_id=offer_id)

    async def woken(self, fcm_url: str, address: str) -> None:
        """Live without a socket: fetch offers whenever the push service has something."""
        after = 0
        while True:
            url = f"{fcm_url}/inbox/{address}?after={after}&wait_s={WAIT_FOR_PUSH_S}"
            try:
                found = (await self.net.http.get(url)).json()["messages"]
            except httpx2.TransportError:
                await pause(AGAIN_S)
                continue
            if found:
                after = max(one["number"] for one in found)
                for offer in (await self.ask("GET", "/offers")).json():
                    self.take(offer, "push")
