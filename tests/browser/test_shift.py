"""A shift at the desk: by keyboard alone, handed over to the next, and seen on the wall."""

import re

import pytest
from playwright.async_api import expect

from cas_server.db.session import Database
from tests.browser.conftest import PASSWORD, OpenPage
from tests.browser.seats import Desk
from tests.browser.test_komando import press
from tests.factories import Person, Regency, make_personil, make_staff
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-desk")


@pytest.mark.usefixtures("operator")
async def test_an_alarm_goes_from_new_to_closed_with_the_keyboard_alone(
    open_page: OpenPage,
    house: House,
    citizen: Person,
    regency: Regency,
    live_database: Database,
) -> None:
    async with live_database.transaction() as session:
        sent = await make_personil(session, regency.kota, regency.at(9_500))
    page = await open_page("/komando/", viewport={"width": 1440, "height": 900})
    keys, desk = page.keyboard, Desk(page)
    await expect(page.locator("[name=username]")).to_be_focused()
    await keys.type(regency.polres.code)
    await keys.press("Tab")
    await keys.type(PASSWORD)
    await keys.press("Enter")
    await expect(page.get_by_text("Terhubung")).to_be_visible()

    # F5 in the middle of a call: the browser asks first, and what was written is still there.
    await keys.press("n")
    await keys.type("Pak Darmo")
    async with page.expect_event("dialog") as asked:
        # Not within the call: the question would wait for its end, and it for the answer.
        await page.evaluate("() => { setTimeout(() => location.reload()); }")
    await (await asked.value).dismiss()
    await expect(page.locator("[name=caller_name]")).to_have_value("Pak Darmo")
    await keys.press("Escape")

    await press(house, citizen, regency)
    await desk.choose_first()
    await keys.press("t")
    await expect(desk.detail).to_contain_text("Diterima meja oleh")

    await keys.press("p")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await keys.type(sent.name)
    await keys.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text(sent.name)
    await keys.press("Tab")
    await expect(dialog.get_by_role("button", name="Tugaskan")).to_be_focused()
    await keys.press("Enter")
    responder = desk.detail.locator("li", has_text=sent.name).filter(has_text="Utama ·")
    await expect(responder).to_be_visible()

    await keys.press("u")
    await expect(dialog).to_be_visible()
    await keys.type("Benar")
    await keys.press("Tab")
    await keys.type("Pelaku diamankan")
    await keys.press("Tab")
    await keys.press("Tab")
    await keys.press("Enter")

    await expect(dialog).to_be_hidden()
    await expect(desk.queue).to_have_count(0)


async def test_a_note_is_left_by_one_shift_and_taken_by_the_next(
    desk: Desk, open_page: OpenPage, regency: Regency, live_database: Database
) -> None:
    name = f"{regency.polres.code}-pagi"
    async with live_database.transaction() as session:
        await make_staff(session, regency.polres, username=name, password=PASSWORD, demo=True)
    await desk.page.keyboard.press("s")
    await desk.page.fill("[name=shift_note]", "Alarm 12: pantau Jl. Veteran")
    await desk.page.get_by_role("button", name="Simpan catatan").click()
    notes = desk.page.get_by_role("dialog")
    await expect(notes).to_contain_text("BELUM DIBACA")
    await expect(notes.get_by_role("button", name="Saya sudah membaca")).to_have_count(0)

    following = Desk(await open_page("/komando/", viewport={"width": 1440, "height": 900}))
    await following.sign_in(name, PASSWORD)
    await following.page.get_by_role("button", name="1 catatan belum dibaca").click()
    theirs = following.page.get_by_role("dialog")
    await expect(theirs).to_contain_text("Alarm 12: pantau Jl. Veteran")
    await theirs.get_by_role("button", name="Saya sudah membaca").click()

    await expect(theirs).to_contain_text("diambil alih Operator")
    await expect(following.page.get_by_text("catatan belum dibaca")).to_have_count(0)


@pytest.mark.usefixtures("officer")
async def test_the_screen_on_the_wall_shows_alarms_and_figures_and_nobodys_name(
    desk: Desk, house: House, citizen: Person, regency: Regency
) -> None:
    page = desk.page
    await press(house, citizen, regency, kind="medical", note="Ibu Sari pingsan")
    await expect(desk.queue).to_have_count(1)
    await page.keyboard.press("w")
    wall = page.get_by_role("complementary", name="Layar besar")
    await expect(wall).to_contain_text("Medis")
    await expect(wall).to_contain_text("Alarm per jam")
    await expect(page.get_by_text("Sirene berbunyi")).to_be_hidden()
    await expect(page).to_have_title(re.compile(r"^\(1\) ALARM"))

    await page.reload()

    await expect(wall).to_contain_text("Medis")
    for personal in (citizen.name, "Ibu Sari", "Operator "):
        await expect(page.get_by_text(personal)).to_have_count(0)
    await page.keyboard.press("j")
    await expect(desk.detail).to_be_hidden()
    await page.keyboard.press("w")
    await expect(desk.queue).to_have_count(1)
