"""Lives one schedule through: the story, its faults, the end of all faults, and then the books."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg

from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from cas_server.kit.signing import public_text
from tests.crash import trouble
from tests.crash.checker import Finding, check, load
from tests.crash.clients import Citizen, Console, Net
from tests.crash.diary import Diary
from tests.crash.flow import Flow, asked
from tests.crash.machines import Machines
from tests.crash.officers import Habit, Officer
from tests.crash.pace import pause, until
from tests.crash.people import Town, make_town
from tests.crash.schedule import LONGEST_FAULT_S, PRESSES_WITHIN_S, Press, Schedule
from tests.http.photos import photo
from tests.http.recordings import recording
from tests.live.picture import Message
from tests.signing import SigningPhone

STORY_S = PRESSES_WITHIN_S + LONGEST_FAULT_S
SETTLED_WITHIN_S = 75.0
SAME_WITHIN_S = 10.0
TAKES_A_PICTURE_S = 0.3
WANT_CODES = ("unverified", "tomorrow")
"""Whose phone asks for a code to sign in with, once it has pressed."""
BANK_AT_S = 1.0
PHONE_ONLY = 2
"""Every so-many-th officer has no socket and lives on pushes."""

UNSETTLED = """
SELECT (SELECT count(*) FROM outbox)
     + (SELECT count(*) FROM offer o JOIN alarm a ON a.id = o.alarm_id
        WHERE o.state = 'open' AND starts_with(a.satuan_path, $1) AND NOT $2)
     + (SELECT count(*) FROM alarm a WHERE starts_with(a.satuan_path, $1) AND a.status = 'raised'
          AND a.closed_at IS NULL AND a.unanswered_at IS NULL AND NOT a.call_held AND NOT $2)
     + (SELECT count(*) FROM alarm a WHERE starts_with(a.satuan_path, $1)
          AND a.site_id IS NOT NULL AND NOT EXISTS (
              SELECT FROM site_told t WHERE t.alarm_id = a.id))
"""


@dataclass
class Outcome:
    """What one schedule came to."""

    schedule: Schedule
    folder: Path
    findings: list[Finding]
    took_s: float
    carried_out: list[str]
    flow_s: float
    promises: int
    starved: float
    """The share of that flow in which somebody waited for a processor."""


class Cast:
    """Everybody of a town with a client each."""

    def __init__(self, machines: Machines, town: Town, schedule: Schedule, folder: Path) -> None:
        self.machines = machines
        self.town = town
        self.net = Net([wire.port for wire in machines.wires])
        self.diaries = folder
        self.consoles = [
            Console(self.net, who, Diary(folder, f"console-{turn}"), turn)
            for turn, who in enumerate(town.desks)
        ]
        self.officers = [
            self._officer(number, habit) for number, habit in enumerate(schedule.habits)
        ]
        guards = Habit("accepts", 0.0, by_socket=False)
        self.guard = Officer(
            self.net, town.guard, Diary(folder, "guard"), guards, town.place.at(-22_300)
        )
        self._keys: dict[int, SigningPhone] = {}
        self._lives: list[asyncio.Task[None]] = []

    def _officer(self, number: int, habit: Habit) -> Officer:
        diary = Diary(self.diaries, f"officer-{number}")
        at = self.town.place.at(300 + 200 * number, 100 * number)
        return Officer(self.net, self.town.officers[number], diary, habit, at, number)

    async def enter(self) -> None:
        """Consoles and officers are there before anybody presses."""
        fcm = self.machines.fcm_url
        for number, officer in enumerate([*self.officers, self.guard]):
            assert officer.who is not None
            address = self.town.addresses[officer.who.account_id]
            wakes = number % PHONE_ONLY == 0 and officer is not self.guard
            self._begin(officer.woken(fcm, address) if wakes else officer.live())
            self._begin(officer.say_where())
        for console in self.consoles:
            self._begin(console.live())
        await self._register_keys()
        await self.list_contact()
        for console in self.consoles:
            await console.subscribe(self.machines.outside)
            await until(lambda console=console: console.socket, 20)  # type: ignore[misc]

    def _begin(self, life: Coroutine[Any, Any, None]) -> None:
        self._lives.append(asyncio.create_task(life))

    async def _register_keys(self) -> None:
        for number, who in enumerate(self.town.citizens):
            phone = SigningPhone(who, new_id())
            body = {"public_key": public_text(phone.key), "device": "HP"}
            citizen = Citizen(self.net, who, Diary(self.diaries, f"citizen-{number}"), number)
            answer = await citizen.ask("POST", "/press-keys", json=body)
            assert answer.is_success, answer.text
            phone.key_id = answer.json()["key_id"]
            self._keys[number] = phone

    async def press(self, press: Press) -> None:
        """One person, one press, until it is answered."""
        await pause(press.at_s)
        who = self.town.citizens[press.citizen]
        diary = Diary(self.diaries, f"citizen-{press.citizen}")
        known = None if press.proof == "unverified" else who
        citizen = Citizen(self.net, known, diary, press.citizen)
        press_id, at = new_id(), self.town.place.at(press.north_m, press.east_m)
        wish: dict[str, Any] = {"position": {"lat": at.lat, "lon": at.lon, "accuracy_m": 8}}
        off = {"yesterday": -1, "tomorrow": 1}.get(press.proof, 0)
        wish["pressed_at"] = (utc_now() + timedelta(days=off)).isoformat()
        receipt: Message
        if press.proof in ("signed", "tomorrow"):
            body = json.dumps(wish).encode()
            phone = self._keys[press.citizen]
            signed = phone.headers(
                f"/v1/alarms/{press_id}", body, at=utc_now() + timedelta(days=off)
            )
            receipt = await citizen.press(press_id, content=body, headers=signed)
        else:
            receipt = await citizen.press(press_id, json=wish)
        if press.shows and receipt:
            await pause(TAKES_A_PICTURE_S)
            await citizen.show(receipt["alarm_id"], new_id(), photo())
            await citizen.let_hear(receipt["alarm_id"], new_id(), recording())
        elif press.proof in WANT_CODES:
            await citizen.want_code(f"+6281{random.randrange(10**9, 10**10)}")  # noqa: S311 - free

    async def list_contact(self) -> None:
        """The bank's manager says who is to be told."""
        bank = self.town.bank
        manager = Citizen(self.net, bank.manager, Diary(self.diaries, "bank"))
        contact = {"name": "Satpam", "phone": bank.contact, "duty": "jaga malam"}
        body = {"floor": "", "responder_notes": "", "contacts": [contact]}
        answer = await manager.ask("PUT", f"/own-sites/{bank.site_id}", json=body)
        assert answer.is_success, answer.text

    async def press_at_bank(self) -> None:
        """One press of the manager, from the site."""
        await pause(BANK_AT_S)
        bank = self.town.bank
        manager = Citizen(self.net, bank.manager, Diary(self.diaries, "bank"))
        await manager.press(new_id(), json={"site_id": str(bank.site_id)})

    def keep(self, presses: Iterable[asyncio.Task[None]]) -> None:
        """Whoever has not been answered yet tries on until the curtain."""
        self._lives += presses

    async def flow(self, driver: Diary) -> float:
        """A press once all is well."""
        citizen = Citizen(self.net, self.town.last_citizen, Diary(self.diaries, "last-citizen"))
        return await Flow(self.machines, self.town, driver).measure(
            citizen, self.consoles, self.guard
        )

    async def leave(self) -> None:
        for one in [*self.officers, self.guard, *self.consoles]:
            one.rest()
        for life in self._lives:
            life.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)
        await self.net.http.aclose()


@asynccontextmanager
async def _cast(machines: Machines, schedule: Schedule, folder: Path) -> AsyncIterator[Cast]:
    town = await make_town(machines.dsn, calm=schedule.calm)
    cast = Cast(machines, town, schedule, folder)
    told = {
        "prefix": town.prefix,
        "desks": [town.addresses[one.account_id] for one in town.desks],
        "officers": {str(one.holder_id): town.addresses[one.account_id] for one in town.officers},
        "contact": town.bank.contact,
        "names": {str(one.holder_id): f"officer-{n}" for n, one in enumerate(town.officers)}
        | {str(town.guard.holder_id): "guard"},
    }
    (folder / "town.json").write_text(json.dumps(told))
    try:
        await cast.enter()
        yield cast
    finally:
        await cast.leave()


async def live_through(machines: Machines, schedule: Schedule) -> Outcome:
    """The whole of one schedule; what was found is in the outcome."""
    began = time.monotonic()
    folder = machines.folder / f"seed-{schedule.seed}-{new_id().hex[-6:]}"
    folder.mkdir()
    driver = Diary(folder, "driver")
    async with _cast(machines, schedule, folder) as cast:
        await _story(machines, schedule, cast, driver)
        carried_out = machines.carried_out()
        await machines.mend()
        driver.write("mended", fcm=any(one.what == "fcm" for one in schedule.troubles))
        flow_s = await cast.flow(driver)
        await _settle(machines, cast.town, driver, calm=schedule.calm)
        await _compare(cast, folder)
    await _copy_asked(machines, folder)
    machines.outside.write_down(folder)
    evidence = await load(machines.dsn, folder)
    return Outcome(
        schedule, folder, check(evidence), time.monotonic() - began, carried_out, flow_s,
        evidence.promises, max(line["starved"] for line in evidence.said("flow")),
    )  # fmt: skip


async def _story(machines: Machines, schedule: Schedule, cast: Cast, driver: Diary) -> None:
    for order in schedule.orders:
        machines.order(order.point, order.count, order.does)
    presses = [asyncio.create_task(cast.press(press)) for press in schedule.presses]
    if schedule.site:
        presses.append(asyncio.create_task(cast.press_at_bank()))
    troubles = [
        asyncio.create_task(trouble.make(one, machines, cast.town, driver))
        for one in schedule.troubles
    ]
    try:
        await asyncio.gather(*troubles)
        # Where an order waits for a deadline, the story goes on until it was carried out.
        wanted = {order.point for order in schedule.orders}
        await until(lambda: wanted <= set(machines.carried_out()), STORY_S)
        _, unanswered = await asyncio.wait(presses, timeout=STORY_S)
        driver.write("story.over", unanswered=len(unanswered))
        cast.keep(unanswered)
    except BaseException:
        cast.keep(presses)
        raise


async def _copy_asked(machines: Machines, folder: Path) -> None:
    (folder / "asked.json").write_text(json.dumps(await asked(machines)))


async def _settle(machines: Machines, town: Town, driver: Diary, *, calm: bool) -> None:
    """Until nobody is being asked any more and the outbox is empty."""
    sql = await asyncpg.connect(machines.dsn)
    ends = time.monotonic() + SETTLED_WITHIN_S
    try:
        while await sql.fetchval(UNSETTLED, town.prefix, calm) and time.monotonic() < ends:
            await pause(0.2)
    finally:
        await sql.close()
    driver.write("settled")


async def _compare(cast: Cast, folder: Path) -> None:
    """Whoever stayed or came back, beside somebody who has just opened the screen."""
    for one in [*cast.officers, cast.guard, *cast.consoles]:
        one.rest()
    fresh = Console(cast.net, cast.town.desks[0], Diary(folder, "fresh"), 0)
    fresh.rest()
    life = asyncio.create_task(fresh.live())
    both = [*cast.consoles, fresh]
    try:
        async with asyncio.timeout(SAME_WITHIN_S):
            await until(lambda: fresh.socket, SAME_WITHIN_S)
            while not all(one.picture.alarms == fresh.picture.alarms for one in cast.consoles):
                await asyncio.gather(*(one.up_to_date() for one in both))
    except TimeoutError:
        pass
    for one in both:
        one.diary.write("picture", alarms=one.picture.alarms)
    life.cancel()
    await asyncio.gather(life, return_exceptions=True)
