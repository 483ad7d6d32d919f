"""The simulated regency against a real server: somebody presses, and somebody comes."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect

from cas_server.db.session import Database
from cas_server.demo import driving
from cas_server.demo.desk import Key
from cas_server.demo.pace import Pace
from cas_server.demo.regency import Wishes, live
from cas_server.demo.shapes import Phone
from cas_server.kit.clock import utc_now
from cas_server.kit.geo import Position, distance_m
from tests.factories import Person, Regency, make_instansi, make_personil, make_staff
from tests.live.conftest import MakeRegency
from tests.live.house import House

QUICK = Pace(fix_s=(0.1, 0.2), delays=0.02)
IMPATIENT = {"accept_s": 1, "receipt_s": 0.5}
WITHIN_S = 90.0
PASSWORD = "percobaan-saja"  # noqa: S105 - of this test's regency only


class Scene:
    """A simulated regency of three Personil and a bank, and a desk that watches it."""

    def __init__(self, house: House, people: list[Phone], wishes: Wishes, token: str) -> None:
        self.house = house
        self.people = people
        self.wishes = wishes
        self.token = token

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """The simulation runs for as long as the block lasts."""
        async with asyncio.TaskGroup() as tasks:
            regency = tasks.create_task(live(self.wishes, self.people))
            yield
            regency.cancel()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[ClientConnection]:
        async with connect(self.house.live_url, proxy=None) as socket:
            await socket.send(msgspec.json.encode({"type": "hello", "token": self.token}).decode())
            await socket.send(msgspec.json.encode({"type": "watch"}).decode())
            yield socket


def _phone(person: Person, home: Position) -> Phone:
    return Phone(
        account_id=str(person.account_id),
        holder_id=str(person.holder_id),
        role=person.subject.role.value,
        token=person.token,
        press_token=person.token,
        home=home,
    )


@pytest_asyncio.fixture
async def scene(house: House, live_database: Database, make_live_regency: MakeRegency) -> Scene:
    regency: Regency = await make_live_regency(IMPATIENT)
    name = f"operator-{regency.polres.code}"
    async with live_database.transaction() as session:
        officers = [
            await make_personil(session, regency.kota, regency.at(40 * turn)) for turn in range(3)
        ]
        bank, _ = await make_instansi(session, regency.at(20))
        desk = await make_staff(
            session, regency.polres, username=name, password=PASSWORD, demo=True
        )
        await session.sql.execute("UPDATE account SET demo = true WHERE id = $1", bank.account_id)
        await session.sql.execute(
            "UPDATE personil SET demo = true WHERE id = ANY ($1)",
            [each.holder_id for each in officers],
        )
    people = [_phone(each, regency.centre) for each in [*officers, bank]]
    wishes = Wishes(house.url, 600, desk=True, key=Key(name, PASSWORD), on_duty=1.0, pace=QUICK)
    return Scene(house, people, wishes, desk.token)


async def test_somebody_presses_and_somebody_comes_and_the_desk_closes_it(scene: Scene) -> None:
    alarms: list[dict[str, Any]] = []

    async with asyncio.timeout(WITHIN_S), scene.watching() as desk, scene.living():
        async for frame in desk:
            message = msgspec.json.decode(frame)
            if message["type"] == "alarm.changed":
                alarms.append(message["alarm"])
            # One that was taken back is closed without having been acknowledged: not that one.
            if any(a["closed"] and a["acknowledged"] and _reached(a) for a in alarms):
                break

    assert all(alarm["demo"] for alarm in alarms)
    assert {alarm["reporter"]["role"] for alarm in alarms} == {"instansi"}
    assert {alarm["verification"] for alarm in alarms} == {"verified"}


async def test_simulated_personil_are_marked_and_come_back_after_the_server_was_killed(
    scene: Scene,
) -> None:
    scene.wishes = replace(scene.wishes, per_hour=0)

    async with asyncio.timeout(WITHIN_S), scene.living():
        before = await _moved(scene)
        scene.house.kill("serve")
        await asyncio.to_thread(scene.house.start_server)
        after = await _moved(scene)

    assert before.keys() == after.keys()
    assert all(each["demo"] for each in after.values())
    assert all(after[key]["fixed_at"] > before[key]["fixed_at"] for key in before)


async def test_a_patrol_goes_on_from_where_the_server_last_saw_it(scene: Scene) -> None:
    scene.wishes = replace(scene.wishes, per_hour=0)
    elsewhere = driving.shifted(scene.people[0].home, 20_000, 0)
    officers = scene.people[:3]
    scene.people = [msgspec.structs.replace(phone, home=elsewhere) for phone in officers]

    async with asyncio.timeout(WITHIN_S), scene.living():
        moved = await _moved(scene)

    places = [each["position"] for each in moved.values()]
    seen = [Position(place["lat"], place["lon"]) for place in places]
    assert all(distance_m(officers[0].home, at) < 1_000 for at in seen)


async def test_a_phone_that_the_server_does_not_know_leaves_the_others_alone(
    scene: Scene,
) -> None:
    scene.wishes = replace(scene.wishes, per_hour=0)
    stranger = {"token": "cas_nobody-knows-this"}
    scene.people[0] = msgspec.structs.replace(scene.people[0], **stranger)

    async with asyncio.timeout(WITHIN_S), scene.living():
        moving = await _moved(scene, 2)

    assert moving.keys() == {phone.holder_id for phone in scene.people[1:3]}


async def test_the_simulation_ends_when_it_is_told_to(scene: Scene, tmp_path: Path) -> None:
    phones = tmp_path / "phones.json"
    phones.write_bytes(msgspec.json.encode([_as_told(phone) for phone in scene.people]))
    key = scene.wishes.key
    sign_in = ("--desk-name", key.overseer, "--desk-password", key.password)
    arguments = ("--server", scene.house.url, "--phones", str(phones), *sign_in)

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cas_server.demo", *arguments, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(WITHIN_S):
        assert process.stderr is not None
        first_line = await process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        rest = await process.stderr.read()
        code = await process.wait()

    assert msgspec.json.decode(first_line)["event"] == "simulation.started"
    assert (code, rest) == (0, b"")


def _as_told(phone: Phone) -> dict[str, Any]:
    """As `cas up` writes it, with fields that the simulation does not read."""
    home = {"lat": phone.home.lat, "lon": phone.home.lon, "accuracy_m": 0.0}
    told: dict[str, Any] = msgspec.to_builtins(phone)
    return told | {"home": home, "name": "Contoh", "sign_in_name": "90000001"}


def _reached(alarm: dict[str, Any]) -> bool:
    return any(responder["on_scene_at"] for responder in alarm["responders"])


async def _moved(scene: Scene, count: int = 3) -> dict[str, dict[str, Any]]:
    """The first new fix of so many Personil since we began to look, by Personil."""
    moved: dict[str, dict[str, Any]] = {}
    since = utc_now()
    async with scene.watching() as desk:
        async for frame in desk:
            message = msgspec.json.decode(frame)
            if message["type"] == "personil.moved":
                for each in message["personil"]:
                    if datetime.fromisoformat(each["fixed_at"]) > since:
                        moved.setdefault(each["personil_id"], each)
            if len(moved) >= count:
                break
    return moved
