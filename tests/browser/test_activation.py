"""An officer's new phone: it waits, and a printed code makes it whole."""

import pytest
from playwright.async_api import expect

from cas_server.db.session import Database
from cas_server.identity import activation
from cas_server.kit.clock import utc_now
from tests.browser.conftest import OpenPage
from tests.browser.seats import Button
from tests.factories import Regency, make_personil
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-phone")

PHONE = "0813 5552 9901"


async def test_a_printed_code_ends_the_waiting_of_an_officers_new_phone(
    open_page: OpenPage, house: House, live_database: Database, regency: Regency
) -> None:
    async with live_database.transaction() as session:
        officer = await make_personil(session, regency.kota, on_duty=False)
        await session.sql.execute(
            "UPDATE personil SET phone = '+6281355529901' WHERE id = $1", officer.holder_id
        )
        code = await activation.issue(session, officer.holder_id, utc_now())
    page = await open_page("/masyarakat/", viewport={"width": 360, "height": 740})
    button = Button(page)
    await button.register(house, PHONE)
    await expect(page.get_by_text("Ponsel baru: minta atasan")).to_be_visible()

    await page.get_by_role("button", name="Saya punya kode aktivasi").click()
    await page.fill("[name=activation]", "bukan-kode")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Kode aktivasi salah")).to_be_visible()
    await page.fill("[name=activation]", code)
    await page.keyboard.press("Enter")

    await expect(page.get_by_text("Ponsel baru: minta atasan")).to_have_count(0)
    await page.get_by_role("button", name="Nanti saja").click()
    await expect(button.big).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("Ponsel baru: minta atasan")).to_have_count(0)
