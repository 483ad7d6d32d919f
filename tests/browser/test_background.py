"""A press whose page was closed before it got out is sent by the service worker."""

import pytest
from playwright.async_api import Page, expect

from cas_server.db.session import Database
from tests.browser.conftest import OpenPage
from tests.browser.seats import Button
from tests.browser.test_installing import KEPT
from tests.browser.test_masyarakat import trust_near
from tests.factories import Regency
from tests.live.house import House

LEFT = """() => indexedDB.databases()
    .then((all) => all.some((one) => one.name === "cas.masyarakat.press"))"""
ASKED = "() => navigator.serviceWorker.ready.then((it) => it.sync.getTags())"

pytestmark = pytest.mark.xdist_group("browser-phone")


async def until_it_came(page: Page, database: Database, regency: Regency) -> list[str]:
    """How sure it is who pressed the alarms of a regency, once there is one."""
    while not (found := await trust_near(database, regency)):
        # The browser is asked something real, so that the wait costs nobody a busy processor.
        await page.wait_for_function("() => true", polling=100)
    return found


async def test_a_press_goes_out_although_its_page_was_closed(
    open_page: OpenPage, house: House, regency: Regency, live_database: Database
) -> None:
    page = await open_page(
        "/masyarakat/",
        viewport={"width": 412, "height": 915},
        geolocation={"latitude": regency.centre.lat, "longitude": regency.centre.lon},
        permissions=["geolocation", "background-sync"],
        service_workers="allow",
    )
    button = Button(page)
    await button.register(house)
    await button.agree()
    await page.evaluate(KEPT)
    other = await page.context.new_page()
    # The page's own tries get nowhere; the worker's are another matter.
    await page.route("**/v1/alarms/*", lambda route: route.abort())
    await page.bring_to_front()

    await button.hold()
    await expect(page.get_by_text("Belum sampai ke server")).to_be_visible()
    # Handed over, whether or not the browser has called the worker already.
    await page.wait_for_function(LEFT)
    await page.evaluate(ASKED)
    await page.close()

    assert await until_it_came(other, live_database, regency) == ["verified"]
