"""One alarm seen by four at once: who pressed, who comes, who is not needed, and the desk."""

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from cas_server.db.session import Database
from tests.browser.conftest import OpenPage
from tests.browser.officers import KEEP, go_on_duty, open_phone, until_known
from tests.browser.seats import Button, Desk
from tests.factories import Regency, make_personil

pytestmark = pytest.mark.xdist_group("browser")


@pytest_asyncio.fixture
async def patrol(open_page: OpenPage, live_database: Database, regency: Regency) -> list[Page]:
    """Two officers' phones, on duty and known to be near."""
    pages = []
    for _ in range(2):
        async with live_database.transaction() as session:
            officer = await make_personil(session, regency.kota, on_duty=False)
        page = await open_phone(open_page, regency)
        await page.evaluate(KEEP, [officer.token, "+6281355539900"])
        await page.reload()
        await go_on_duty(page)
        pages.append(page)
    await until_known(live_database, pages[0], regency, len(pages))
    return pages


async def test_pressed_without_a_network_it_is_heard_answered_reached_and_closed(
    button: Button, desk: Desk, patrol: list[Page]
) -> None:
    near, other = patrol
    said = button.page.get_by_role("heading")
    await button.page.context.set_offline(True)
    await button.hold()
    await expect(button.page.get_by_role("link", name="Telepon 110")).to_be_visible()
    await button.page.context.set_offline(False)
    await expect(said).to_have_text("Alarm diterima Polsek Kota")

    await desk.choose_first()
    await desk.page.keyboard.press("t")
    await expect(button.page.get_by_text("Meja komando sudah melihat")).to_be_visible()
    await expect(other.get_by_role("button", name="TERIMA")).to_be_visible()
    await near.get_by_role("button", name="TERIMA").click()
    await near.get_by_role("button", name="BERANGKAT").click()
    await expect(said).to_have_text("Petugas sedang menuju Anda")
    await expect(desk.detail).to_contain_text("Menuju lokasi")
    await near.get_by_role("button", name="SUDAH TIBA").click()
    await expect(said).to_have_text("Petugas sudah di lokasi")

    await desk.page.keyboard.press("u")
    dialog = desk.page.get_by_role("dialog")
    await dialog.locator("[name=disposition]").select_option("genuine")
    await dialog.locator("[name=note]").fill("Pelaku diserahkan")
    await dialog.get_by_role("button", name="Tutup alarm").click()
    await expect(said).to_have_text("Alarm selesai")
    await expect(near.get_by_role("alert")).to_contain_text("Alarm ini sudah selesai")
    await expect(desk.queue).to_have_count(0)
