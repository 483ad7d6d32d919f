"""The practice press: the same button, and nothing leaves the phone."""

import pytest
from playwright.async_api import Page, Request, expect

from cas_server.db.session import Database
from tests.browser.seats import Button
from tests.factories import Regency

pytestmark = pytest.mark.xdist_group("browser-phone")


async def test_a_practice_press_feels_real_and_sends_nothing(
    button: Button, regency: Regency, live_database: Database
) -> None:
    asked: list[Request] = []
    button.page.on("request", lambda request: asked.append(request))
    await button.page.get_by_role("button", name="Latihan menekan").click()
    await expect(button.page.get_by_role("status")).to_have_text("LATIHAN: tidak ada yang dikirim")

    await button.hold()

    await expect(button.page.get_by_role("heading")).to_have_text("Berhasil. Begitulah caranya.")
    assert [request.url for request in asked if request.method != "GET"] == []
    async with live_database.reading() as session:
        alarms = await session.sql.fetchval(
            "SELECT count(*) FROM alarm WHERE satuan_path = $1", regency.kota.path
        )
    assert alarms == 0
    await button.page.keyboard.press("Escape")
    await expect(button.big).to_be_visible()


# What a thumb feels, written down.
FEEL = """() => { window.felt = [];
    navigator.vibrate = (how) => { window.felt.push([how].flat().length); return true; }; }"""
# What a phone does when a call comes in, or somebody looks at another app.
HIDE = """(state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
# The ring: what of it moves, and for how long. Also where less motion was asked for.
FILLING = """(big) => big.querySelector(".fill").getAnimations()
    .map((one) => [one.transitionProperty, one.effect.getTiming().duration])"""
SECOND_FINGER = """(big) => {
    for (const what of ["pointerup", "pointercancel"])
        big.dispatchEvent(new PointerEvent(what, { pointerId: 99, bubbles: true }));
}"""


async def test_only_a_hold_that_lasts_closes_the_ring(button: Button) -> None:
    page = button.page
    await page.get_by_role("button", name="Latihan menekan").click()
    await page.clock.install()
    await page.evaluate(FEEL)

    await button.begin()
    await page.evaluate(HIDE, "hidden")
    await rests(page, button)
    await page.mouse.up()
    await page.evaluate(HIDE, "visible")

    # A key that is let go of where the page cannot see it: the focus has left meanwhile.
    await button.big.focus()
    await page.keyboard.down("Space")
    await expect(button.big).to_have_text("Tahan terus…")
    await page.get_by_role("button", name="Kembali ke tombol").focus()
    await rests(page, button)
    await page.keyboard.up("Space")

    await button.begin()
    assert await button.big.evaluate(FILLING) == [["stroke-dashoffset", 1_500]]
    await button.big.evaluate(SECOND_FINGER)
    await page.clock.run_for(1_500)
    await expect(button.big).to_have_count(0)
    # The beginning is felt each time, the closed ring with three parts once.
    assert await page.evaluate("() => felt") == [1, 1, 1, 3]


async def rests(page: Page, button: Button) -> None:
    await expect(button.big).to_have_text("Tekan dan tahan")
    await page.clock.run_for(3_000)
    await expect(button.big).to_have_text("Tekan dan tahan")
