"""What a whole story leaves in the logs tells nobody who, where, or by which credential."""

import asyncio

from cas_server.db.session import Database
from cas_server.kit.ids import new_id
from tests.factories import Regency, make_masyarakat, make_personil, make_staff
from tests.live.house import House
from tests.live.watcher import phones, watching

PASSWORD = "rahasia-sekali-7"  # noqa: S105 - of an invented operator

WRONG = "salah-besar-3"


async def test_no_token_phone_number_name_or_place_is_logged(
    house: House, live_database: Database, regency: Regency
) -> None:
    async with live_database.transaction() as session:
        officer = await make_personil(session, regency.kota, regency.at(300))
        warga = await make_masyarakat(session)
        desk = await make_staff(session, regency.polres, username="rahasia", password=PASSWORD)
        phone_number = await session.sql.fetchval(
            "SELECT phone FROM account WHERE id = $1", warga.account_id
        )
    number, address = "081299887766", f"alamat-fcm-{new_id()}"
    async with phones(house) as phone, watching(house, desk) as at_desk:
        await phone.put(officer, f"/devices/{new_id()}", platform="android",
                        address_type="fcm_token", address=address)  # fmt: skip
        signed_in = await phone.post(desk, "/sessions", username="rahasia", password=PASSWORD)
        await phone.post(desk, "/sessions", username="rahasia", password=WRONG)
        await phone.post(desk, "/codes", phone=number, device="hp")
        alarm_id = await phone.raised(warga, regency.centre, note="catatan-rahasia", kind="gempa")
        await phone.press(desk, regency.centre)
        accepted = await phone.accept(officer, alarm_id)
        await phone.post(desk, f"/alarms/{alarm_id}/closing", disposition="test", note="")
        await phone.post(
            desk, f"/alarms/{alarm_id}/closing", disposition="test", note="penutup-rahasia"
        )
        await at_desk.until(lambda p: alarm_id in p.ended)
        asked = await asyncio.to_thread(house.asked_of_fcm, 0, 5.0)

    assert (signed_in.status_code, accepted.status_code) == (201, 200)
    assert asked
    secrets = [
        officer.token, warga.token, desk.token, signed_in.json()["token"], PASSWORD, WRONG,
        phone_number, phone_number.removeprefix("+62"), number, number.removeprefix("0"),
        officer.name, warga.name, address, "catatan-rahasia", "penutup-rahasia",
        f"{regency.centre.lat:.3f}", f"{regency.centre.lon:.2f}",
    ]  # fmt: skip
    log = house.log
    assert "request.refused" in log
    assert [secret for secret in secrets if secret in log] == []
