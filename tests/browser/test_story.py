"""One alarm seen by four at once: who pressed, who comes, who comes too, and the desk."""

import re
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from tests.browser.conftest import OpenPage
from tests.browser.officers import KEEP, go_on_duty, open_phone, until_known
from tests.browser.seats import Button, Desk
from tests.factories import Regency, make_personil
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-phone")

# A phone's positions carry the time of its own clock.
OWN_CLOCK = "Object.defineProperty(GeolocationPosition.prototype, 'timestamp', { get: Date.now });"


@pytest_asyncio.fixture
async def patrol(open_page: OpenPage, live_database: Database, regency: Regency) -> list[Page]:
    """Two officers' phones, on duty and known to be near; the second thinks it is tomorrow."""
    pages = []
    for ahead in (timedelta(0), timedelta(days=1)):
        async with live_database.transaction() as session:
            officer = await make_personil(session, regency.kota, on_duty=False)
        page = await open_phone(open_page, regency)
        if ahead:
            await page.add_init_script(OWN_CLOCK)
            await page.clock.install(time=utc_now() + ahead)
        await page.evaluate(KEEP, [officer.token, "+6281355539900"])
        await page.reload()
        await go_on_duty(page)
        pages.append(page)
    await until_known(live_database, pages[0], regency, len(pages))
    return pages


async def test_pressed_without_a_network_it_is_heard_answered_reached_and_closed(
    button: Button, desk: Desk, patrol: list[Page], house: House, regency: Regency
) -> None:
    near, other = patrol
    warga = button.page
    await warga.context.set_offline(True)
    await button.hold()
    await expect(warga.get_by_role("link", name="Telepon 110")).to_be_visible()
    await warga.context.set_offline(False)
    await expect(heading(warga)).to_have_text("Alarm diterima Polsek Kota")

    await desk.choose_first()
    await desk.page.keyboard.press("t")
    await expect(warga.get_by_text("Meja komando sudah melihat")).to_be_visible()
    for phone in patrol:
        await phone.get_by_role("button", name="TERIMA").click()
    await expect(near.get_by_role("region", name="Petugas di alarm ini")).to_contain_text(
        "Cadangan"
    )

    # The server dies and comes back in the middle of it: nobody has to do anything but go on.
    house.kill("serve")
    await near.get_by_role("button", name="BERANGKAT").click()
    await expect(near.get_by_role("alert")).to_be_visible()
    await expect(warga.get_by_text("Sambungan terputus")).to_be_visible()
    house.start_server()
    await expect(near.get_by_text("Terhubung")).to_be_visible()
    await near.get_by_role("button", name="BERANGKAT").click()
    await expect(heading(warga)).to_have_text("Petugas sedang menuju Anda")
    await expect(desk.detail).to_contain_text("Menuju lokasi")

    # Where the person goes, the way there goes too.
    moved = regency.at(200)
    await warga.context.set_geolocation({"latitude": moved.lat, "longitude": moved.lon})
    to = re.compile(f"^geo:{str(moved.lat)[:8]}")
    await expect(near.get_by_role("link", name="Navigasi")).to_have_attribute("href", to)

    # Everybody opens their page anew, and is where they were.
    await warga.close()
    warga = await warga.context.new_page()
    await warga.goto("/masyarakat/")
    for page in (near, other, desk.page):
        await page.reload()
    await expect(heading(warga)).to_have_text("Petugas sedang menuju Anda")
    await expect(other.get_by_role("button", name="BERANGKAT")).to_be_visible()
    await near.get_by_role("button", name="SUDAH TIBA").click()
    await expect(heading(warga)).to_have_text("Petugas sudah di lokasi")

    await desk.choose_first()
    await desk.page.keyboard.press("u")
    dialog = desk.page.get_by_role("dialog")
    await dialog.locator("[name=disposition]").select_option("genuine")
    await dialog.locator("[name=note]").fill("Pelaku diserahkan")
    await dialog.get_by_role("button", name="Tutup alarm").click()
    await expect(heading(warga)).to_have_text("Alarm selesai")
    for phone in patrol:
        await expect(phone.get_by_role("alert")).to_contain_text("Alarm ini sudah selesai")
    await expect(desk.queue).to_have_count(0)


def heading(page: Page) -> Locator:
    return page.get_by_role("heading")
