"""Officers are told of a drill where it is agreed, as a drill, and never beside a real call."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from cas_server.presence import service as presence
from cas_server.push import queries as devices
from cas_server.push.port import AddressType, Device, Platform
from tests.factories import Person, make_personil
from tests.instansi.conftest import Bank

TOLD = "SELECT personil_id FROM drill_call"
PUSHED = """
SELECT payload->'notice'->>'kind' AS kind, payload->>'device_id' AS device_id
FROM outbox WHERE kind LIKE 'push.%'
"""


async def asked(bank: Bank, who: Person, *, start_h: float = 0, end_h: float = 1) -> Any:
    """The answer to asking for a window that begins and ends so many hours from now."""
    now = utc_now()
    body = {
        "from_at": (now + timedelta(hours=start_h)).isoformat(),
        "until_at": (now + timedelta(hours=end_h)).isoformat(),
    }
    return await bank.ask(who, "PUT", f"/own-sites/{bank.site}/drill-windows/{new_id()}", body)


async def agreed(bank: Bank, *, start_h: float = 0, yes: bool = True) -> UUID:
    window = (await asked(bank, bank.manager, start_h=start_h, end_h=start_h + 1)).json()
    path = f"/drill-windows/{window['id']}/agreement"
    answer = await bank.ask(bank.desk, "PUT", path, {"agreed": yes})
    assert (answer.status_code, answer.json()["agreed"]) == (200, yes)
    return UUID(window["id"])


async def drill(bank: Bank) -> UUID:
    """A drill, and what the outbox makes of it."""
    drill_id = new_id()
    answer = await bank.ask(bank.teller, "PUT", f"/drills/{drill_id}", {"site_id": str(bank.site)})
    assert answer.status_code == 200, answer.text
    await bank.work()
    await bank.work()
    return drill_id


async def told(bank: Bank) -> set[UUID]:
    async with bank.database.glance() as session:
        return {row["personil_id"] for row in await session.sql.fetch(TOLD)}


async def shown(bank: Bank, who: Person) -> Any:
    return (await bank.ask(who, "GET", "/own-drill-calls")).json()


async def test_the_manager_asks_and_only_the_sites_own_satuan_answers(bank: Bank) -> None:
    teller = await asked(bank, bank.teller)
    stranger = await asked(bank, bank.other)
    window = (await asked(bank, bank.manager)).json()
    path, yes = f"/drill-windows/{window['id']}/agreement", {"agreed": True}
    watched = (await bank.ask(bank.desk, "GET", "/site-watch")).json()["windows"]
    next_door = (await bank.ask(bank.foreign_desk, "GET", "/site-watch")).json()["windows"]
    itself = await bank.ask(bank.manager, "PUT", path, yes)
    foreign = await bank.ask(bank.foreign_desk, "PUT", path, yes)
    said = [(await bank.ask(bank.desk, "PUT", path, {"agreed": yes})).json()["agreed"]
            for yes in (True, True, False)]  # fmt: skip
    seen = (await bank.ask(bank.teller, "GET", f"/own-sites/{bank.site}/drills")).json()
    after = (await bank.ask(bank.desk, "GET", "/site-watch")).json()["windows"]

    assert (teller.status_code, stranger.status_code) == (404, 404)
    assert [(one["window"]["id"], one["window"]["agreed"]) for one in watched] == [
        (window["id"], None)
    ]
    assert (next_door, itself.status_code, foreign.status_code) == ([], 403, 404)
    assert said == [True, True, False]
    assert ([one["agreed"] for one in seen["windows"]], after) == ([False], [])
    assert (await bank.kinds())[1:] == ["drill.window_asked"] + ["drill.window_answered"] * 2


async def test_a_window_is_to_come_at_most_a_day_long_and_asked_for_once(bank: Bank) -> None:
    wrong = [
        await asked(bank, bank.manager, start_h=-1),
        await asked(bank, bank.manager, end_h=25),
        await asked(bank, bank.manager, start_h=2, end_h=1),
        await asked(bank, bank.manager, start_h=24 * 200, end_h=24 * 200 + 1),
    ]
    path = f"/own-sites/{bank.site}/drill-windows/{new_id()}"
    now = utc_now()
    body = {"from_at": now.isoformat(), "until_at": (now + timedelta(hours=24)).isoformat()}
    twice = [(await bank.ask(bank.manager, "PUT", path, body)).json() for _ in range(2)]
    many = [(await asked(bank, bank.manager)).status_code for _ in range(5)]

    assert [(one.status_code, one.json()["field"]) for one in wrong] == [
        (422, "from_at"), (422, "until_at"), (422, "until_at"), (422, "from_at")]  # fmt: skip
    assert twice[0] == twice[1]
    assert many == [200] * 4 + [409]


async def test_in_an_agreed_window_the_nearest_are_told_of_a_drill_and_their_tap_is_counted(
    bank: Bank,
) -> None:
    device = Device(
        new_id(), bank.officer.account_id, Platform.ANDROID, AddressType.FCM_TOKEN, "hp-1"
    )
    async with bank.database.transaction() as session:
        await devices.put(session, device, utc_now())
        far = await make_personil(session, bank.regency.kota, bank.regency.at(9_000))
        near = [
            await make_personil(session, bank.regency.kota, bank.regency.at(300 + metres))
            for metres in (0, 50)
        ]
        foreign = await make_personil(session, bank.regency.neighbour, bank.regency.at(200))
    await agreed(bank)

    drill_id = await drill(bank)
    calls = await shown(bank, bank.officer)
    path = f"/own-drill-calls/{drill_id}/receipt"
    taps = [await bank.ask(bank.officer, "POST", path) for _ in range(2)]
    refused = (await bank.ask(far, "POST", path)).status_code
    seen = (await bank.ask(bank.teller, "GET", f"/drills/{drill_id}")).json()
    desk = (await bank.ask(bank.desk, "GET", "/site-watch")).json()["drills"][0]["drill"]
    await bank.ask(bank.teller, "POST", f"/drills/{drill_id}/end")

    assert await told(bank) == {one.holder_id for one in (bank.officer, *near)}
    assert (await shown(bank, foreign), refused) == ([], 404)
    assert [(one["drill_id"], one["received_at"]) for one in calls] == [(str(drill_id), None)]
    assert taps[0].json()[0]["received_at"] == taps[1].json()[0]["received_at"] is not None
    assert (seen["calls_agreed"], seen["personil_told"], seen["personil_received"]) == (True, 3, 1)
    assert seen["last_received_at"] == taps[0].json()[0]["received_at"]
    assert desk == seen
    assert await shown(bank, bank.officer) == []
    late = await bank.ask(near[0], "POST", path)
    assert (late.status_code, late.json()) == (200, [])
    async with bank.database.glance() as session:
        pushed = [tuple(row) for row in await session.sql.fetch(PUSHED)]
        counts = await session.sql.fetchrow(
            "SELECT (SELECT count(*) FROM alarm), (SELECT count(*) FROM offer),"
            " (SELECT count(alarm_id) FROM journal)"
        )
    assert pushed == [("drill", str(device.id))]
    assert counts is not None
    assert tuple(counts) == (0, 0, 0)
    assert (await bank.kinds())[-4:] == [
        "drill.began", "drill.called", "drill.received", "drill.ended"]  # fmt: skip


async def test_without_a_yes_or_outside_its_time_nobody_is_told(bank: Bank) -> None:
    await asked(bank, bank.manager)
    await agreed(bank, yes=False)
    await agreed(bank, start_h=1)

    seen = (await bank.ask(bank.teller, "GET", f"/drills/{await drill(bank)}")).json()

    assert (seen["calls_agreed"], seen["personil_told"]) == (False, 0)
    assert await told(bank) == set()
    async with bank.database.glance() as session:
        assert await session.sql.fetchval("SELECT count(*) FROM outbox") == 0


async def test_whoever_is_asked_for_something_real_or_off_duty_is_not_told(bank: Bank) -> None:
    async with bank.database.transaction() as session:
        gone = await make_personil(session, bank.regency.kota, bank.regency.at(150))
        await presence.end_duty(session, gone.holder_id, utc_now(), gone.account_id)
    elsewhere = new_id()
    place = {"position": {"lat": bank.regency.centre.lat, "lon": bank.regency.centre.lon,
                          "accuracy_m": 10, "fixed_at": utc_now().isoformat()}}  # fmt: skip
    pressed = await bank.ask(bank.citizen, "PUT", f"/alarms/{elsewhere}", place)
    await agreed(bank)

    await drill(bank)

    assert pressed.json()["personil_called"] == 1
    assert await told(bank) == set()


async def test_a_drill_at_a_site_with_a_real_alarm_tells_nobody(bank: Bank) -> None:
    await agreed(bank)
    await bank.press(bank.teller)
    async with bank.database.transaction() as session:
        free = await make_personil(session, bank.regency.kota, bank.regency.at(150))

    await drill(bank)

    assert await shown(bank, free) == []
    assert await told(bank) == set()
