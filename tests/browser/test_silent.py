"""A silent press: the officers are told, and the screen tells nobody."""

import pytest
from playwright.async_api import expect

from cas_server.db.session import Database
from tests.browser.seats import Button
from tests.browser.test_practice import FEEL
from tests.factories import Regency

pytestmark = pytest.mark.xdist_group("browser-phone")


# Every way a page has to be heard.
LISTEN = """() => {
    window.heard = 0;
    for (const [kind, act] of [[AudioScheduledSourceNode, "start"], [HTMLMediaElement, "play"],
        [SpeechSynthesis, "speak"]])
        kind.prototype[act] = () => { window.heard += 1; };
}"""


async def test_a_silent_press_darkens_the_screen_until_it_is_tapped_also_after_a_reload(
    button: Button, regency: Regency, live_database: Database
) -> None:
    page = button.page
    await page.get_by_label("Tekan diam-diam").check()
    await page.evaluate(FEEL)
    await page.evaluate(LISTEN)
    await button.begin()
    dark = page.get_by_role("button", name="Layar gelap")
    await expect(dark).to_be_visible()
    assert await page.evaluate("() => felt") == []
    await page.mouse.up()
    box = await dark.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (412, 915)
    black = "one => getComputedStyle(one).backgroundColor"
    assert await dark.evaluate(black) == "rgb(0, 0, 0)"
    assert await page.evaluate("() => heard") == 0

    await page.reload()
    await dark.click()

    await expect(page.get_by_role("heading")).to_contain_text("Alarm diterima")
    async with live_database.reading() as session:
        silent = await session.sql.fetchval(
            "SELECT silent FROM alarm WHERE satuan_path = $1", regency.kota.path
        )
    assert silent is True
    await page.get_by_role("button", name="Gelapkan layar").click()
    await expect(dark).to_be_visible()
