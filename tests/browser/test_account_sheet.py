"""Staff and their own account: where it is signed in, what proves them, and proofs on the way."""

import re

import pyotp
import pytest
from playwright.async_api import Page, expect

from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from tests.browser.conftest import PASSWORD, OpenPage
from tests.browser.seats import Desk
from tests.factories import Person, Regency, make_staff
from tests.live.house import House
from tests.live.watcher import phones

pytestmark = pytest.mark.xdist_group("browser-desk")

WIDE = {"width": 1440, "height": 900}
NEW = "kuda lumping makan beling"
WHY = "menelepon balik, posisi kurang jelas"


async def age_proofs(database: Database, who: Person) -> None:
    """As if everybody had signed in a while ago."""
    async with database.transaction() as session:
        await session.sql.execute(
            """UPDATE credential SET verified_at = now() - interval '11 minutes'
               WHERE account_id = $1""",
            who.account_id,
        )  # fmt: skip


async def prove(page: Page, password: str) -> None:
    await page.fill("[name=proof]", password)
    await page.keyboard.press("Enter")


async def test_a_reveal_asks_for_a_proof_loses_nothing_and_is_then_done(
    desk: Desk,
    house: House,
    operator: Person,
    citizen: Person,
    regency: Regency,
    live_database: Database,
) -> None:
    page = desk.page
    async with phones(house) as phone:
        await phone.raised(citizen, regency.centre)
    await age_proofs(live_database, operator)
    await desk.choose_first()
    await page.get_by_role("button", name="Tampilkan", exact=True).click()
    await page.fill("[name=reveal_reason]", WHY)
    await page.get_by_role("button", name="Tampilkan identitas").click()
    question = page.get_by_role("dialog", name="Buktikan bahwa ini Anda")
    await expect(question.locator("[name=proof]")).to_be_focused()

    await page.keyboard.press("Escape")
    await expect(page.get_by_text("Isian Anda masih ada")).to_be_visible()
    await expect(page.locator("[name=reveal_reason]")).to_have_value(WHY)
    await page.get_by_role("button", name="Tampilkan identitas").click()
    await prove(page, "bukan-itu")
    await expect(question.get_by_text("Kata sandi salah")).to_be_visible()
    await prove(page, PASSWORD)

    await expect(page.locator(".reporter strong")).to_have_text(re.compile("Warga"))
    await expect(page.get_by_text("Terhubung")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("Terhubung")).to_be_visible()


async def enrolled(open_page: OpenPage, username: str) -> Page:
    """Somebody of the staff at their desk, with an authenticator app."""
    page = await open_page("/komando/", viewport=WIDE)
    await page.fill("[name=username]", username)
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Mulai").click()
    await expect(page.get_by_role("img", name="Gambar QR")).to_be_visible()
    app = pyotp.TOTP(re.sub(r"\s", "", await page.locator("code.secret").inner_text()))
    await page.fill("[name=code]", app.at(utc_now()))
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Sudah saya simpan").click()
    await expect(page.get_by_text("Terhubung")).to_be_visible()
    return page


async def sign_in_with(page: Page, username: str, code: str) -> None:
    await page.fill("[name=username]", username)
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.fill("[name=code]", code)
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Terhubung")).to_be_visible()


async def test_staff_see_their_sign_ins_end_one_change_the_password_and_the_app(
    open_page: OpenPage, live_database: Database, regency: Regency
) -> None:
    username = f"dewi.{regency.polres.code}"
    async with live_database.transaction() as session:
        dewi = await make_staff(session, regency.polres, username=username, password=PASSWORD)
    page = await enrolled(open_page, username)
    await page.get_by_role("button", name="Akun & keamanan").click()
    sheet = page.get_by_role("dialog", name="Akun & keamanan")
    await expect(sheet.get_by_text("Chrome, Linux")).to_be_visible()

    await sheet.get_by_role("button", name="Ganti aplikasi").click()
    await expect(sheet.get_by_role("img", name="Gambar QR")).to_be_visible()
    app = pyotp.TOTP(re.sub(r"\s", "", await sheet.locator("form code").inner_text()))
    # This step's code, then the next one's: both still hold when the half minute ends in between.
    await sheet.locator("[name=code]").fill(app.at(utc_now()))
    await page.keyboard.press("Enter")
    await expect(sheet.get_by_text("Aplikasi terpasang.")).to_be_visible()

    elsewhere = await open_page("/komando/")
    await sign_in_with(elsewhere, username, app.at(utc_now(), counter_offset=1))
    await page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()
    await page.get_by_role("button", name="Akun & keamanan").click()
    await expect(sheet.get_by_text("ini", exact=True)).to_have_count(1)
    await age_proofs(live_database, dewi)
    await sheet.get_by_role("button", name="Akhiri Chrome, Linux").first.click()
    await prove(page, PASSWORD)
    await expect(sheet.get_by_text("1 sesi lain diakhiri")).to_be_visible()
    await expect(elsewhere.get_by_text("Sesi berakhir")).to_be_visible()

    await sheet.locator("[name=old]").fill("bukan-itu")
    await sheet.locator("[name=new]").fill(NEW)
    await sheet.locator("[name=again]").fill(NEW)
    await page.keyboard.press("Enter")
    await expect(sheet.get_by_text("Kata sandi salah")).to_be_visible()
    await sheet.locator("[name=old]").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(sheet.get_by_text("Kata sandi diganti")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("Terhubung")).to_be_visible()


async def test_what_cannot_be_changed_of_a_shared_account_is_said(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="Akun & keamanan").click()
    sheet = desk.page.get_by_role("dialog", name="Akun & keamanan")

    await sheet.get_by_role("button", name="Pasang aplikasi").click()

    await expect(sheet.get_by_text("Akun simulasi dipakai bersama")).to_be_visible()
