"""The Polda's own account in a real browser: off to the provider, back, and on watch."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.factories import Person, Regency
from tests.identity import oidc_server
from tests.identity.oidc_server import CLIENT_ID, CLIENT_SECRET, Provider
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-desk")


@pytest.fixture
def provider() -> Iterator[Provider]:
    with oidc_server.running() as provider:
        yield provider


@pytest.fixture
def polda(live_dsn: str, provider: Provider, tmp_path: Path) -> Iterator[House]:
    """A server whose staff sign in through the provider."""
    settings = {
        "CAS_DEMO": "1",
        "CAS_OIDC_ISSUER": provider.url,
        "CAS_OIDC_CLIENT_ID": CLIENT_ID,
        "CAS_OIDC_CLIENT_SECRET": CLIENT_SECRET,
    }
    house = House(live_dsn, tmp_path, settings)
    try:
        house.start_server()
        yield house
    finally:
        house.close()


@pytest_asyncio.fixture
async def page(browser: Browser, polda: House) -> AsyncIterator[Page]:
    # The name that the server gives the provider to come back to; the cookie belongs to it.
    context = await browser.new_context(base_url=f"http://localhost:{polda.port}")
    page = await context.new_page()
    await page.goto("/komando/")
    yield page
    await context.close()


async def test_staff_come_in_through_the_button_of_the_polda(
    page: Page, provider: Provider, operator: Person, regency: Regency
) -> None:
    provider.username = regency.polres.code

    await page.get_by_role("link", name="Masuk lewat akun Polda").click()

    await expect(page.get_by_text("Terhubung")).to_be_visible()
    assert page.url.endswith("/komando/"), "the one-time code is gone from the address"
    await page.get_by_role("button", name="Akun & keamanan").click()
    sheet = page.get_by_role("dialog", name="Akun & keamanan")
    await expect(sheet.get_by_text("Chrome, Linux")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_text(operator.name)).to_have_count(1)


async def test_somebody_whom_only_the_provider_knows_is_told_so_and_may_try_by_hand(
    page: Page, provider: Provider
) -> None:
    provider.username = "tidak-ada"

    await page.get_by_role("link", name="Masuk lewat akun Polda").click()

    await expect(page.get_by_text("Akun Polda tidak dapat dipakai")).to_be_visible()
    await expect(page.locator("[name=username]")).to_be_visible()
