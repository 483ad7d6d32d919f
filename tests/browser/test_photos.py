"""Pictures from the button's page to the desk, and what the desk is shown of a flood."""

import re
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import expect

from cas_server.alarm.shaping import ENTRIES_PER_NETWORK
from cas_server.kit.ids import new_id
from tests.browser.seats import Button, Desk
from tests.factories import Regency
from tests.http.photos import ON_ITS_SIDE, photo, telling
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-desk")
FLOOD = 2 * ENTRIES_PER_NETWORK + 5
"""Counted by the minute: some are folded even when one ends on the way."""


@pytest.mark.usefixtures("officer")
async def test_a_photo_from_the_button_is_at_the_desk_without_asking_again(
    button: Button, desk: Desk, tmp_path: Path
) -> None:
    taken = tmp_path / "foto.jpg"
    taken.write_bytes(telling(ON_ITS_SIDE))
    await button.hold()
    await expect(button.page.get_by_role("heading")).to_contain_text("Alarm diterima")
    await desk.choose_first()

    await button.page.set_input_files("input[type=file]", taken)

    await expect(button.page.get_by_text("1 foto terkirim")).to_be_visible()
    thumbnail = desk.detail.get_by_role("img", name="Foto 1")
    await expect(thumbnail).to_be_visible()
    await desk.detail.get_by_role("button", name="Foto 1").click()
    large = desk.page.get_by_role("dialog").get_by_role("img")
    await expect(large).to_be_visible()
    size = await large.evaluate("image => [image.naturalWidth, image.naturalHeight]")
    assert size == [480, 640]
    await desk.page.keyboard.press("Escape")
    await expect(large).to_be_hidden()
    await expect(thumbnail).to_be_visible()


async def test_a_file_that_is_no_picture_is_refused_in_words(
    button: Button, tmp_path: Path
) -> None:
    page, wrong, right = tmp_path / "halaman.jpg", tmp_path / "salah.jpg", tmp_path / "benar.jpg"
    page.write_text("<script>alert(1)</script>")
    wrong.write_bytes(photo()[:400])
    right.write_bytes(photo())
    await button.hold()
    await expect(button.page.get_by_role("heading")).to_contain_text("Alarm diterima")

    await button.page.set_input_files("input[type=file]", page)
    await expect(button.page.get_by_role("alert")).to_contain_text("bukan foto")
    await button.page.set_input_files("input[type=file]", wrong)
    await expect(button.page.get_by_role("alert")).to_contain_text("rusak")
    await expect(button.page.get_by_role("button", name="Kirim foto itu lagi")).to_have_count(0)
    await button.page.set_input_files("input[type=file]", right)

    await expect(button.page.get_by_text("1 foto terkirim")).to_be_visible()
    await expect(button.page.get_by_role("alert")).to_have_count(0)


async def test_the_desk_reads_what_one_entry_stands_for(
    desk: Desk, house: House, regency: Regency
) -> None:
    at = {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 12}
    async with httpx2.AsyncClient(base_url=house.url) as phone:
        for number in range(FLOOD):
            body = {"position": at, "note": f"tolong {number}", "callback_phone": "0812000111"}
            answer = await phone.put(f"/v1/alarms/{new_id()}", json=body)
            assert answer.status_code == 201

    entry = desk.queue.filter(has_text="+").last
    await entry.click()
    folded = desk.detail.locator("details", has_text="tekanan lain dari jaringan ini")
    await folded.locator("summary").click()

    await expect(folded.get_by_text(re.compile(r"tolong \d+")).last).to_be_visible()
    await expect(folded.get_by_text(f"{at['lat']:.5f}, {at['lon']:.5f}").last).to_be_visible()
