"""A passkey in a real browser: made at the first sign-in, and enough for the next."""

import pytest
from playwright.async_api import Browser, expect

from cas_server.db.session import Database
from tests.browser.conftest import PASSWORD
from tests.factories import Regency, make_staff
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-desk")

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def test_a_passkey_is_made_at_the_first_sign_in_and_opens_the_desk_alone(
    browser: Browser, house: House, live_database: Database, regency: Regency
) -> None:
    username = f"sari.{regency.polres.code}"
    async with live_database.transaction() as session:
        await make_staff(session, regency.polres, username=username, password=PASSWORD)
    # Passkeys belong to a name; without CAS_PUBLIC_URL that is localhost.
    context = await browser.new_context(base_url=f"http://localhost:{house.port}")
    page = await context.new_page()
    device = await context.new_cdp_session(page)
    await device.send("WebAuthn.enable")
    await device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    await page.goto("/komando/")
    await page.fill("[name=username]", username)
    await page.fill("[name=password]", PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Pakai passkey perangkat ini").click()
    await expect(page.locator("li code")).to_have_count(10)
    await page.get_by_role("button", name="Sudah saya simpan").click()
    await expect(page.get_by_text("Terhubung")).to_be_visible()
    await page.get_by_role("button", name="Keluar").click()

    await page.get_by_role("button", name="Masuk dengan passkey").click()

    await expect(page.get_by_text("Terhubung")).to_be_visible()
    await context.close()
