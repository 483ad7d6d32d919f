"""Whoever registers reads what is kept of them, in the server's words, and may say yes or later."""

import pytest
from playwright.async_api import expect

from cas_server.db.session import Database
from cas_server.identity import consent
from tests.browser.conftest import OpenPage
from tests.browser.seats import Button
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-phone")


async def consents(database: Database) -> int:
    async with database.reading() as session:
        count: int = await session.sql.fetchval(
            "SELECT count(*) FROM consent WHERE version = $1", consent.VERSION
        )
    return count


async def test_the_text_is_shown_with_its_version_and_agreeing_is_kept(
    open_page: OpenPage, house: House, live_database: Database
) -> None:
    button = Button(await open_page("/masyarakat/", viewport={"width": 360, "height": 740}))
    await button.register(house)
    before = await consents(live_database)
    page = button.page

    await expect(page.get_by_text(f"Naskah {consent.VERSION}")).to_be_visible()
    await expect(page.get_by_text("Undang-Undang Nomor 27 Tahun 2022")).to_be_visible()
    await expect(page.get_by_role("button", name="Saya setuju")).to_be_in_viewport()
    await expect(page.get_by_role("button", name="Nanti saja")).to_be_in_viewport()
    await button.agree()
    await page.reload()

    await expect(button.big).to_be_visible()
    assert await consents(live_database) == before + 1


@pytest.mark.usefixtures("regency")
async def test_without_agreeing_the_button_works_and_the_text_comes_again(
    open_page: OpenPage, house: House
) -> None:
    button = Button(await open_page("/masyarakat/", viewport={"width": 360, "height": 740}))
    await button.register(house)
    page = button.page

    await page.get_by_role("button", name="Nanti saja").click()
    await expect(page.get_by_role("heading")).to_have_text("PIN pembatalan")
    await page.get_by_role("button", name="Nanti saja").click()
    await expect(button.big).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading")).to_have_text("Data pribadi Anda")
    await page.get_by_role("button", name="Nanti saja").click()
    await button.hold()

    await expect(page.get_by_role("heading")).to_contain_text("Alarm diterima")
