"""A thousand marked people go every way through the house; nobody below clearance learns who."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from cas_server.db.bell import Bell
from cas_server.db.pool import create_pool
from cas_server.db.session import Database
from cas_server.embedded import Cluster
from cas_server.identity.phones import normal_phone
from cas_server.identity.verification import Newcomer
from cas_server.kit.ids import new_id
from cas_server.registry import service as registry
from cas_server.registry.importing import ImportKind, import_file
from cas_server.settings import Settings
from cas_server.vault.service import attach
from tests.conftest import TEMPLATE
from tests.factories import (
    Person,
    Regency,
    make_masyarakat,
    make_personil,
    make_regency,
    make_staff,
)
from tests.live.canary import (
    Caller,
    Collected,
    Gateway,
    dump,
    files_of,
    found_in,
    gateway,
    name_of,
    phone_of,
)
from tests.live.house import House, house_on

BY_CODE = range(40)
BY_REGISTRY = range(40, 500)
PRESSING = range(40, 140)
UNPROVEN = range(440, 470)
CALLING = range(500, 700)
CONTACTS = range(700, 1_000)
WHY = "menelepon balik: posisi kurang jelas"


@dataclass
class Scene:
    """A house of its own, with the people who work there."""

    house: House
    database: Database
    dsn: str
    regency: Regency
    desk: Person
    officer: Person
    texts: Gateway
    seen: Collected
    folder: Path


@pytest.fixture
def canary_dsn(cluster: Cluster) -> str:
    cluster.create_database("canary", template=TEMPLATE)
    return cluster.url("canary")


@pytest.fixture
def texts() -> Iterator[Gateway]:
    with gateway() as texts:
        yield texts


@pytest_asyncio.fixture
async def scene(canary_dsn: str, texts: Gateway, tmp_path: Path) -> AsyncIterator[Scene]:
    folder = tmp_path / "house"
    folder.mkdir()
    database = attach(Database(create_pool(canary_dsn, 4), Bell(canary_dsn)), Settings())
    async with database.transaction() as session:
        regency = await make_regency(session)
        desk = await make_staff(session, regency.polres)
        officer = await make_personil(session, regency.kota, regency.at(300))
    wishes = {"CAS_LOG_LEVEL": "debug", "CAS_SMS_GATEWAY_URL": texts.url,
              "CAS_SMS_UNANSWERED_PER_NETWORK": "500"}  # fmt: skip
    with house_on(canary_dsn, folder, wishes) as house:
        seen = Collected(house)
        yield Scene(house, database, canary_dsn, regency, desk, officer, texts, seen, tmp_path)
    await database.close()


def at(scene: Scene, number: int) -> dict[str, Any]:
    place = scene.regency.at(number * 3.0 - 1_500, number % 40 * 50.0)
    return {"lat": place.lat, "lon": place.lon, "accuracy_m": 9}


async def register(scene: Scene, caller: Caller, number: int) -> tuple[str, str]:
    """Through the front door; the tokens for everything, and for the press."""
    phone, device = phone_of(number), f"hp-{number}"
    asked = await caller.ask("POST", "/codes", phone=phone, device=device)
    assert asked.status_code == 202, asked.text
    code = await scene.texts.code_for(normal_phone(phone))
    path = f"/codes/{asked.json()['code_id']}/verification"
    wrong = "000000" if code != "000000" else "000001"
    await caller.ask("POST", path, code=wrong, device=device, name=name_of(number))
    signed_in = await caller.ask(
        "POST", path, cleared=True, code=code, device=device, name=name_of(number)
    )
    assert signed_in.status_code == 201, signed_in.text
    assert signed_in.json()["account"]["name"] == name_of(number)
    return signed_in.json()["token"], signed_in.json()["press_token"]


async def by_code(scene: Scene, caller: Caller, number: int) -> str:
    """Registers, presses twice, is located, and now and then takes it back."""
    token, press_token = await register(scene, caller, number)
    path = f"/own-alarms/{(alarm_id := str(new_id()))}"
    press: dict[str, Any] = {
        "position": at(scene, number),
        "kind": name_of(number),
        "battery_percent": 40,
    }
    pressed = await caller.ask("PUT", f"/alarms/{alarm_id}", press_token, **press)
    assert pressed.status_code == 201, pressed.text
    await caller.ask("PUT", f"/alarms/{new_id()}", press_token, **press)
    await caller.ask("GET", path, token)
    await caller.ask("GET", "/own-alarms", token)
    if number % 3 == 0:
        why: dict[str, Any] = {"reason": "salah tekan", "duress": number % 2 == 0}
        await caller.ask("POST", f"{path}/cancellation", token, **why)
    return alarm_id


async def enter_registry(scene: Scene) -> list[Person]:
    """As an earlier version or another system would bring them, account and all."""
    people = []
    async with scene.database.transaction() as session:
        for number in BY_REGISTRY:
            name, phone = name_of(number), normal_phone(phone_of(number))
            await registry.register_masyarakat(session, Newcomer(new_id(), name, phone))
            if number in PRESSING:
                other = normal_phone(f"0878 5000 0{number:03}")
                people.append(await make_masyarakat(session, name=name, phone=other))
    return people


async def import_contacts(scene: Scene) -> None:
    """Three to a site; their names are on the door, their numbers are not."""
    lines = ["kode,nama,jenis,alamat,lat,lon," + ",".join(
        f"kontak{n}_nama,kontak{n}_telepon" for n in (1, 2, 3))]  # fmt: skip
    for first in CONTACTS[::3]:
        place = at(scene, first)
        contacts = ",".join(f"Satpam,{phone_of(first + n)}" for n in range(3))
        lines.append(
            f"bank-{first},Bank {first},bank,Jl. Satu,{place['lat']},{place['lon']},{contacts}"
        )
    file = scene.folder / "instansi.csv"
    await asyncio.to_thread(file.write_text, "\n".join(lines))
    async with scene.database.transaction() as session:
        report = await import_file(
            session, ImportKind("instansi"), file, swap=False, check_only=False
        )
    scene.seen.add("the report of an import", str(report).encode())


async def call_the_desk(scene: Scene, caller: Caller, number: int) -> str:
    alarm_id = str(new_id())
    body: dict[str, Any] = {
        "caller_name": name_of(number),
        "caller_phone": phone_of(number),
        "position": at(scene, number),
    }
    answer = await caller.ask("PUT", f"/desk/alarms/{alarm_id}", scene.desk.token, **body)
    assert answer.status_code == 201, answer.text
    return alarm_id


async def press_unproven(scene: Scene, caller: Caller, number: int) -> str:
    """Without any sign-in, but with a number to call back; most are folded under one entry."""
    body: dict[str, Any] = {"callback_phone": phone_of(number), "position": at(scene, number)}
    answer = await caller.ask("PUT", f"/alarms/{new_id()}", **body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["alarm_id"])


async def be_refused(caller: Caller, number: int) -> None:
    """Errors repeat nothing of what they refuse."""
    name, phone = name_of(number), phone_of(number)
    code = f"/codes/{new_id()}/verification"
    await caller.ask("POST", "/codes", phone=f"{phone} {name} {phone}", device="hp")
    await caller.ask("POST", "/codes", phone=f"{name}", device="hp")
    await caller.ask("POST", "/codes", phone=phone, device={"name": name})
    await caller.ask("POST", code, code=phone, device="hp", name=name)
    await caller.ask("POST", code, code="123456", device="hp", name=name * 30)
    await caller.ask("POST", "/sessions", username=phone, password=name)
    await caller.ask("PUT", f"/alarms/{name}", "cas_guessed", position=name)
    await caller.ask("POST", f"/alarms/{new_id()}/reveals", "cas_guessed", reason=phone)


async def look_around(scene: Scene, caller: Caller, alarm_ids: list[str]) -> None:
    """Whatever the desk and an officer can ask for."""
    desk, officer = scene.desk.token, scene.officer.token
    for path in ("/alarms", "/alarms?open=false", "/sites", "/satuan", "/account"):
        await caller.ask("GET", path, desk)
    await caller.ask("GET", "/offers", officer)
    for alarm_id in alarm_ids:
        for part in ("", "/timeline", "/decisions"):
            await caller.ask("GET", f"/alarms/{alarm_id}{part}", desk)
        await caller.ask("POST", f"/alarms/{alarm_id}/acknowledgement", desk)


async def reveal(scene: Scene, caller: Caller, alarm_id: str) -> httpx2.Response:
    path = f"/alarms/{alarm_id}/reveals"
    return await caller.ask("POST", path, scene.desk.token, cleared=True, reason=WHY)


async def play(scene: Scene) -> None:
    await import_contacts(scene)
    citizens = await enter_registry(scene)
    async with (
        scene.seen.caller() as caller,
        scene.seen.watching(scene.desk) as at_desk,
        scene.seen.watching(scene.officer),
        scene.seen.watching(citizens[0]),
    ):
        await caller.ask("PUT", f"/devices/{new_id()}", scene.officer.token, platform="android",
                         address_type="fcm_token", address="phone-of-the-officer")  # fmt: skip
        pressed = [await by_code(scene, caller, number) for number in BY_CODE]
        for number, citizen in zip(PRESSING, citizens, strict=True):
            path = f"/alarms/{new_id()}"
            await caller.ask("PUT", path, citizen.token, position=at(scene, number))
        called = [await call_the_desk(scene, caller, number) for number in CALLING]
        unproven = [await press_unproven(scene, caller, number) for number in UNPROVEN]
        for number in (0, 501):
            await be_refused(caller, number)
        await look_around(scene, caller, [*pressed[:5], *called[:5], unproven[0], unproven[-1]])
        await caller.ask("GET", f"/alarms/{unproven[-1]}/folded-presses", scene.desk.token)
        told = [await reveal(scene, caller, one) for one in (*pressed[:3], *called[:3])]
        assert [answer.status_code for answer in told] == [200] * 6
        assert told[0].json()["name"] == name_of(0)
        assert told[5].json()["phone"] == phone_of(502)
        assert (await reveal(scene, caller, unproven[0])).json()["phone"] == phone_of(UNPROVEN[0])
        folded = (await reveal(scene, caller, unproven[-1])).json()["contacts"]
        assert phone_of(UNPROVEN[-1]) in {each["phone"] for each in folded}
        await look_around(scene, caller, [*pressed[:3], *called[:3]])
        await at_desk.up_to_date()


async def test_no_name_and_no_number_comes_to_light_below_clearance(scene: Scene) -> None:
    await play(scene)

    pushes = await asyncio.to_thread(scene.house.asked_of_fcm, 0, 5.0)
    scene.seen.add("the pushes", json.dumps(pushes).encode())
    scene.seen.bytes += [*files_of(scene.house), *await dump(scene.dsn)]
    kinds = {what for what, _ in scene.seen.bytes}
    assert pushes
    assert {"the socket of a operator", "the socket of a personil", "the socket of a masyarakat",
            "the file serve.log", "the file work.log", "the table account", "the table journal",
            "the table outbox", "PUT /alarms/*", "GET /sites"} <= kinds  # fmt: skip
    assert scene.seen.leaks() == {}
    # What was collected is of this story: it shows masks.
    assert any("Z••• Q•••".encode() in text for _, text in scene.seen.bytes)


@pytest.mark.parametrize(
    "leak",
    [
        b'{"name": "Zwk0001kan"}',
        b"ZWK0001KAN QOV0001IX",
        b'"phone": "+6287750000123"',
        b"087750000123",
        b"0877-5000-0123",
        b"+62 (877) 5000 0123",
        b"\\x" + b"Zwk0001kan".lower().hex().encode(),
        b"\\x" + b"87750000123".hex().encode(),
    ],
)
async def test_the_canary_sings_when_a_single_one_leaks(leak: bytes, tmp_path: Path) -> None:
    seen = Collected(House("", tmp_path))
    seen.add("harmless", b"Z\xe2\x80\xa2 Q 0877 5000 / 877 and 5000 0123" * 50)
    before = seen.leaks()

    seen.add("the leak", b"x" * 5_000 + leak + b"y" * 5_000)

    assert before == {}
    assert list(seen.leaks()) == ["the leak"]
    assert found_in(leak)
