"""What was answered is stored, whoever is killed the moment after."""

import asyncio
import select
import socket
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg
import httpx2
import pytest_asyncio

from cas_server.db.session import Database
from cas_server.kit.ids import new_id
from tests.factories import Person, Regency, make_masyarakat, make_personil, make_staff
from tests.live.conftest import MakeRegency
from tests.live.house import House
from tests.live.picture import Picture
from tests.live.watcher import PATIENCE_S, Phone, phones, watching

HOLD = """
CREATE FUNCTION hold_commit() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_advisory_xact_lock(4711); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER held AFTER INSERT ON alarm DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.note = 'tahan') EXECUTE FUNCTION hold_commit()
"""
LET_GO = "DROP TRIGGER held ON alarm; DROP FUNCTION hold_commit"
HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711 AND NOT granted"


@dataclass
class Town:
    """Two officers near the centre, a citizen and a desk."""

    place: Regency
    officers: list[Person]
    warga: Person
    operator: Person


async def people(database: Database, place: Regency) -> Town:
    async with database.transaction() as session:
        return Town(
            place,
            [await make_personil(session, place.kota, place.at(m)) for m in (100, 200)],
            await make_masyarakat(session),
            await make_staff(session, place.polres),
        )


@pytest_asyncio.fixture
async def town(live_database: Database, regency: Regency) -> Town:
    return await people(live_database, regency)


@pytest_asyncio.fixture
async def held_commit(live_dsn: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """While this connection keeps its lock, the commit of a press noted "tahan" does not end."""
    connection = await asyncpg.connect(live_dsn)
    await connection.execute(HOLD)
    await connection.execute("SELECT pg_advisory_lock(4711)")
    yield connection
    await connection.execute("SELECT pg_advisory_unlock_all()")
    await connection.execute(LET_GO)
    await connection.close()


async def test_no_byte_of_an_answer_leaves_before_the_commit_has_ended(
    house: House, town: Town, held_commit: "asyncpg.Connection[Any]"
) -> None:
    body = b'{"note": "tahan"}'
    request = (
        f"PUT /v1/alarms/{new_id()} HTTP/1.1\r\nHost: cas\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: application/json\r\nAuthorization: Bearer {town.warga.token}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", house.port)) as phone:
        phone.settimeout(PATIENCE_S)
        phone.sendall(request.encode() + body)
        async with asyncio.timeout(PATIENCE_S):
            while not await held_commit.fetchval(HELD):
                pass
        answered_early, _, _ = select.select([phone], [], [], 0)

        await held_commit.execute("SELECT pg_advisory_unlock(4711)")
        answer = await asyncio.to_thread(phone.recv, 64)

    assert answered_early == []
    assert answer.startswith(b"HTTP/1.1 201")


async def register_phone(phone: Phone, who: Person) -> str:
    address = f"phone-{who.holder_id}"
    answer = await phone.put(
        who, f"/devices/{new_id()}", platform="android", address_type="fcm_token", address=address
    )
    assert answer.status_code == 204
    return address


async def pushed_to(house: House, address: str) -> list[dict[str, Any]]:
    """What the push service was asked to send there, once there is something."""
    async with asyncio.timeout(PATIENCE_S):
        after = 0
        while True:
            asked = await asyncio.to_thread(house.asked_of_fcm, after, 2.0)
            if mine := [one for one in asked if one["to"] == address]:
                return mine
            after = max([after, *(one["number"] for one in asked)])


async def test_a_press_answered_201_survives_kill_9_and_its_officers_are_called(
    house: House, town: Town, live_database: Database
) -> None:
    async with phones(house) as phone:
        address = await register_phone(phone, town.officers[0])
        house.kill("work")
        alarm_id = await phone.raised(town.warga, town.place.centre)
        house.kill("serve")

    async with live_database.reading() as session:
        stored = await session.sql.fetchval(
            "SELECT count(*) FROM alarm WHERE id::text = $1", alarm_id
        )
    await asyncio.to_thread(house.mend)
    asked = await pushed_to(house, address)
    async with phones(house) as phone:
        offers = await phone.get(town.officers[0], "/offers")

    assert stored == 1
    assert asked[0]["message"]["data"]["alarm_id"] == alarm_id
    # While nobody was there to receive it a wider ring may have asked the same officer again.
    assert {one["alarm_id"] for one in offers} == {alarm_id}


async def test_every_press_of_a_storm_that_was_answered_is_stored_though_the_server_was_killed(
    house: House, town: Town, live_database: Database
) -> None:
    async with live_database.transaction() as session:
        crowd = [await make_masyarakat(session) for _ in range(24)]
    answered: list[str] = []
    some_answered = asyncio.Event()

    async def press(phone: Phone, who: Person) -> None:
        try:
            answer = await phone.press(who, town.place.centre)
        except httpx2.TransportError:
            return  # killed before it was answered: the phone would press again
        if answer.status_code == 201:
            answered.append(answer.json()["alarm_id"])
        if len(answered) >= 6:
            some_answered.set()

    async with phones(house) as phone, asyncio.TaskGroup() as presses:
        for who in crowd:
            presses.create_task(press(phone, who))
        async with asyncio.timeout(PATIENCE_S):
            await some_answered.wait()
        house.kill("serve")

    async with live_database.reading() as looking:
        rows = await looking.sql.fetch(
            """SELECT a.id::text, count(o.id) AS offers FROM alarm a
               LEFT JOIN offer o ON o.alarm_id = a.id WHERE a.id::text = ANY($1) GROUP BY a.id""",
            answered,
        )
    assert {row["id"] for row in rows} == set(answered)
    assert {row["offers"] for row in rows} == {2}


async def test_an_acceptance_answered_200_survives_kill_9(house: House, town: Town) -> None:
    async with phones(house) as phone:
        alarm_id = await phone.raised(town.warga, town.place.centre)
        accepted = await phone.accept(town.officers[0], alarm_id)
        house.kill("serve")
        house.kill("work")
    await asyncio.to_thread(house.mend)

    async with phones(house) as phone:
        alarm = await phone.get(town.operator, f"/alarms/{alarm_id}")
        offers = await phone.get(town.officers[0], "/offers")

    assert accepted.status_code == 200
    assert alarm["status"] == "accepted"
    assert [one["personil_id"] for one in alarm["responders"]] == [str(town.officers[0].holder_id)]
    assert [one["my_part"] for one in offers] == ["primary"]


async def test_deadlines_that_passed_while_the_worker_was_dead_are_served_when_it_is_back(
    house: House, live_database: Database, make_live_regency: MakeRegency
) -> None:
    town = await people(live_database, await make_live_regency({"accept_s": 0.2}))
    house.kill("work")
    async with phones(house) as phone, watching(house, town.operator) as desk:
        alarm_id = await phone.raised(town.warga, town.place.centre)
        await desk.until(lambda picture: alarm_id in picture.alarms)
        house.start_worker()

        picture = await desk.until(lambda p: p.alarms[alarm_id]["unanswered_at"])

    assert picture.alarms[alarm_id]["ring"] == 3
    assert picture.alarms[alarm_id]["ringing"]


def has_reached(alarm_id: str, ring: int, picture: Picture) -> bool:
    reached: int = picture.alarms[alarm_id]["ring"]
    return reached >= ring


async def test_nobody_is_offered_twice_for_one_ring_however_often_the_worker_is_killed(
    house: House, live_database: Database, make_live_regency: MakeRegency
) -> None:
    place = await make_live_regency({"accept_s": 0.5, "ring_1_count": 2})
    town = await people(live_database, place)
    async with live_database.transaction() as session:
        for metres in (6_000, 7_000):
            await make_personil(session, place.kota, place.at(metres))
    async with phones(house) as phone, watching(house, town.operator) as desk:
        alarm_id = await phone.raised(town.warga, place.centre)
        await desk.until(lambda p: alarm_id in p.alarms)
        for ring in (1, 2):
            await desk.until(partial(has_reached, alarm_id, ring))
            house.kill("work")
            house.start_worker()
        picture = await desk.until(lambda p: p.alarms[alarm_id]["unanswered_at"])
        timeline = await phone.get(town.operator, f"/alarms/{alarm_id}/timeline")

    alarm = picture.alarms[alarm_id]
    offered = Counter((one["personil_id"], one["ring"]) for one in alarm["offers"])
    assert set(offered.values()) == {1}
    assert Counter(ring for _, ring in offered) == {1: 2, 2: 2, 3: 4}
    kinds = Counter(entry["kind"] for entry in timeline)
    assert (kinds["offer.made"], kinds["offer.expired"], kinds["alarm.unanswered"]) == (8, 8, 1)
