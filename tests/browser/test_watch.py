"""A watch at the desk: what a new alarm does to the room, and what says that the picture is old."""

import os
import re
import signal

import pytest
from playwright.async_api import Page, expect

from cas_server.db.session import Database
from tests.browser.conftest import PASSWORD, OpenPage
from tests.browser.seats import Desk
from tests.browser.test_komando import press
from tests.factories import Person, Regency, make_masyarakat
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-desk")

MANY = 20
# The outside: a machine with an Indonesian voice, which writes down what it is given to say.
SPEAKING_MACHINE = """
window.said = [];
Object.defineProperty(window, "speechSynthesis", { value: {
    getVoices: () => [{ lang: localStorage.getItem("machine.voice") ?? "id-ID" }],
    addEventListener: () => undefined,
    speak: (sentence) => { window.said.push([sentence.lang, sentence.text]); sentence.onend?.(); },
}});
"""


async def _seat(page: Page, regency: Regency) -> Desk:
    await page.add_init_script(SPEAKING_MACHINE)
    await page.reload()
    desk = Desk(page)
    await desk.sign_in(regency.polres.code, PASSWORD)
    return desk


@pytest.mark.usefixtures("operator")
async def test_a_new_alarm_is_spoken_and_flashes_and_muting_speech_leaves_the_siren(
    open_page: OpenPage, house: House, citizen: Person, regency: Regency
) -> None:
    desk = await _seat(await open_page("/komando/"), regency)
    await press(house, citizen, regency)
    await expect(desk.page.locator(".flash")).to_have_count(1)
    await desk.page.wait_for_function("() => window.said.length === 1")
    [[language, said]] = await desk.page.evaluate("() => window.said")
    assert language == "id-ID"
    assert said.startswith("Alarm baru, ")

    await desk.page.keyboard.press("m")

    await expect(desk.page.get_by_role("button", name="Ucapan mati")).to_be_visible()
    await expect(desk.page.get_by_text("Sirene berbunyi")).to_be_visible()
    await desk.page.reload()
    await expect(desk.page.get_by_role("button", name="Ucapan mati")).to_be_visible()
    await expect(desk.queue.first).to_be_visible()
    assert await desk.page.evaluate("() => window.said") == [], "what a page opens with is not news"

    # A machine that speaks only English says so before anybody relies on it.
    await desk.page.keyboard.press("m")
    await expect(desk.page.get_by_role("button", name="Ucapan menyala")).to_be_visible()
    await desk.page.evaluate("() => localStorage.setItem('machine.voice', 'en-US')")
    await desk.page.reload()
    mute = desk.page.get_by_role("button", name="Komputer ini tidak punya suara Bahasa Indonesia")
    await expect(mute).to_be_visible()


@pytest.mark.usefixtures("officer")
async def test_time_in_status_turns_amber_and_red_and_says_so_in_signs(
    desk: Desk, house: House, citizen: Person, regency: Regency, live_database: Database
) -> None:
    await press(house, citizen, regency)
    pace = desk.queue.first.locator(".pace")
    await expect(pace).to_have_attribute("data-pace", "calm")

    # It turns amber after 15 s and red after 30: a slow reload still sees it become amber.
    await _pressed_earlier(live_database, 8)
    await desk.page.reload()
    await expect(pace).to_contain_text("mulai lama")
    await expect(pace.locator("b")).to_have_text("!")

    await _pressed_earlier(live_database, 30)
    await desk.page.reload()
    await expect(pace).to_contain_text("terlalu lama")
    await expect(pace.locator("b")).to_have_text("!!")

    # Far below what is in sight nothing is counted; seen, it is as old as it is.
    await desk.page.set_viewport_size({"width": 1100, "height": 400})
    for _ in range(MANY):
        async with live_database.transaction() as session:
            neighbour = await make_masyarakat(session)
        await press(house, neighbour, regency)
    last = desk.queue.nth(MANY)
    assert await last.evaluate("one => !one.checkVisibility({ contentVisibilityAuto: true })")
    await expect(desk.queue.nth(1).locator(".age")).to_have_text(re.compile(r"^([5-9]|\d\d) dtk"))
    await last.scroll_into_view_if_needed()
    await expect(last.locator(".age")).to_have_text(re.compile(r"^([2-9]|\d\d) dtk"))


async def _pressed_earlier(database: Database, seconds: int) -> None:
    async with database.transaction() as session:
        await session.sql.execute(
            "UPDATE alarm SET raised_at = raised_at - make_interval(secs => $1)", seconds
        )


async def test_a_silent_server_makes_the_page_say_large_how_old_its_picture_is(
    desk: Desk, house: House
) -> None:
    age = desk.page.get_by_title("Umur gambar")
    await expect(age).to_have_text(re.compile(r"^[0-4] dtk$"))
    large = desk.page.get_by_text("GAMBAR BERUMUR")
    await expect(large).to_be_hidden()

    os.kill(house.pid("serve"), signal.SIGSTOP)
    try:
        await expect(large).to_have_text(re.compile(r"[5-7] dtk"))
        size = await large.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
        assert size >= 28
    finally:
        os.kill(house.pid("serve"), signal.SIGCONT)

    await expect(large).to_be_hidden()


async def test_a_desk_is_told_when_nobody_works_behind_the_server(
    desk: Desk, house: House, live_database: Database
) -> None:
    alert = desk.page.get_by_role("alert").filter(has_text="bagian sistem yang berhenti")
    await expect(desk.queue).to_have_count(0)
    house.kill("work")
    async with live_database.transaction() as session:
        await session.sql.execute("UPDATE beat SET at = now() - interval '90 seconds'")
    await expect(alert).to_contain_text("proses pekerja berhenti")

    house.start_worker()

    await expect(alert).to_have_count(0)
