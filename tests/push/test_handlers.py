"""From a promise in the outbox to a phone: who is told, and what becomes of each device."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from cas_server.db.bell import Bell
from cas_server.db.session import Database
from cas_server.demo.fcm_answers import Behaviour
from cas_server.demo.fcm_post import Rule
from cas_server.demo.fcm_server import FcmServer
from cas_server.identity.roles import Role
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from cas_server.outbox import queries as outbox
from cas_server.outbox.loop import OutboxLoop
from cas_server.outbox.queries import Job
from cas_server.outbox.retry import Again, Done, GiveUp, Outcome
from cas_server.push import queries
from cas_server.push.fcm import Firebase
from cas_server.push.handlers import DEVICE_JOB, handlers
from cas_server.push.port import Device, NoPush, Platform, PushPort

from .conftest import MakeDevice

ALARM_ID = new_id()
POLSEK = "JATIM/BJN/DANDER/"

Run = Callable[[str, dict[str, Any]], Awaitable[Outcome]]


def job(kind: str, payload: dict[str, Any], made_at: datetime | None = None) -> Job:
    return Job(1, kind, payload, attempts=1, lease=1, created_at=made_at or utc_now())


def offer(personil_id: UUID, seconds: int = 20) -> dict[str, Any]:
    return {
        "personil_id": str(personil_id),
        "alarm_id": str(ALARM_ID),
        "version": 2,
        "message": "offer",
        "offer_id": str(new_id()),
        "expires_at": (utc_now() + timedelta(seconds=seconds)).isoformat(),
    }


async def promised(database: Database) -> list[Job]:
    """The jobs that wait in the outbox."""
    async with database.transaction() as session:
        return await outbox.claim(session.sql, utc_now(), timedelta(minutes=1), 100)


async def outcomes(database: Database) -> list[tuple[UUID, str]]:
    async with database.statement() as sql:
        rows = await sql.fetch("SELECT device_id, outcome FROM push_outcome ORDER BY id")
    return [(row["device_id"], row["outcome"]) for row in rows]


async def known(database: Database) -> set[UUID]:
    async with database.statement() as sql:
        return {row["id"] for row in await sql.fetch("SELECT id FROM device")}


@pytest.fixture
def run(database: Database, port: Firebase) -> Run:
    """Runs one job, and then every device's job that came of it: the last outcome."""
    return _runner(database, port)


def _runner(database: Database, port: PushPort) -> Run:
    jobs = handlers(database, port, utc_now)

    async def run(kind: str, payload: dict[str, Any]) -> Outcome:
        outcome = await jobs[kind](job(kind, payload))
        for promise in await promised(database):
            assert promise.kind == DEVICE_JOB
            outcome = await jobs[DEVICE_JOB](promise)
        return outcome

    return run


async def test_an_offer_reaches_every_device_of_the_personil_and_nobody_elses(
    database: Database, fcm: FcmServer, run: Run, make_device: MakeDevice
) -> None:
    personil_id = new_id()
    phone = await make_device(holder_id=personil_id)
    tablet = await make_device(holder_id=personil_id)
    await make_device(holder_id=new_id())
    payload = offer(personil_id)

    assert await run("push.personil", payload) == Done()

    assert {item.to for item in fcm.post.asked.items} == {phone.address, tablet.address}
    told = fcm.post.asked.items[0].message["data"]
    assert told["kind"] == "offer"
    assert told["alarm_id"] == str(ALARM_ID)
    assert told["offer_id"] == payload["offer_id"]
    assert await outcomes(database) == [(phone.id, "sent"), (tablet.id, "sent")]


@pytest.mark.parametrize("message", ["stood_down", "assigned"])
async def test_a_personil_is_told_what_else_happens_to_the_offer(
    fcm: FcmServer, run: Run, make_device: MakeDevice, message: str
) -> None:
    personil_id = new_id()
    await make_device(holder_id=personil_id)
    payload = {**offer(personil_id), "message": message, "expires_at": None}

    await run("push.personil", payload)

    assert [item.message["data"]["kind"] for item in fcm.post.asked.items] == [message]


async def test_an_offer_that_has_ended_is_not_pushed_at_all(
    database: Database, fcm: FcmServer, run: Run, make_device: MakeDevice
) -> None:
    personil_id = new_id()
    await make_device(holder_id=personil_id)

    assert await run("push.personil", offer(personil_id, seconds=-1)) == Done()

    assert not fcm.post.asked.items
    assert await outcomes(database) == []


async def test_an_offer_that_ends_while_it_waits_is_written_down_as_expired(
    database: Database, fcm: FcmServer, port: Firebase, make_device: MakeDevice
) -> None:
    personil_id = new_id()
    phone = await make_device(holder_id=personil_id)
    late = utc_now() + timedelta(minutes=1)
    await handlers(database, port, utc_now)["push.personil"](
        job("push.personil", offer(personil_id))
    )
    (promise,) = await promised(database)

    outcome = await handlers(database, port, lambda: late)[DEVICE_JOB](promise)

    assert outcome == Done()
    assert not fcm.post.asked.items
    assert await outcomes(database) == [(phone.id, "expired")]


async def test_a_personil_without_a_phone_is_no_failure(database: Database, run: Run) -> None:
    assert await run("push.personil", offer(new_id())) == Done()
    assert await outcomes(database) == []


async def test_a_disabled_account_is_told_nothing(
    database: Database, fcm: FcmServer, run: Run, make_device: MakeDevice
) -> None:
    personil_id = new_id()
    phone = await make_device(holder_id=personil_id)
    async with database.transaction() as session:
        await session.sql.execute(
            "UPDATE account SET disabled_at = now() WHERE id = $1", phone.account_id
        )

    await run("push.personil", offer(personil_id))

    assert not fcm.post.asked.items


async def test_escalation_reaches_the_role_at_that_satuan_only(
    fcm: FcmServer, run: Run, make_device: MakeDevice
) -> None:
    kapolres = await make_device(Role.PIMPINAN, satuan_path="JATIM/BJN/")
    await make_device(Role.PIMPINAN, satuan_path=POLSEK)
    await make_device(Role.OPERATOR, satuan_path="JATIM/BJN/")
    payload = {
        "alarm_id": str(ALARM_ID),
        "version": 3,
        "satuan_path": "JATIM/BJN/",
        "role": "pimpinan",
        "reason": "unacknowledged",
    }

    await run("push.staff", payload)

    (asked,) = fcm.post.asked.items
    assert asked.to == kapolres.address
    assert asked.message["data"]["kind"] == "escalation"
    assert asked.message["data"]["reason"] == "unacknowledged"


async def test_escalation_may_name_the_satuan_by_its_id(
    fcm: FcmServer, run: Run, make_device: MakeDevice
) -> None:
    satuan_id = new_id()
    kapolsek = await make_device(Role.PIMPINAN, satuan_id=satuan_id)
    await make_device(Role.PIMPINAN, satuan_id=new_id())
    payload = {
        "alarm_id": str(ALARM_ID),
        "version": 3,
        "satuan_id": str(satuan_id),
        "role": "pimpinan",
        "reason": "ring_3",
    }

    await run("push.staff", payload)

    assert [item.to for item in fcm.post.asked.items] == [kapolsek.address]


async def test_escalation_to_no_satuan_is_given_up(run: Run) -> None:
    payload = {"alarm_id": str(ALARM_ID), "version": 3, "role": "pimpinan", "reason": "x"}

    assert await run("push.staff", payload) == GiveUp("neither satuan_id nor satuan_path")


async def test_desks_above_the_alarm_are_told_in_their_browsers(
    fcm: FcmServer, run: Run, make_device: MakeDevice
) -> None:
    polsek = await make_device(Role.OPERATOR, satuan_path=POLSEK, platform=Platform.WEB)
    polres = await make_device(Role.OPERATOR, satuan_path="JATIM/BJN/", platform=Platform.WEB)
    await make_device(Role.OPERATOR, satuan_path="JATIM/BJN/KOTA/", platform=Platform.WEB)
    await make_device(Role.OPERATOR, satuan_path=f"{POLSEK}UNIT/", platform=Platform.WEB)
    await make_device(Role.OPERATOR, satuan_path="", platform=Platform.WEB)
    await make_device(Role.OPERATOR, satuan_path=POLSEK, platform=Platform.ANDROID)
    await make_device(Role.PIMPINAN, satuan_path=POLSEK, platform=Platform.WEB)
    payload = {"alarm_id": str(ALARM_ID), "version": 1, "satuan_path": POLSEK, "reason": "raised"}

    await run("push.desk", payload)

    assert {item.to for item in fcm.post.asked.items} == {polsek.address, polres.address}


async def test_a_dead_address_is_forgotten(
    database: Database, fcm: FcmServer, run: Run, make_device: MakeDevice
) -> None:
    personil_id = new_id()
    gone = await make_device(holder_id=personil_id)
    alive = await make_device(holder_id=personil_id)
    fcm.post.behave(Rule(Behaviour.UNREGISTERED), to=gone.address)

    assert await run("push.personil", offer(personil_id)) == Done()

    assert await known(database) == {alive.id}
    assert set(await outcomes(database)) == {(gone.id, "dead_token"), (alive.id, "sent")}


async def test_an_address_that_was_replaced_meanwhile_is_kept(
    database: Database, make_device: MakeDevice
) -> None:
    asked_about = await make_device()
    async with database.transaction() as session:
        await session.sql.execute("UPDATE device SET address = 'a-new-address'")

    async with database.transaction() as session:
        await queries.forget(session, asked_about)

    assert await known(database) == {asked_about.id}


@pytest.mark.parametrize("behaviour", [Behaviour.QUOTA_EXCEEDED, Behaviour.UNAVAILABLE])
async def test_a_service_that_asks_to_wait_is_waited_for(
    database: Database, fcm: FcmServer, run: Run, make_device: MakeDevice, behaviour: Behaviour
) -> None:
    personil_id = new_id()
    phone = await make_device(holder_id=personil_id)
    fcm.post.behave(Rule(behaviour, seconds=17))

    outcome = await run("push.personil", offer(personil_id))

    assert isinstance(outcome, Again)
    assert outcome.after == timedelta(seconds=17)
    assert await outcomes(database) == [(phone.id, "retry")]
    assert await known(database) == {phone.id}


async def test_a_message_that_is_refused_for_good_is_given_up(
    database: Database, fcm: FcmServer, run: Run, make_device: MakeDevice
) -> None:
    personil_id = new_id()
    phone = await make_device(holder_id=personil_id)
    fcm.post.behave(Rule(Behaviour.SENDER_ID_MISMATCH))

    outcome = await run("push.personil", offer(personil_id))

    assert outcome == GiveUp("PERMISSION_DENIED: SenderIdMismatchError")
    assert await outcomes(database) == [(phone.id, "refused")]
    assert await known(database) == {phone.id}


async def test_without_firebase_each_device_is_written_down_as_not_told(
    database: Database, make_device: MakeDevice
) -> None:
    personil_id = new_id()
    phone = await make_device(holder_id=personil_id)

    assert await _runner(database, NoPush())("push.personil", offer(personil_id)) == Done()

    assert await outcomes(database) == [(phone.id, "not_configured")]


async def test_a_device_that_was_unregistered_meanwhile_is_not_told(
    database: Database, fcm: FcmServer, port: Firebase, make_device: MakeDevice
) -> None:
    personil_id = new_id()
    await make_device(holder_id=personil_id)
    jobs = handlers(database, port, utc_now)
    await jobs["push.personil"](job("push.personil", offer(personil_id)))
    (promise,) = await promised(database)
    async with database.transaction() as session:
        await session.sql.execute("DELETE FROM device")

    assert await jobs[DEVICE_JOB](promise) == Done()
    assert not fcm.post.asked.items


@pytest_asyncio.fixture
async def worker(database: Database, bell: Bell, port: Firebase) -> AsyncIterator[None]:
    """The real loop over the real outbox."""
    async with asyncio.TaskGroup() as tasks:
        loop = OutboxLoop(database, bell, handlers(database, port, utc_now), utc_now)
        running = tasks.create_task(loop.run())
        yield
        running.cancel()


async def promise(database: Database, payload: dict[str, Any]) -> None:
    async with database.transaction() as session:
        await outbox.add(session, utc_now(), "push.personil", payload)


@pytest.mark.usefixtures("worker")
async def test_a_promise_becomes_a_message_on_the_phone(
    database: Database, fcm: FcmServer, make_device: MakeDevice
) -> None:
    personil_id = new_id()
    phone = await make_device(holder_id=personil_id)

    await promise(database, offer(personil_id))

    (received,) = await fcm.post.fetch(phone.address, 0, wait_s=20)
    assert received.message["data"]["alarm_id"] == str(ALARM_ID)


@pytest.mark.usefixtures("worker")
async def test_a_phone_whose_message_hangs_delays_no_other(
    database: Database, fcm: FcmServer, make_device: MakeDevice
) -> None:
    personil_id = new_id()
    stuck: Device = await make_device(holder_id=personil_id)
    well = await make_device(holder_id=personil_id)
    fcm.post.behave(Rule(Behaviour.HANG, times=1), to=stuck.address)

    await promise(database, offer(personil_id))

    assert await fcm.post.fetch(well.address, 0, wait_s=20)
    assert not fcm.post.inbox(stuck.address).items


@pytest.mark.usefixtures("worker")
async def test_a_failed_message_is_sent_again_and_arrives(
    database: Database, fcm: FcmServer, make_device: MakeDevice
) -> None:
    personil_id = new_id()
    phone = await make_device(holder_id=personil_id)
    fcm.post.behave(Rule(Behaviour.INTERNAL, times=1))

    await promise(database, offer(personil_id))

    (received,) = await fcm.post.fetch(phone.address, 0, wait_s=20)
    assert received.number == 2


async def test_every_device_of_an_account_is_told_that_it_was_signed_in_elsewhere(
    database: Database, fcm: FcmServer, make_device: MakeDevice, run: Run
) -> None:
    device = await make_device(Role.MASYARAKAT)

    payload = {"account_id": str(device.account_id), "message": "new_device"}
    assert await run("push.account", payload) == Done()

    [item] = fcm.post.asked.items
    assert item.message["data"]["kind"] == "new_device"
    assert "alarm_id" not in item.message["data"]
    assert await outcomes(database) == [(device.id, "sent")]
