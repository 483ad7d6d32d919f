"""Duplicates merged and parted by keyboard; an alarm handed to the desk next door."""

import pytest
from playwright.async_api import expect

from cas_server.db.session import Database
from tests.browser.conftest import PASSWORD, OpenPage
from tests.browser.seats import Desk
from tests.browser.test_komando import press
from tests.factories import Person, Regency, make_masyarakat, make_staff
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-desk")


async def test_a_duplicate_is_proposed_merged_by_keyboard_and_parted_again(
    desk: Desk,
    house: House,
    citizen: Person,
    officer: Person,
    regency: Regency,
    live_database: Database,
) -> None:
    page, detail = desk.page, desk.detail
    async with live_database.transaction() as session:
        other = await make_masyarakat(session)
    await press(house, citizen, regency, kind="crime")
    await press(house, other, regency, kind="accident")
    await expect(desk.queue).to_have_count(2)

    await desk.choose_first()
    await expect(detail).to_contain_text("Mungkin kejadian yang sama")
    await page.keyboard.press("d")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("dihentikan, dan mereka diberi tahu")
    await expect(dialog).to_contain_text("keluar dari antrean")
    await dialog.get_by_role("button", name="Gabung duplikat").click()

    await expect(desk.queue).to_have_count(1)
    await expect(detail).to_contain_text("Digabung ke sini")
    await expect(detail).to_contain_text(officer.name)
    await detail.get_by_role("button", name="Buka #").click()
    await expect(detail).to_contain_text("Digabung ke alarm nomor")
    await expect(detail.get_by_role("button", name="Tugaskan Personil")).to_have_count(0)
    await page.reload()
    await expect(desk.queue).to_have_count(1)

    await desk.choose_first()
    await detail.get_by_role("button", name="Buka #").click()
    await detail.get_by_role("button", name="Pisahkan lagi").click()
    await expect(desk.queue).to_have_count(2)


async def test_an_alarm_handed_next_door_rings_there_and_is_only_looked_at_here(
    desk: Desk,
    open_page: OpenPage,
    house: House,
    citizen: Person,
    regency: Regency,
    live_database: Database,
) -> None:
    page, detail = desk.page, desk.detail
    async with live_database.transaction() as session:
        code = regency.neighbour.code
        await make_staff(session, regency.neighbour, username=code, password=PASSWORD, demo=True)
    there = Desk(await open_page("/komando/", viewport={"width": 1100, "height": 700}))
    await there.sign_in(code, PASSWORD)
    await press(house, citizen, regency)
    await desk.choose_first()
    await page.keyboard.press("t")
    await expect(detail).to_contain_text("Diterima meja oleh")
    await expect(there.queue).to_have_count(0)

    await page.keyboard.press("o")
    dialog = page.get_by_role("dialog")
    options = dialog.locator("[name=satuan] option")
    await dialog.locator("[name=satuan]").select_option(
        label=await options.filter(has_text=regency.rengel.name).first.inner_text()
    )
    await expect(dialog).to_contain_text(f"Berbunyi di meja {regency.rengel.name}")
    await page.fill("[name=reason]", "kejadian di seberang batas")
    await page.keyboard.press("Enter")

    await expect(there.page.get_by_text("Sirene berbunyi")).to_be_visible()
    await expect(detail).to_contain_text("kejadian di seberang batas")
    await expect(detail.get_by_role("button", name="Tutup alarm")).to_have_count(0)
    await there.choose_first()
    await there.page.keyboard.press("t")
    await expect(there.detail).to_contain_text("Diterima meja oleh")
    await expect(there.detail).to_contain_text(f"Dioper dari {regency.kota.name}")
    await expect(detail).to_contain_text("Diterima meja oleh")
