"""Taking an alarm back: a slide in the first seconds, and PINs of which one does the opposite."""

from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Response, expect

from cas_server.db.session import Database
from tests.browser.seats import Button
from tests.factories import Regency

pytestmark = pytest.mark.xdist_group("browser-phone")

OWN, FORCED = "2580", "9713"


async def only_alarm(database: Database, regency: Regency) -> Any:
    async with database.reading() as session:
        [row] = await session.sql.fetch(
            "SELECT status, cancelled_at, duress_at, cancel_reason FROM alarm "
            "WHERE satuan_path = $1",
            regency.kota.path,
        )
    return row


@pytest_asyncio.fixture
async def guarded(button: Button) -> Button:
    """A phone whose alarms are cancelled by PIN."""
    page = button.page
    await page.get_by_role("button", name="Buat PIN pembatalan").click()
    await page.fill("[name=pin]", OWN)
    await page.fill("[name=forced_pin]", FORCED)
    await page.get_by_role("button", name="Simpan PIN").click()
    await expect(page.get_by_role("button", name="Ubah PIN")).to_be_visible()
    return button


async def enter(button: Button, pin: str) -> None:
    await button.page.fill("[name=pin]", pin)
    await button.page.keyboard.press("Enter")


async def press(button: Button) -> None:
    await button.hold()
    await expect(button.page.get_by_role("heading")).to_contain_text("Alarm diterima")


async def test_a_press_by_mistake_is_taken_back_by_one_slide(
    button: Button, regency: Regency, live_database: Database
) -> None:
    await press(button)

    slide = button.page.get_by_role("slider")
    await expect(slide).to_be_in_viewport()
    await slide.press("ArrowRight")
    await slide.press("End")

    await expect(button.page.get_by_role("heading")).to_have_text("Alarm dibatalkan")
    assert (await only_alarm(live_database, regency))["cancel_reason"] == "Tertekan tidak sengaja"


async def test_with_a_pin_neither_slide_nor_reason_is_enough(
    guarded: Button, regency: Regency, live_database: Database
) -> None:
    await press(guarded)
    page = guarded.page
    await expect(page.get_by_role("slider")).to_have_count(0)
    await page.get_by_role("button", name="Batalkan alarm").click()
    await expect(page.get_by_role("button", name="Sudah aman")).to_have_count(0)

    await enter(guarded, "1111")
    await expect(page.get_by_role("alert")).to_have_text("PIN salah. Alarm tetap berjalan.")
    assert (await only_alarm(live_database, regency))["cancelled_at"] is None

    await enter(guarded, OWN)
    await expect(page.get_by_role("heading")).to_have_text("Alarm dibatalkan")
    alarm = await only_alarm(live_database, regency)
    assert alarm["cancelled_at"] is not None
    assert alarm["duress_at"] is None


async def test_the_forced_pin_looks_cancelled_and_is_not(
    guarded: Button, regency: Regency, live_database: Database
) -> None:
    await press(guarded)
    page = guarded.page
    await page.get_by_role("button", name="Batalkan alarm").click()
    await enter(guarded, FORCED)

    await expect(page.get_by_role("heading")).to_have_text("Alarm dibatalkan")
    alarm = await only_alarm(live_database, regency)
    assert alarm["duress_at"] is not None
    assert alarm["cancelled_at"] is None
    # The same words in both cases: whoever reads over the shoulder learns nothing.
    assert alarm["cancel_reason"] == "Dibatalkan dengan PIN"
    await page.get_by_role("button", name="Kembali ke tombol").click()
    await expect(guarded.big).to_be_visible()


async def test_under_the_forced_pin_those_who_come_still_see_where_the_person_goes(
    guarded: Button, regency: Regency, live_database: Database
) -> None:
    await press(guarded)
    page = guarded.page
    await page.get_by_role("button", name="Batalkan alarm").click()
    await enter(guarded, FORCED)
    await page.get_by_role("button", name="Kembali ke tombol").click()
    # Also after the page was closed and opened again.
    await page.reload()
    await expect(guarded.big).to_be_visible()

    moved = regency.at(250)

    def tells_it(answer: Response) -> bool:
        told = answer.request.post_data if answer.url.endswith("/fixes") else None
        return told is not None and f"{moved.lat}" in told

    async with page.expect_response(tells_it) as sent:
        await page.context.set_geolocation({"latitude": moved.lat, "longitude": moved.lon})
    assert (await (await sent.value).json())["accepted"] == 1

    async with live_database.reading() as session:
        away_m = await session.sql.fetchval(
            "SELECT ST_Distance(at::geography, ST_SetSRID(ST_MakePoint($2, $3), 4326)::geography)"
            " FROM alarm WHERE satuan_path = $1",
            regency.kota.path, moved.lon, moved.lat,
        )  # fmt: skip
    assert away_m < 1


async def test_two_equal_pins_are_refused_and_said_so(button: Button) -> None:
    page = button.page
    await page.get_by_role("button", name="Buat PIN pembatalan").click()
    await page.fill("[name=pin]", OWN)
    await page.fill("[name=forced_pin]", OWN)
    await page.get_by_role("button", name="Simpan PIN").click()

    await expect(page.get_by_role("alert")).to_have_text("Kedua PIN harus berbeda.")
