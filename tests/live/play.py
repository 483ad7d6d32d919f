"""Random things that happen in one regency, over the public interfaces."""

import random

from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from tests.factories import Person, Regency, make_masyarakat, make_personil, make_staff
from tests.live.watcher import Phone

CALM = {"accept_s": 300, "receipt_s": 300, "climb_first_s": 300, "climb_second_s": 600}
"""Nothing happens by itself while such a Satuan is watched."""


class Play:
    """Six officers, six citizens and a desk, who do things at random."""

    def __init__(self, phone: Phone, place: Regency, seed: int) -> None:
        self.phone = phone
        self.place = place
        self._chance = random.Random(seed)  # noqa: S311 - a test wants to repeat it
        self.officers: list[Person] = []
        self.citizens: list[Person] = []
        self._alarms: list[str] = []

    async def gather(self, database: Database) -> None:
        async with database.transaction() as session:
            for _ in range(6):
                at = self.place.at(self._chance.uniform(-4_000, 4_000))
                self.officers.append(await make_personil(session, self.place.kota, at))
            self.citizens = [await make_masyarakat(session) for _ in range(6)]
            self.operator = await make_staff(session, self.place.polres)
            self.desk = await make_staff(session, self.place.polres)
        await self._press()

    async def act(self) -> None:
        """What the rules forbid is refused, and that is fine here."""
        await self._chance.choice(
            [self._press, self._accept, self._accept, self._step, self._duty, self._fix, self._desk]
        )()

    async def _press(self) -> None:
        who = self._chance.choice(self.citizens)
        answer = await self.phone.press(who, self.place.at(self._chance.uniform(-3_000, 3_000)))
        assert answer.status_code in (200, 201)
        self._alarms.append(answer.json()["alarm_id"])

    async def _accept(self) -> None:
        who = self._chance.choice(self.officers)
        for offer in await self.phone.get(who, "/offers"):
            what = self._chance.choice(["acceptance", "acceptance", "refusal", "receipt"])
            await self.phone.post(who, f"/offers/{offer['offer_id']}/{what}")

    async def _step(self) -> None:
        who = self._chance.choice(self.officers)
        for offer in await self.phone.get(who, "/offers"):
            step = self._chance.choice(["en_route", "on_scene", "released"])
            await self.phone.post(who, f"/offers/{offer['offer_id']}/steps", step=step)

    async def _duty(self) -> None:
        wanted = self._chance.choice(["available", "busy", "break"])
        await self.phone.put(self._chance.choice(self.officers), "/duty", availability=wanted)

    async def _fix(self) -> None:
        at = self.place.at(self._chance.uniform(-4_000, 4_000))
        fix = {"lat": at.lat, "lon": at.lon, "accuracy_m": 5, "fixed_at": utc_now().isoformat()}
        await self.phone.post(self._chance.choice(self.officers), "/fixes", fixes=[fix])

    async def _desk(self) -> None:
        alarm_id = self._chance.choice(self._alarms)
        verb, body = self._chance.choice(
            [("acknowledgement", {}), ("closing", {"disposition": "test", "note": "uji"})]
        )
        await self.phone.post(self.operator, f"/alarms/{alarm_id}/{verb}", **body)
