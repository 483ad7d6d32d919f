"""Where one is signed in is listed and can be ended; unused sign-ins end by themselves."""

from typing import Any

import httpx2
import pytest_asyncio

from tests.factories import make_masyarakat
from tests.identity.conftest import Front
from tests.identity.staff import Staff, hire


@pytest_asyncio.fixture
async def sri(front: Front, caller: httpx2.AsyncClient) -> Staff:
    staff = await hire(front, caller)
    await staff.give_password()
    await staff.enrol()
    return staff


async def listed(sri: Staff) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await sri.caller.get("/sessions")).json()
    return found


async def begin_another(front: Front, sri: Staff) -> None:
    async with front.caller("203.0.113.77") as elsewhere:
        await Staff(front, elsewhere, sri.person).give_password()


async def test_each_sign_in_is_listed_with_device_and_network_but_no_address(
    sri: Staff, front: Front
) -> None:
    await begin_another(front, sri)

    sign_ins = await listed(sri)

    seen = {(each["current"], each["device"], each["network"]) for each in sign_ins}
    assert seen == {(True, "Meja 1", "192.0.2.0/24"), (False, "Meja 1", "203.0.113.0/24")}


async def test_one_sign_in_is_ended_by_its_id_and_nobody_elses(sri: Staff, front: Front) -> None:
    await begin_another(front, sri)
    async with front.database.transaction() as session:
        await make_masyarakat(session)
    [strange] = await sri.rows("SELECT id FROM credential ORDER BY created_at DESC LIMIT 1")
    [other] = [each["id"] for each in await listed(sri) if not each["current"]]

    ended = await sri.caller.delete(f"/sessions/{other}")
    again = await sri.caller.delete(f"/sessions/{other}")
    of_another = await sri.caller.delete(f"/sessions/{strange[0]}")

    assert (ended.status_code, again.status_code, of_another.status_code) == (204, 404, 404)
    assert [each["current"] for each in await listed(sri)] == [True]


async def test_all_others_are_ended_at_once(sri: Staff, front: Front) -> None:
    await begin_another(front, sri)
    await begin_another(front, sri)

    answer = await sri.caller.delete("/sessions/others")

    assert answer.json() == {"ended": 2}
    assert [each["current"] for each in await listed(sri)] == [True]


async def test_a_staff_sign_in_ends_when_it_was_not_used_for_twelve_hours(sri: Staff) -> None:
    await sri.rows("UPDATE credential SET last_used_at = now() - interval '11 hours 59 minutes'")
    used = await sri.caller.get("/account")
    again = await sri.caller.get("/account")
    await sri.rows("UPDATE credential SET last_used_at = now() - interval '12 hours'")

    idle = await sri.caller.get("/account")

    assert (used.status_code, again.status_code, idle.status_code) == (200, 200, 401)
    assert "not used" in idle.json()["detail"]


async def test_a_staff_sign_in_ends_after_a_day_however_much_it_is_used(sri: Staff) -> None:
    [(hours,)] = await sri.rows(
        "SELECT extract(epoch FROM expires_at - now()) / 3600 FROM credential"
        " WHERE revoked_at IS NULL"
    )
    await sri.rows("UPDATE credential SET expires_at = now()")

    assert 23.9 < hours <= 24
    assert (await sri.caller.get("/account")).status_code == 401


async def test_the_last_use_is_written_once_a_minute(sri: Staff) -> None:
    before = await sri.rows("SELECT xmin::text FROM credential WHERE revoked_at IS NULL")
    await sri.caller.get("/account")
    just_now = await sri.rows("SELECT xmin::text FROM credential WHERE revoked_at IS NULL")
    await sri.rows("UPDATE credential SET last_used_at = now() - interval '61 seconds'")

    await sri.caller.get("/account")

    assert before == just_now
    assert await sri.rows(
        "SELECT now() - last_used_at < interval '30 seconds' FROM credential"
        " WHERE revoked_at IS NULL"
    ) == [(True,)]


async def test_the_sign_in_of_a_phone_never_ends_by_lying_in_a_pocket(
    front: Front, caller: httpx2.AsyncClient
) -> None:
    async with front.database.transaction() as session:
        warga = await make_masyarakat(session)
        await session.sql.execute(
            "UPDATE credential SET created_at = now() - interval '20 days', last_used_at = NULL"
        )

    assert (await caller.get("/account", headers=warga.bearer)).status_code == 200
