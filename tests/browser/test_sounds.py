"""A sound from the page of the button to the desk: asked for, and kept without a network."""

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.seats import Button, Desk

pytestmark = pytest.mark.xdist_group("browser-phone")

ADD, STOP = "Rekam suara", "Selesai dan kirim"
_LOADED = """audio => new Promise((done, failed) => {
    if (audio.readyState > 0) done(true);
    audio.addEventListener("loadedmetadata", () => done(true));
    audio.addEventListener("error", () => failed(audio.error.message));
})"""


async def record(page: Page) -> None:
    """Until a whole second of it is there."""
    await page.get_by_role("button", name=ADD).click()
    await expect(page.get_by_text("Sedang merekam")).to_be_visible()
    await expect(page.get_by_role("button", name=STOP)).to_contain_text("1 dari 30")
    await page.get_by_role("button", name=STOP).click()


@pytest.mark.usefixtures("officer")
async def test_a_recording_waits_without_a_network_and_is_played_at_the_desk(
    button: Button, desk: Desk
) -> None:
    page = button.page
    await page.context.grant_permissions(["geolocation", "microphone"])
    await button.hold()
    await expect(page.get_by_role("heading")).to_contain_text("Alarm diterima")
    await expect(page.get_by_text("Sedang merekam")).to_have_count(0)
    await desk.choose_first()

    async def broken(route: Route) -> None:
        await route.abort()

    await page.route("**/sounds/*", broken)
    await record(page)
    await expect(page.get_by_role("alert")).to_contain_text("Disimpan di ponsel ini")
    await page.unroute("**/sounds/*")
    await page.reload()

    await expect(page.get_by_text("1 rekaman terkirim")).to_be_visible()
    await expect(page.get_by_role("button", name=ADD)).to_be_enabled()
    sound = desk.detail.locator("audio")
    await expect(sound).to_have_count(1)
    assert await sound.evaluate(_LOADED)


@pytest.mark.usefixtures("officer")
async def test_a_refused_microphone_is_said_in_plain_words_and_the_alarm_goes_on(
    button: Button,
) -> None:
    page = button.page
    await button.hold()
    await expect(page.get_by_role("heading")).to_contain_text("Alarm diterima")

    await page.get_by_role("button", name=ADD).click()

    await expect(page.get_by_role("alert")).to_contain_text("Mikrofon tidak diizinkan")
    await expect(page.get_by_role("heading")).to_contain_text("Alarm diterima")
    await expect(page.get_by_role("button", name=ADD)).to_be_enabled()
