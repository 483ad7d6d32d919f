"""What one simulated Personil does about calls: hears, answers, goes, arrives, leaves."""

import asyncio
from dataclasses import dataclass
from random import Random

from cas_server.demo import temper
from cas_server.demo.api import Api, Refused, Unreachable
from cas_server.demo.line import Line
from cas_server.demo.pace import Pace
from cas_server.demo.shapes import Frame, Offer, Phone
from cas_server.demo.temper import Reply
from cas_server.kit.geo import Position

SET_OFF_AFTER_S = (2.0, 7.0)
BACKUP_STAYS_S = (120.0, 300.0)
BACKUP_LEAVES = "Situasi terkendali, kembali patroli"
BUSY = "Masih menangani kejadian lain"


@dataclass(frozen=True, slots=True)
class Voice:
    """A phone and the two ways it speaks."""

    phone: Phone
    api: Api
    line: Line


class Calls:
    """Open offers, and the alarms this Personil is on; the newest of them is where to go."""

    def __init__(self, voice: Voice, pace: Pace, chance: Random) -> None:
        self._voice = voice
        self._pace = pace
        self._chance = chance
        self._open: set[str] = set()
        self._mine: dict[str, Offer] = {}
        self._since_s: dict[tuple[str, str], float] = {}
        self.out_of_reach = False

    @property
    def current(self) -> Offer | None:
        """The alarm this Personil is on; None when on patrol."""
        return next(reversed(self._mine.values()), None)

    @property
    def goal(self) -> Position | None:
        """Where to drive; None when there is nowhere to go, or not yet."""
        offer = self.current
        return None if offer is None or offer.my_state == "accepted" else offer.where.place

    def hear(self, frame: Frame, tasks: asyncio.TaskGroup) -> None:
        """Take in what a frame says of offers."""
        if frame.offers is not None:
            # A snapshot is everything there is: what it leaves out is over.
            present = {offer.alarm_id for offer in frame.offers}
            for alarm_id in self._mine.keys() - present:
                self._leave(alarm_id)
            self._open &= {offer.offer_id for offer in frame.offers}
        for offer in [*(frame.offers or ()), *([frame.offer] if frame.offer else ())]:
            if self._see(offer):
                tasks.create_task(self._consider(offer.offer_id))

    def _see(self, offer: Offer) -> bool:
        """Remember an offer as it is now; True when it is open and was not known."""
        known = self._mine.get(offer.alarm_id)
        if offer.is_mine and (known is None or known.version <= offer.version):
            self._mine[offer.alarm_id] = offer
            self._since_s.setdefault((offer.alarm_id, str(offer.my_state)), self._now_s())
        elif known is not None and known.version < offer.version:
            self._leave(offer.alarm_id)
        if not offer.is_open:
            self._open.discard(offer.offer_id)
            return False
        is_new = offer.offer_id not in self._open
        self._open.add(offer.offer_id)
        return is_new

    def _leave(self, alarm_id: str) -> None:
        self._mine.pop(alarm_id, None)
        self._since_s = {key: at for key, at in self._since_s.items() if key[0] != alarm_id}

    async def _consider(self, offer_id: str) -> None:
        reply = temper.reply(self._chance)
        if not reply.is_seen or self.out_of_reach:
            return
        await self._pace.wait(reply.seen_after_s)
        await self._voice.line.send({"type": "receipt", "offer_id": offer_id})
        if reply.answer is temper.Answer.IGNORE:
            return
        await self._pace.wait(max(0.0, reply.answered_after_s - reply.seen_after_s))
        # Others may have been quicker; then it has left the screen.
        if offer_id in self._open:
            await self._answer(offer_id, reply)

    async def _answer(self, offer_id: str, reply: Reply) -> None:
        if reply.accepts and self.current is None:
            await self._post(offer_id, "acceptance", None)
        else:
            reason = reply.reason if self.current is None else BUSY
            await self._post(offer_id, "refusal", {"reason": reason})

    async def progress(self, *, arrived: bool) -> None:
        """Report the next step of the response, if it is time; asked after every fix."""
        offer = self.current
        step = None if offer is None else self._next_step(offer, arrived=arrived)
        if offer is None or step is None:
            return
        reason = BACKUP_LEAVES if step == "released" else None
        if not await self._post(offer.offer_id, "steps", {"step": step, "reason": reason}):
            # What the desk did meanwhile comes by socket; until then it is not ours any more.
            self._leave(offer.alarm_id)

    def _next_step(self, offer: Offer, *, arrived: bool) -> str | None:
        if offer.my_state == "accepted":
            return "en_route" if self._waited(offer, SET_OFF_AFTER_S) else None
        if offer.my_state == "en_route":
            return "on_scene" if arrived else None
        # Who was first stays until the desk closes the alarm.
        leaves = offer.my_part == "backup" and self._waited(offer, BACKUP_STAYS_S)
        return "released" if leaves else None

    def _waited(self, offer: Offer, between_s: tuple[float, float]) -> bool:
        shortest_s, longest_s = between_s
        # The same for every look at this alarm, another for every other Personil.
        share = Random(f"{offer.alarm_id}{self._voice.phone.holder_id}").random()  # noqa: S311
        needed_s = (shortest_s + share * (longest_s - shortest_s)) * self._pace.delays
        return self._now_s() - self._since_s[offer.alarm_id, str(offer.my_state)] >= needed_s

    async def _post(self, offer_id: str, what: str, body: dict[str, str | None] | None) -> bool:
        """Tell the server; False when it refuses. While it is away, nothing changes."""
        path = f"/offers/{offer_id}/{what}"
        try:
            offer = await self._voice.api.ask(Offer, "POST", path, self._voice.phone.token, body)
        except Refused:
            self._open.discard(offer_id)
            return False
        except Unreachable:
            return True
        self._see(offer)
        return True

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()
