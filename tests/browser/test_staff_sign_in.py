"""Staff at the desk's sign-in: a one-time password, an authenticator app, and the next morning."""

import re
from datetime import timedelta

import pyotp
import pytest
from playwright.async_api import Page, expect

from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from tests.browser.conftest import PASSWORD, OpenPage
from tests.factories import Regency, make_staff

pytestmark = pytest.mark.xdist_group("browser-desk")

NEW = "kuda lumping makan beling"


async def hire(database: Database, regency: Regency) -> str:
    """An operator with a one-time password; what they type as username."""
    username = f"sri.{regency.polres.code}"
    async with database.transaction() as session:
        await make_staff(session, regency.polres, username=username, password=PASSWORD)
        await session.sql.execute(
            "UPDATE account SET password_change_by = $2 WHERE username = $1",
            username, utc_now() + timedelta(days=1),
        )  # fmt: skip
    return username


async def give_password(page: Page, username: str, password: str) -> None:
    await page.fill("[name=username]", username)
    await page.fill("[name=password]", password)
    await page.keyboard.press("Enter")


async def give_code(page: Page, code: str) -> None:
    await page.fill("[name=code]", code)
    await page.keyboard.press("Enter")


async def test_an_operator_changes_the_one_time_password_enrols_an_app_and_signs_in_with_it(
    open_page: OpenPage, live_database: Database, regency: Regency
) -> None:
    username = await hire(live_database, regency)
    page = await open_page("/komando/")
    await give_password(page, username, PASSWORD)

    await page.fill("[name=new]", "polisi110polisi110")
    await page.fill("[name=again]", "polisi110polisi110")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Kata sandi ditolak")).to_be_visible()
    await page.fill("[name=new]", NEW)
    await page.fill("[name=again]", NEW)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Mulai").click()
    key = await page.locator("code.secret").inner_text()
    app = pyotp.TOTP(re.sub(r"\s", "", key))
    await give_code(page, app.at(utc_now()))
    await expect(page.locator("li code")).to_have_count(10)
    recovery_code = await page.locator("li code").first.inner_text()
    await page.get_by_role("button", name="Sudah saya simpan").click()
    await expect(page.get_by_text("Terhubung")).to_be_visible()

    next_day = await open_page("/komando/")
    await give_password(next_day, username, NEW)
    await give_code(next_day, "000000")
    await expect(next_day.get_by_text("Kode salah atau sudah dipakai")).to_be_visible()
    await give_code(next_day, app.at(utc_now(), counter_offset=1))
    await expect(next_day.get_by_text("Terhubung")).to_be_visible()

    phone_lost = await open_page("/komando/")
    await give_password(phone_lost, username, NEW)
    await give_code(phone_lost, recovery_code)
    await expect(phone_lost.get_by_text("Terhubung")).to_be_visible()
