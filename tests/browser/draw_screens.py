"""Every main screen at five sizes, light and dark: `pytest tests/browser/draw_screens.py`.

Not part of the tests: pictures are for people to look at. Writes one sheet per screen into
CAS_SCREENS (a folder), and with CAS_GALLERY=1 the small pictures of clients/README.md.
"""

import asyncio
import io
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from cas_server.db.session import Database
from cas_server.identity.roles import Role
from tests.browser import officers, test_instansi
from tests.browser.conftest import PASSWORD, OpenPage
from tests.browser.officers import KEEP, Press, go_on_duty, open_phone
from tests.browser.seats import Button, Desk, Loket
from tests.factories import Regency, make_personil, make_staff
from tests.live.house import House

bank, loket = test_instansi.bank, test_instansi.loket
press = officers.press

FOLDER = Path(os.environ.get("CAS_SCREENS", "."))
GALLERY = Path(__file__).parents[2] / "clients/gallery"
PHONE, LARGE_PHONE, TABLET = (360, 740), (412, 915), (768, 1024)
LAPTOP, WALL = (1440, 900), (1920, 1080)
SIZES = (PHONE, LARGE_PHONE, TABLET, LAPTOP, WALL)
ROW_PX, GAP_PX = 620, 12
MAP_DRAWN_MS = 3_000
"""A map that the processor draws does not say when it has finished."""

Shoot = Callable[[Page, str], Awaitable[None]]


async def _picture(page: Page, size: tuple[int, int], scheme: str) -> Image.Image:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    # The desk's is chosen there, not by the system.
    await page.evaluate("(it) => { document.documentElement.dataset.theme = it; }", scheme)
    # Two frames: maps follow the size of their page.
    await page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    return Image.open(io.BytesIO(await page.screenshot())).convert("RGB")


async def shoot(page: Page, name: str) -> None:
    """One sheet: sizes from left to right, light above dark. The page is left as it was."""
    if "CAS_GALLERY" in os.environ and "CAS_SCREENS" not in os.environ:
        return  # only the gallery is wanted
    before = page.viewport_size
    rows = []
    for scheme in ("light", "dark"):
        pictures = [await _picture(page, size, scheme) for size in SIZES]
        shrunk = [one.resize((one.width * ROW_PX // one.height, ROW_PX)) for one in pictures]
        row = Image.new("RGB", (sum(one.width + GAP_PX for one in shrunk), ROW_PX), "white")
        left = 0
        for one in shrunk:
            row.paste(one, (left, 0))
            left += one.width + GAP_PX
        rows.append(row)
    sheet = Image.new("RGB", (rows[0].width, 2 * ROW_PX + GAP_PX), "white")
    for number, row in enumerate(rows):
        sheet.paste(row, (0, number * (ROW_PX + GAP_PX)))
    await asyncio.to_thread(_keep, sheet, name)
    if before is not None:
        await page.set_viewport_size(before)


def _keep(sheet: Image.Image, name: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    sheet.save(FOLDER / f"{name}.png")


async def hang(page: Page, name: str, size: tuple[int, int], scheme: str, width: int) -> None:
    """Into the gallery of the README, small."""
    if "CAS_GALLERY" not in os.environ:
        return
    await _picture(page, size, scheme)
    if await page.locator("canvas").count() > 0:
        await page.wait_for_timeout(MAP_DRAWN_MS)
    await keep_small(page, GALLERY / f"{name}.png", width=width)


async def keep_small(page: Page, file: Path, *, width: int) -> None:
    """The page as it is now, so many pixels wide, in a file that a repository can bear."""
    picture = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
    small = picture.resize((width, picture.height * width // picture.width))
    # Signs differ by colour, too: this way of choosing keeps the rare ones.
    small.quantize(256, method=Image.Quantize.MAXCOVERAGE).save(file, optimize=True)


async def test_the_button(
    open_page: OpenPage, house: House, regency: Regency, live_database: Database
) -> None:
    async with live_database.transaction() as session:
        texted = "UPDATE satuan SET phone = '0811 3110 001' WHERE id = $1"
        await session.sql.execute(texted, regency.kota.id)
    there = regency.at(30)
    page = await open_page(
        "/masyarakat/",
        viewport={"width": 412, "height": 915},
        geolocation={"latitude": there.lat, "longitude": there.lon, "accuracy": 12},
        permissions=["geolocation", "microphone"],
    )
    button = Button(page)
    await shoot(page, "masyarakat-1-number")
    await button.register(house)
    await expect(page.get_by_role("button", name="Saya setuju")).to_be_visible()
    await shoot(page, "masyarakat-2-consent")
    await button.agree()
    await shoot(page, "masyarakat-3-button")
    await hang(page, "masyarakat", LARGE_PHONE, "dark", 280)
    await page.context.set_offline(True)
    await button.hold()
    await expect(page.get_by_role("link", name="Kirim SMS")).to_be_visible()
    await shoot(page, "masyarakat-3-kept")
    await hang(page, "kept", LARGE_PHONE, "light", 280)
    await page.context.set_offline(False)
    await expect(page.get_by_role("heading")).to_contain_text("Alarm diterima")
    await page.get_by_role("button", name="Batalkan alarm").click()
    await page.get_by_role("button", name="Sudah aman").click()
    await shoot(page, "masyarakat-3-over")
    await page.get_by_role("button", name="Kembali ke tombol").click()
    for number, name in enumerate(
        ("Latihan menekan", "Polisi di dekat saya", "Riwayat alarm saya", "Buat PIN")
    ):
        await page.get_by_role("button", name=name).click()
        await expect(page.locator("h1")).to_be_visible()
        await shoot(page, f"masyarakat-4-{number}")
        if name == "Polisi di dekat saya":
            await hang(page, "contacts", LARGE_PHONE, "light", 280)
        await page.reload()
        await expect(button.big).to_be_visible()


async def test_a_call_from_both_ends(
    open_page: OpenPage, regency: Regency, button: Button, live_database: Database
) -> None:
    async with live_database.transaction() as session:
        officer = await make_personil(session, regency.kota, on_duty=False)
    phone = await open_phone(open_page, regency)
    await phone.evaluate(KEEP, [officer.token, "+6281355539900"])
    await phone.reload()
    await shoot(phone, "personil-1-off-duty")
    await go_on_duty(phone)
    await shoot(phone, "personil-2-on-duty")
    await hang(phone, "duty", LARGE_PHONE, "dark", 280)
    await button.hold()
    await expect(phone.get_by_role("button", name="TERIMA")).to_be_visible()
    await shoot(phone, "personil-3-call")
    await hang(phone, "personil", LARGE_PHONE, "light", 280)
    await shoot(button.page, "masyarakat-5-received")
    for step in ("TERIMA", "BERANGKAT"):
        await phone.get_by_role("button", name=step).click()
    await expect(phone.get_by_role("button", name="SUDAH TIBA")).to_be_visible()
    await shoot(phone, "personil-4-task")
    await hang(phone, "task", LARGE_PHONE, "light", 280)
    await shoot(button.page, "masyarakat-6-coming")
    await hang(button.page, "following", LARGE_PHONE, "light", 280)
    await phone.get_by_role("button", name="SUDAH TIBA").click()
    await phone.get_by_role("button", name="SELESAI: LAPOR").click()
    await phone.get_by_role("radio", name="Uji coba").check()
    await shoot(phone, "personil-5-report")
    await hang(phone, "report", LARGE_PHONE, "dark", 280)
    await phone.fill("[name=report_note]", "uji")
    await phone.get_by_role("button", name="Kirim laporan").click()
    await expect(phone.get_by_text("menunggu Komando menutup")).to_be_visible()
    await phone.get_by_role("button", name="Riwayat saya").click()
    await expect(phone.get_by_text("sekarang")).to_be_visible()
    await shoot(phone, "personil-6-history")


async def test_the_counter(loket: Loket, desk: Desk) -> None:
    page = loket.page
    await shoot(page, "instansi-1-button")
    await hang(page, "instansi", LAPTOP, "light", 600)
    for number, name in enumerate(("Data lokasi", "Petugas")):
        await loket.open(name)
        await expect(page.get_by_role("heading", name=name).first).to_be_visible()
        await shoot(page, f"instansi-2-{number}")
        if name == "Petugas":
            await hang(page, "people", LAPTOP, "light", 600)
        await page.keyboard.press("Escape")
    await loket.open("Latihan")
    await loket.hold()
    await expect(page.get_by_text("Menunggu meja komando…")).to_be_visible()
    await shoot(page, "instansi-3-drill")
    await hang(page, "drill", LARGE_PHONE, "light", 280)
    await desk.page.locator("details.sites").get_by_text("1 latihan").click()
    await shoot(desk.page, "komando-9-sites")


@pytest.mark.usefixtures("operator")
async def test_the_desk(
    open_page: OpenPage, regency: Regency, live_database: Database, press: Press
) -> None:
    async with live_database.transaction() as session:
        for number in range(9):
            at = regency.at(400 + 350 * number, 250 * ((number * 5) % 9 - 4))
            await make_personil(session, regency.kota, at)
        code = regency.neighbour.code
        await make_staff(session, regency.neighbour, username=code, password=PASSWORD, demo=True)
    page = await open_page("/komando/", viewport={"width": 1440, "height": 900})
    await shoot(page, "komando-1-sign-in")
    desk = Desk(page)
    await desk.sign_in(regency.polres.code, PASSWORD)
    await shoot(page, "komando-2-empty")
    await press("crime", picture=True)
    await desk.choose_first()
    await shoot(page, "komando-3-new")
    await press("accident")
    await press("fire")
    await expect(desk.queue).to_have_count(3)
    await page.keyboard.press("t")
    await expect(desk.detail).to_contain_text("Diterima meja oleh")
    await shoot(page, "komando-4-taken")
    await hang(page, "komando", LAPTOP, "dark", 900)
    for key, name in (("d", "merge"), ("o", "hand"), ("u", "close"), ("n", "caller")):
        await page.keyboard.press(key)
        opened = page.get_by_role("dialog").or_(page.get_by_text("Alarm atas nama"))
        await expect(opened.first).to_be_visible()
        if name == "caller":
            await page.get_by_role("searchbox", name="Cari tempat kejadian").fill("kecamatan")
            await expect(page.get_by_role("button", name="Dander").first).to_be_visible()
        await shoot(page, f"komando-5-{name}")
        if name == "caller":
            await hang(page, "caller", LAPTOP, "light", 600)
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog")).to_have_count(0)
    await page.keyboard.press("l")
    await expect(page.get_by_role("region", name="Personil bertugas")).to_be_visible()
    await shoot(page, "komando-6-officers")
    await page.keyboard.press("l")
    await page.keyboard.press("w")
    await expect(page.get_by_role("complementary", name="Layar besar")).to_be_visible()
    await shoot(page, "komando-7-wall")
    await hang(page, "wallboard", LAPTOP, "dark", 900)
    await page.keyboard.press("w")
    for number, name in enumerate(("Pintasan papan ketik", "Angka 24 jam", "Serah terima")):
        await page.get_by_role("button", name=name).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await shoot(page, f"komando-7-{number}")
        if name == "Angka 24 jam":
            await hang(page, "figures", LAPTOP, "light", 600)
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog")).to_have_count(0)


async def test_the_settings(open_page: OpenPage, regency: Regency, live_database: Database) -> None:
    name = f"admin-{regency.polres.code}"
    async with live_database.transaction() as session:
        await make_staff(
            session, regency.polres, Role.ADMIN, username=name, password=PASSWORD, demo=True
        )
        await make_personil(session, regency.kota)
    page = await open_page("/komando/", viewport={"width": 1440, "height": 900})
    await Desk(page).sign_in(name, PASSWORD)
    await page.get_by_role("button", name="Pengaturan").click()
    tabs = page.get_by_role("navigation", name="Pengaturan").get_by_role("button")
    for number in range(await tabs.count()):
        await tabs.nth(number).click()
        await shoot(page, f"komando-8-settings-{number}")
        if number == 0:
            await hang(page, "settings", LAPTOP, "light", 600)
