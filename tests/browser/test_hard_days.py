"""The days an alarm must survive: a wrong clock, a network that breaks, two tabs, two phones."""

from datetime import timedelta

import pytest
from playwright.async_api import Page, Route, expect

from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from tests.browser.conftest import OpenPage
from tests.browser.seats import Button
from tests.factories import Regency
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-phone")

SLOW_MS = 3_000


async def raised(database: Database, regency: Regency) -> list[tuple[str, bool]]:
    """The alarms of a regency: how sure it is who pressed, and whether they came late."""
    async with database.reading() as session:
        rows = await session.sql.fetch(
            "SELECT verification, late_s IS NOT NULL AS late FROM alarm"
            " WHERE satuan_path LIKE $1 || '%'",
            regency.polres.path,
        )
    return [(row["verification"], row["late"]) for row in rows]


async def is_followed(page: Page) -> None:
    await expect(page.get_by_role("heading")).to_contain_text("Alarm diterima")


async def make_slow(page: Page) -> None:
    """Three seconds there and back, as at the edge of a cell."""
    line = await page.context.new_cdp_session(page)
    await line.send("Network.enable")
    await line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": SLOW_MS, "downloadThroughput": -1, "uploadThroughput": -1},
    )


async def break_every_fifth(page: Page) -> None:
    asked = tried = 0

    async def broken(route: Route) -> None:
        nonlocal asked
        asked += 1
        await (route.abort() if asked % 5 == 1 else route.continue_())

    async def press(route: Route) -> None:
        """The first try is lost on its way, the answer to the second on its way back."""
        nonlocal tried
        tried += 1
        if tried == 2:
            await route.fetch()
        await (route.abort() if tried < 3 else route.continue_())

    await page.route("**/v1/**", broken)
    await page.route("**/v1/alarms/*", press)


@pytest.mark.parametrize("ahead", [timedelta(days=1), timedelta(days=-1)])
async def test_a_phone_whose_clock_is_wrong_by_a_day_presses_as_any_other(
    button: Button, regency: Regency, live_database: Database, ahead: timedelta
) -> None:
    await button.page.clock.install(time=utc_now() + ahead)
    await button.page.reload()
    await expect(button.big).to_be_visible()

    await button.hold()

    await is_followed(button.page)
    await expect(button.page.get_by_text("Sambungan terputus")).to_have_count(0)
    assert await raised(live_database, regency) == [("verified", False)]


async def test_on_a_network_that_is_slow_and_breaks_one_press_is_one_alarm(
    button: Button, regency: Regency, live_database: Database
) -> None:
    await make_slow(button.page)
    await break_every_fifth(button.page)

    await button.hold()
    # From the first failure on there is a number to call.
    await expect(button.page.get_by_role("link", name="Telepon 110")).to_be_visible()

    await is_followed(button.page)
    assert await raised(live_database, regency) == [("verified", False)]


async def test_two_tabs_and_a_second_phone_of_the_same_person_follow_one_alarm(
    open_page: OpenPage, house: House, regency: Regency, live_database: Database
) -> None:
    there = {
        "geolocation": {"latitude": regency.centre.lat, "longitude": regency.centre.lon},
        "permissions": ["geolocation"],
        "viewport": {"width": 412, "height": 915},
    }
    number = "0813 5552 7788"
    first = Button(await open_page("/masyarakat/", **there))
    await first.register(house, number)
    await first.agree()
    tab = await first.page.context.new_page()
    await tab.goto("/masyarakat/")
    second = Button(await open_page("/masyarakat/", **there))
    await second.register(house, number)

    await first.hold()

    for page in (first.page, tab, second.page):
        await is_followed(page)
    # The other tab was shown it by the server, and sends nothing of its own.
    await tab.reload()
    await is_followed(tab)
    assert await raised(live_database, regency) == [("verified", False)]
