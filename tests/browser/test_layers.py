"""What the desk lays over the map: officers filtered and followed, warmth, a replay; figures."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.async_api import Locator, expect

from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from tests.browser.seats import Desk
from tests.browser.test_komando import press
from tests.factories import Person, Regency, make_personil
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-desk")

_TRACK = """
INSERT INTO track (alarm_id, personil_id, at, accuracy_m, fixed_at)
VALUES ($1, $2, ST_SetSRID(ST_MakePoint($3, $4), 4326), 5, $5)
"""


async def test_officers_are_filtered_on_list_and_map_and_one_is_followed(
    desk: Desk, regency: Regency, live_database: Database
) -> None:
    async with live_database.transaction() as session:
        near = await make_personil(session, regency.kota, regency.at(300), skills=("lantas",))
        far = await make_personil(session, regency.dander, regency.at(900), skills=("p3k",))
        old = await make_personil(session, regency.dander, regency.at(600), age_s=500)
    page = desk.page
    await page.reload()
    await page.keyboard.press("l")
    officers = page.get_by_role("region", name="Personil bertugas")
    rows = officers.locator("li button")
    await expect(rows).to_have_count(3)

    await officers.get_by_label("Keahlian", exact=True).select_option("lantas")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text(near.name)
    await expect(officers).to_contain_text("2 disembunyikan saringan")
    await officers.get_by_role("button", name="Tampilkan semua").click()
    await officers.get_by_label("Umur posisi").select_option("stale")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text(old.name)
    await officers.get_by_label("Umur posisi").select_option("all")
    await officers.get_by_label("Satuan", exact=True).select_option("Polsek Dander")
    await expect(rows).to_have_count(2)

    await officers.get_by_label("Jangkauan").select_option("2500")
    await expect(page.get_by_text("jangkauan 2,5 km", exact=True)).to_be_visible()
    await rows.filter(has_text=far.name).click()
    await page.keyboard.press("f")
    await expect(page.get_by_text(f"Mengikuti Bripka {far.name}")).to_be_visible()
    await page.get_by_role("button", name="Berhenti mengikuti").click()
    await expect(page.get_by_text("Mengikuti")).to_be_hidden()


async def test_a_finished_alarm_is_counted_warms_the_map_and_is_replayed_with_a_reason(
    desk: Desk,
    house: House,
    citizen: Person,
    officer: Person,
    regency: Regency,
    live_database: Database,
) -> None:
    page = desk.page
    await press(house, citizen, regency, kind="fire")
    await desk.choose_first()
    await page.keyboard.press("t")
    await expect(desk.detail).to_contain_text("Diterima meja oleh")
    await _drove(live_database, officer, regency)

    await page.keyboard.press("u")
    dialog = page.get_by_role("dialog")
    await dialog.locator("select").select_option("genuine")
    await dialog.locator("textarea").fill("Api sudah padam")
    await dialog.get_by_role("button", name="Tutup alarm").click()
    await expect(desk.queue).to_have_count(0)

    await page.keyboard.press("h")
    await expect(page.get_by_text("1 alarm dalam 24 jam terakhir")).to_be_visible()
    await page.keyboard.press("g")
    await expect(dialog).to_contain_text(re.compile(r"1\s*ditutup|ditutup\s*1"))
    await expect(dialog.get_by_role("img", name="diterima meja")).to_be_visible()
    await page.keyboard.press("Escape")
    # A closed dialog has no role any more a moment before the page knows that it is closed.
    await expect(page.locator("dialog")).to_have_count(0)

    await page.keyboard.press("r")
    await dialog.get_by_role("button", name="Putar ulang").click()
    await page.fill("[name=replay_reason]", "evaluasi waktu tanggap")
    await page.keyboard.press("Enter")
    slider = page.get_by_label("Waktu putar ulang")
    await expect(slider).to_be_focused()
    await slider.press("End")
    await expect(slider).to_have_attribute("aria-valuetext", re.compile(r"\+10 mnt \d\d dtk"))
    await page.get_by_role("button", name="Selesai memutar").click()
    await expect(slider).to_be_hidden()
    async with live_database.reading() as session:
        reason = await session.sql.fetchval(
            "SELECT payload->>'reason' FROM journal WHERE kind = 'tracks.seen' ORDER BY id DESC"
        )
    assert reason == "evaluasi waktu tanggap"


async def _drove(database: Database, officer: Person, regency: Regency) -> None:
    """The officer's way to the alarm, written down afterwards as a phone's late batch is."""
    async with database.transaction() as session:
        alarm: UUID = await session.sql.fetchval("SELECT id FROM alarm ORDER BY number DESC")
        for minute in range(11):
            at = regency.at(1_000 - 100 * minute)
            fixed_at = utc_now() + timedelta(minutes=minute)
            await session.sql.execute(_TRACK, alarm, officer.holder_id, at.lon, at.lat, fixed_at)


async def test_on_the_map_arrows_move_it_and_neither_turn_it_nor_choose_an_alarm(
    desk: Desk, house: House, citizen: Person, regency: Regency
) -> None:
    page, sign = desk.page, desk.markers.first
    await page.emulate_media(reduced_motion="reduce")  # then the map jumps, and never glides
    # The whole regency is brought into view when its outlines have come.
    async with page.expect_response(lambda answer: "/v1/wilayah" in answer.url) as outlines:
        await page.reload()
    await (await outlines.value).finished()
    await page.get_by_role("region", name="Antrean alarm").click()  # pages are mute until then
    await press(house, citizen, regency)
    # The siren's own line makes the map a little lower.
    await expect(page.get_by_text("Sirene berbunyi")).to_be_visible()
    await page.locator(".maplibregl-canvas").focus()

    async def moved(*keys: str) -> tuple[float, float]:
        before = await _middle(sign)
        for key in keys:
            await page.keyboard.press(key)
        await expect(sign).not_to_have_attribute("style", before[2])
        after = await _middle(sign)
        return after[0] - before[0], after[1] - before[1]

    # Away from the middle, around which it would be turned.
    assert await moved("ArrowRight") == pytest.approx((-100, 0), abs=3)
    assert await moved("Shift+ArrowRight", "ArrowRight") == pytest.approx((-100, 0), abs=3)
    assert await moved("Shift+ArrowUp", "ArrowDown") == pytest.approx((0, -100), abs=3)
    await expect(desk.detail).to_be_hidden()


async def _middle(sign: Locator) -> tuple[float, float, str]:
    box = await sign.bounding_box()
    assert box is not None
    style = await sign.get_attribute("style") or ""
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, style
