"""What sockets show, to whom, and nothing foreign to anybody."""

from datetime import datetime
from typing import Any

import pytest

from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from tests.factories import make_masyarakat, make_personil, make_staff
from tests.live.conftest import MakeRegency
from tests.live.house import House
from tests.live.play import CALM
from tests.live.watcher import phones, watching


async def test_a_press_reaches_the_desk_and_the_officer_at_once_and_nobody_else(
    house: House, live_database: Database, make_live_regency: MakeRegency
) -> None:
    place, elsewhere = await make_live_regency(CALM), await make_live_regency(CALM)
    async with live_database.transaction() as session:
        officer = await make_personil(session, place.kota, place.at(300))
        far_officer = await make_personil(session, place.kota, place.at(9_000))
        warga, other = [await make_masyarakat(session) for _ in range(2)]
        desk, stranger = [await make_staff(session, p.polres) for p in (place, elsewhere)]
    async with (
        phones(house) as phone,
        watching(house, desk) as at_desk,
        watching(house, stranger) as at_other_desk,
        watching(house, officer) as called,
        watching(house, far_officer) as not_called,
        watching(house, warga) as presser,
        watching(house, other) as bystander,
    ):
        alarm_id = await phone.raised(warga, place.centre, note="tolong")

        await at_desk.until(lambda p: alarm_id in p.alarms)
        await called.until(lambda p: p.offers)
        await presser.until(lambda p: alarm_id in p.own_alarms)
        for who in (at_other_desk, not_called, bystander):
            await who.up_to_date()

    assert at_other_desk.picture.alarms == {}
    assert not_called.picture.offers == {}
    assert bystander.picture.own_alarms == {}
    [offer] = called.picture.offers.values()
    assert (offer["alarm_id"], offer["note"]) == (alarm_id, "tolong")
    assert officer.name not in str(presser.picture.own_alarms)


async def test_a_fix_by_socket_moves_the_officer_on_the_desks_map(
    house: House, live_database: Database, make_live_regency: MakeRegency
) -> None:
    place = await make_live_regency(CALM)
    async with live_database.transaction() as session:
        officer = await make_personil(session, place.kota, place.at(300), age_s=60)
        desk = await make_staff(session, place.kota)
    key = str(officer.holder_id)
    at, fixed_at = place.at(700), utc_now().replace(microsecond=0)
    async with watching(house, desk) as at_desk, watching(house, officer) as driving:
        await driving.send(
            type="fix", lat=at.lat, lon=at.lon, accuracy_m=4, fixed_at=fixed_at.isoformat()
        )

        picture = await at_desk.until(lambda p: when(p.personil[key]) == fixed_at)

    assert picture.personil[key]["position"]["lat"] == pytest.approx(at.lat)


def when(personil: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(personil["fixed_at"])


async def test_an_officer_who_goes_on_duty_without_a_position_is_on_the_desks_list_at_once(
    house: House, live_database: Database, make_live_regency: MakeRegency
) -> None:
    place = await make_live_regency(CALM)
    async with live_database.transaction() as session:
        officer = await make_personil(session, place.kota, on_duty=False)
        desk = await make_staff(session, place.polres)
    key, seen = str(officer.holder_id), []
    async with phones(house) as phone, watching(house, desk) as at_desk:
        for availability in ("available", "break"):
            await phone.put(officer, "/duty", availability=availability)
            picture = await at_desk.until(
                lambda p, a=availability: p.personil.get(key, {}).get("availability") == a  # type: ignore[misc]
            )
            seen.append(picture.personil[key]["position"])

    assert seen == [None, None]


async def test_an_offers_receipt_by_socket_is_on_the_desks_screen(
    house: House, live_database: Database, make_live_regency: MakeRegency
) -> None:
    place = await make_live_regency(CALM)
    async with live_database.transaction() as session:
        officer = await make_personil(session, place.kota, place.at(300))
        warga = await make_masyarakat(session)
        desk = await make_staff(session, place.polres)
    async with (
        phones(house) as phone,
        watching(house, desk) as at_desk,
        watching(house, officer) as called,
    ):
        alarm_id = await phone.raised(warga, place.centre)
        [offer_id] = (await called.until(lambda p: p.offers)).offers
        await called.send(type="receipt", offer_id=offer_id)

        await at_desk.until(
            lambda p: alarm_id in p.alarms and p.alarms[alarm_id]["offers"][0]["received_at"]
        )
