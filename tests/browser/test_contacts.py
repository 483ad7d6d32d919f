"""Whom one can telephone, known before one needs it, and the text message when there is no net."""

from urllib.parse import unquote

import pytest
import pytest_asyncio
from playwright.async_api import expect

from cas_server.db.session import Database
from tests.browser.conftest import OpenPage
from tests.browser.seats import Button
from tests.factories import Regency, make_personil, make_wilayah
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-phone")


@pytest_asyncio.fixture
async def rina(
    open_page: OpenPage, house: House, regency: Regency, live_database: Database
) -> Button:
    """On the ground of a Polsek with a mobile phone, and in a desa with its Bhabinkamtibmas."""
    async with live_database.transaction() as session:
        officer = await make_personil(session, regency.kota, on_duty=False)
        await make_wilayah(session, regency.kota, regency.centre, kind="desa")
        await session.sql.execute(
            "UPDATE wilayah SET bhabinkamtibmas_id = $1 WHERE satuan_id = $2 AND kind = 'desa'",
            officer.holder_id,
            regency.kota.id,
        )
        numbers = ((regency.kota.id, "0811 3110 001"), (regency.polres.id, "0353 881 110"))
        await session.sql.executemany("UPDATE satuan SET phone = $2 WHERE id = $1", numbers)
    page = await open_page(
        "/masyarakat/",
        viewport={"width": 360, "height": 740},
        geolocation={"latitude": regency.centre.lat, "longitude": regency.centre.lon},
        permissions=["geolocation"],
    )
    button = Button(page)
    await button.register(house)
    await button.agree()
    # Asked by itself as soon as the phone knew where it was.
    await page.wait_for_function("() => localStorage.getItem('cas.masyarakat.contacts') !== null")
    return button


async def test_the_police_around_can_be_telephoned_also_without_a_network(rina: Button) -> None:
    await rina.page.context.set_offline(True)
    await rina.page.get_by_role("button", name="Polisi di dekat saya").click()

    numbers = rina.page.get_by_role("listitem").get_by_role("link")
    await expect(numbers).to_have_count(3)
    await expect(rina.page.get_by_role("listitem").first).to_contain_text("Bhabinkamtibmas")
    assert await numbers.nth(1).get_attribute("href") == "tel:08113110001"
    await rina.page.keyboard.press("Escape")
    await expect(rina.big).to_be_visible()


async def test_without_a_network_a_text_message_with_the_place_is_ready(
    rina: Button, regency: Regency
) -> None:
    await rina.page.context.set_offline(True)
    await rina.hold()

    link = rina.page.get_by_role("link", name="Kirim SMS")
    await expect(link).to_be_visible()
    href = unquote(await link.get_attribute("href") or "")
    assert href.startswith("sms:081131100")
    assert f"{regency.centre.lat:.5f},{regency.centre.lon:.5f}" in href
    await expect(rina.page.get_by_role("link", name="Telepon 110")).to_be_visible()

    await rina.page.context.set_offline(False)
    await expect(rina.page.get_by_role("heading")).to_have_text("Alarm diterima Polsek Kota")
    # What went wrong on the way is over.
    await expect(rina.page.get_by_role("alert")).to_have_count(0)


async def test_a_press_says_how_much_is_left_in_the_battery(
    rina: Button, regency: Regency, live_database: Database
) -> None:
    charge = await rina.page.evaluate("async () => (await navigator.getBattery()).level * 100")
    await rina.hold()
    await expect(rina.page.get_by_role("heading")).to_have_text("Alarm diterima Polsek Kota")

    async with live_database.reading() as session:
        told = await session.sql.fetchval(
            "SELECT battery_percent FROM alarm WHERE satuan_path = $1", regency.kota.path
        )
    assert told == round(charge)
