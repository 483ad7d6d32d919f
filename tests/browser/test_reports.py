"""An officer on the scene: the reporter's photo, backup, a report with photos, and the history."""

import io

import httpx2
import pytest
from PIL import Image
from playwright.async_api import Locator, Page, expect

from cas_server.db.session import Database
from tests.browser.conftest import OpenPage
from tests.browser.officers import (
    KEEP,
    Press,
    colleagues,
    go_on_duty,
    open_phone,
    page,
    press,
    until_known,
)
from tests.browser.seats import Desk
from tests.factories import Person, Regency, make_personil
from tests.http.photos import photo
from tests.live.house import House

__all__ = ["colleagues", "page", "press"]

pytestmark = pytest.mark.xdist_group("browser-desk")

SPIES = """() => {
    window.felt = { buzz: [], lock: 0, sound: 0 };
    navigator.vibrate = (how) => { window.felt.buzz.push([how].flat().length); return true; };
    const locks = navigator.wakeLock;
    if (locks) {
        const request = locks.request.bind(locks);
        locks.request = (what) => { window.felt.lock += 1; return request(what); };
    }
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) {
        window.felt.sound += 1;
        return start.apply(this, when);
    };
}"""
# Awake on duty, a buzz of two bursts and its pause, and the siren's two voices.
FELT = "() => felt.lock > 0 && felt.buzz.includes(3) && felt.sound > 1"
DARK, LIGHT = 60, 230
QUIET = "() => felt.buzz.at(-1) === 1"


async def arrive(page: Page) -> None:
    for step in ("TERIMA", "BERANGKAT", "SUDAH TIBA"):
        await page.get_by_role("button", name=step).click()


async def see_map_follow_the_theme(page: Page) -> None:
    await page.get_by_role("button", name="Tampilkan peta").click()
    ground = page.locator("section canvas")
    await expect(ground).to_be_visible()
    await page.emulate_media(color_scheme="dark")
    while await middle_of(ground) > DARK:
        await page.wait_for_function("() => true", polling=100)
    await page.emulate_media(color_scheme="light")
    while await middle_of(ground) < LIGHT:
        await page.wait_for_function("() => true", polling=100)
    await page.get_by_role("button", name="Sembunyikan peta").click()


async def middle_of(ground: Locator) -> int:
    """How light the map is, a little off its middle, from black 0 to white 255."""
    image = Image.open(io.BytesIO(await ground.screenshot())).convert("L")
    shade = image.getpixel((image.width // 4, image.height // 4))
    assert isinstance(shade, int)
    return shade


async def test_an_officer_asks_for_backup_reports_with_a_photo_and_the_desk_closes_on_it(
    page: Page,
    desk: Desk,
    live_database: Database,
    regency: Regency,
    colleagues: list[Person],  # noqa: ARG001 - there are others to call
    press: Press,
) -> None:
    await until_known(live_database, page, regency)
    alarm_id = await press("fire", picture=True)
    await expect(page.get_by_text("1 foto: terlihat setelah Anda menerima")).to_be_visible()
    await arrive(page)
    await page.get_by_role("button", name="Foto dari pelapor: Foto 1").click()
    await expect(page.get_by_role("dialog").get_by_role("img")).to_be_visible()
    await page.get_by_role("button", name="Tutup").click()

    await see_map_follow_the_theme(page)
    sos = page.get_by_role("button", name="SOS")
    await page.evaluate("() => scrollTo(0, 0)")
    await expect(sos).to_be_in_viewport(ratio=1)

    await desk.choose_first()
    await desk.detail.get_by_role("button", name="Terima").click()
    await page.get_by_role("button", name="Minta bantuan").click()
    await page.get_by_role("button", name="Ya, panggil bantuan").click()
    await expect(page.get_by_text("Bantuan diminta pukul")).to_be_visible()
    await expect(desk.queue.get_by_text("MINTA BANTUAN")).to_be_visible()
    await expect(desk.detail.get_by_text("minta bantuan").first).to_be_visible()

    await page.get_by_role("button", name="SELESAI: LAPOR").click()
    await page.get_by_role("radio", name="Benar terjadi").check()
    await page.fill("[name=report_note]", "Api padam, tidak ada korban")
    # A phone that drops the page loses nothing of what was written.
    await page.reload()
    await expect(page.locator("[name=report_note]")).to_have_value("Api padam, tidak ada korban")
    await expect(page.get_by_role("radio", name="Benar terjadi")).to_be_checked()
    await expect(sos).to_be_in_viewport(ratio=1)
    await page.locator("input[type=file]").set_input_files(
        {"name": "tkp.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    await expect(page.get_by_text("1 foto terkirim")).to_be_visible()
    await page.get_by_role("button", name="Kirim laporan").click()
    await expect(page.get_by_text("menunggu Komando menutup")).to_be_visible()
    await page.get_by_role("button", name="Perbaiki laporan").click()
    await expect(page.locator("[name=report_note]")).to_have_value("Api padam, tidak ada korban")
    await page.fill("[name=report_note]", "Api padam, satu luka ringan")
    await page.get_by_role("button", name="Kirim perbaikan").click()

    await expect(desk.queue.first).to_contain_text("SUDAH DILAPORKAN")
    await expect(desk.detail.get_by_text("Api padam, satu luka ringan")).to_be_visible()
    await desk.detail.get_by_role("button", name="Foto dari petugas: Foto 1").click()
    await desk.page.keyboard.press("Escape")
    await desk.detail.get_by_role("button", name="Tutup alarm").click()
    await expect(desk.page.locator("textarea[name=note]")).to_have_value(
        "Api padam, satu luka ringan"
    )
    await desk.page.get_by_role("dialog").get_by_role("button", name="Tutup alarm").click()
    await expect(page.get_by_text("menunggu Komando menutup")).to_have_count(0)
    await page.get_by_role("button", name="Riwayat saya").click()
    await expect(page.get_by_role("listitem").filter(has_text="Kebakaran")).to_contain_text(
        "Benar terjadi"
    )
    await expect(page.get_by_text("sekarang")).to_be_visible()
    async with live_database.reading() as session:
        closed = await session.sql.fetchval("SELECT disposition FROM alarm WHERE id = $1", alarm_id)
    assert closed == "genuine"


async def test_an_officers_sos_is_heard_felt_and_shown_before_everything_else(
    open_page: OpenPage,
    house: House,
    desk: Desk,
    live_database: Database,
    regency: Regency,
    press: Press,
) -> None:
    async with live_database.transaction() as session:
        officer, in_danger = [
            await make_personil(session, regency.kota, on_duty=False) for _ in range(2)
        ]
    phone = await open_phone(open_page, regency)
    await phone.add_init_script(f"({SPIES})()")
    await phone.evaluate(KEEP, [officer.token, "+6281355539902"])
    await phone.reload()
    await go_on_duty(phone)
    await until_known(live_database, phone, regency)
    await press()
    await phone.wait_for_function(FELT)
    await expect(desk.queue).to_have_count(1)

    other = await open_phone(open_page, regency)
    await other.evaluate(KEEP, [in_danger.token, "+6281355539903"])
    await other.reload()
    big = other.locator("button.hold")
    box = await big.bounding_box()
    assert box is not None
    await other.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await other.mouse.down()
    await expect(big).to_be_hidden()
    await other.mouse.up()

    await expect(phone.get_by_role("heading", level=1)).to_contain_text("REKAN DALAM BAHAYA")
    await expect(desk.queue.first).to_contain_text("PETUGAS DALAM BAHAYA")
    await expect(desk.queue.nth(1)).not_to_contain_text("PETUGAS DALAM BAHAYA")
    await phone.get_by_role("button", name="TERIMA").click()
    await phone.get_by_role("button", name="Tolak").click()
    await phone.get_by_role("button", name="Terlalu jauh").click()
    await phone.wait_for_function(QUIET)
    async with httpx2.AsyncClient(base_url=house.url, headers=in_danger.bearer) as http:
        [own] = (await http.get("/v1/own-alarms")).json()
    assert own["personil_coming"] == 1
