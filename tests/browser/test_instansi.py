"""At the counter of a bank: the press, the drill, the people, and the line that is watched."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from tests.browser.conftest import OpenPage
from tests.browser.officers import Press, page, press, until_known
from tests.browser.seats import Desk, Loket
from tests.factories import Regency, make_instansi, make_petugas
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-phone")

__all__ = ["page", "press"]

COUNTER = {"width": 1440, "height": 900}
PHONE = {"width": 360, "height": 740}


@dataclass(frozen=True)
class Bank:
    site: UUID
    name: str
    manager_phone: str


@pytest_asyncio.fixture
async def bank(live_database: Database, regency: Regency) -> Bank:
    """A bank at the centre of the regency, and whoever manages it."""
    async with live_database.transaction() as session:
        house, site = await make_instansi(session, regency.at(50))
        phone = f"+628125557{int(site) % 10_000:04}"
        await make_petugas(session, house, phone=phone, manager=True)
        name = await session.sql.fetchval(
            "UPDATE site SET responder_notes = 'Satpam di pintu depan' WHERE id = $1"
            " RETURNING name",
            site,
        )
    return Bank(site, name, f"0{phone[3:]}")


@pytest_asyncio.fixture
async def loket(open_page: OpenPage, house: House, bank: Bank) -> Loket:
    """The manager at a desktop computer, signed in, with the site chosen."""
    loket = Loket(await open_page("/instansi/", viewport=COUNTER))
    await loket.sign_in(house, bank.manager_phone)
    await loket.stand_at(bank.name)
    return loket


@pytest_asyncio.fixture
async def officers_phone(page: Page, live_database: Database, regency: Regency) -> Page:
    """On duty, and known to be near."""
    await until_known(live_database, page, regency)
    return page


async def test_a_press_by_keyboard_brings_floor_and_notes_of_the_site_to_the_desk(
    loket: Loket,
    desk: Desk,
    officers_phone: Page,
) -> None:
    page = loket.page
    await expect(page.get_by_text("terakhir diperiksa")).to_be_visible()
    # Its own line: said where it is pressed, and well again by itself.
    await page.context.set_offline(True)
    await expect(page.get_by_text("SAMBUNGAN TERPUTUS")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_text("Terhubung", exact=True)).to_be_visible()
    async with page.expect_popup() as opened:
        await loket.open("Jendela kecil")
    second_screen = await opened.value
    await expect(second_screen.locator("button.hold")).to_be_visible()
    await expect(page.get_by_text("tahan Ctrl + Shift + D")).to_be_visible()
    await loket.open("Data lokasi")
    await page.fill("[name=floor]", "Lantai 2")
    await loket.open("Tambah narahubung")
    await page.get_by_label("Nama").fill("Pak Joko")
    await page.get_by_label("Nomor telepon").fill("12")
    await loket.open("Simpan")
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.get_by_label("Nomor telepon").fill("0812 2222 3333")
    await loket.open("Simpan")
    await expect(page.get_by_text("Tersimpan.")).to_be_visible()
    await page.keyboard.press("Escape")

    # One key of the three, however long, and a hold that is let go, press nothing.
    await page.keyboard.down("KeyD")
    await expect(loket.big).not_to_have_class("holding")
    await page.keyboard.up("KeyD")
    await loket.hold_keys()

    await expect(page.get_by_role("heading").first).to_contain_text("Alarm diterima")
    await expect(page.get_by_text("Petugas dikirim ke lokasi Instansi ini")).to_be_visible()
    await expect(second_screen.get_by_role("heading").first).to_contain_text("Alarm diterima")
    for words in ("Jl. Satu · Lantai 2", "Satpam di pintu depan", "Telepon Pak Joko"):
        await expect(officers_phone.get_by_text(words)).to_be_visible()
    await desk.choose_first()
    for words in ("Lantai 2", "Satpam di pintu depan", "Jl. Satu", "Pak Joko", "+62 ••• ••• 333"):
        await expect(desk.detail).to_contain_text(words)


async def test_a_drill_a_new_petugas_and_a_line_that_is_lost(
    loket: Loket,
    desk: Desk,
    bank: Bank,
    house: House,
    open_page: OpenPage,
    live_database: Database,
) -> None:
    page = loket.page
    await loket.open("Latihan")
    await loket.hold()
    await expect(page.get_by_text("Menunggu meja komando…")).to_be_visible()
    sites = desk.page.locator("details.sites")
    await sites.get_by_text("1 latihan").click()
    await expect(sites.get_by_text("LATIHAN", exact=True)).to_be_visible()
    await sites.get_by_role("button", name=f"Tanggapi latihan {bank.name}").click()
    await expect(page.get_by_text("Meja komando menanggapi dalam")).to_be_visible()
    await loket.open("Selesai berlatih")
    await expect(page.get_by_text("1 latihan di lokasi ini")).to_be_visible()
    async with live_database.glance() as session:
        alarms = await session.sql.fetchval(
            "SELECT count(*) FROM alarm WHERE site_id = $1", bank.site
        )
    assert alarms == 0
    await expect(desk.queue).to_have_count(0)
    await page.keyboard.press("Escape")

    phone = f"0812 5558 {int(bank.site) % 10_000:04}"
    await loket.open("Petugas")
    await page.fill("[name=petugas_name]", "Rina Teller")
    await page.fill("[name=petugas_phone]", phone)
    await loket.open("Tambahkan")
    await expect(page.get_by_text("Rina Teller sekarang dapat masuk")).to_be_visible()
    teller = Loket(await open_page("/instansi/", viewport=PHONE))
    await teller.sign_in(house, phone)
    await teller.stand_at(bank.name)
    await expect(teller.page.get_by_role("button", name="Petugas", exact=True)).to_have_count(0)
    await teller.hold()
    await expect(teller.page.get_by_role("heading").first).to_contain_text("Alarm diterima")
    await desk.choose_first()
    await expect(desk.detail).to_contain_text(bank.name)
    await desk.page.keyboard.press("Escape")
    await page.get_by_role("button", name="Keluarkan Rina Teller").click()
    await page.get_by_role("button", name="Keluarkan", exact=True).click()
    await expect(teller.page.get_by_text("Sesi berakhir")).to_be_visible()
    await page.get_by_role("button", name="Batalkan pengeluaran Rina Teller").click()
    await expect(page.get_by_text("Rina Teller dapat masuk lagi.")).to_be_visible()

    # Both counters go dark, some minutes ago.
    await page.context.close()
    await teller.page.context.close()
    async with live_database.statement() as sql:
        await sql.execute(
            "UPDATE site_line SET seen_at = now() - interval '9 minutes' WHERE site_id = $1",
            bank.site,
        )
    await expect(sites.get_by_text("1 sambungan putus")).to_be_visible()
    # Closed again if nothing stood there for a while.
    await sites.evaluate("(it) => { it.open = true; }")
    await expect(sites.get_by_text("tidak terdengar 9 mnt")).to_be_visible()


async def test_a_drill_with_officers_is_agreed_told_as_a_drill_and_gives_way_to_a_call(
    loket: Loket,
    desk: Desk,
    bank: Bank,
    officers_phone: Page,
    press: Press,
) -> None:
    page = officers_phone
    await loket.open("Latihan")
    await expect(loket.page.get_by_text("tidak ada petugas yang dipanggil")).to_be_visible()
    wib = utc_now() + timedelta(hours=7)
    await loket.page.fill("[name=window_from]", f"{wib:%Y-%m-%dT%H:%M}")
    await loket.open("Minta persetujuan Satuan")
    await expect(loket.page.get_by_text("menunggu jawaban Satuan")).to_be_visible()
    sites = desk.page.locator("details.sites")
    await sites.get_by_text("1 permintaan latihan").click()
    await sites.get_by_role(
        "button", name=f"Setujui latihan dengan Personil di {bank.name}"
    ).click()
    await expect(loket.page.get_by_text("disetujui Satuan")).to_be_visible()
    await expect(loket.page.get_by_text("Personil terdekat diberi tahu bahwa")).to_be_visible()

    await loket.hold()
    note = page.get_by_role("region", name="LATIHAN")
    await expect(note).to_contain_text("Bukan alarm. Tidak perlu berangkat.")
    await expect(note).to_contain_text(bank.name)
    await note.get_by_role("button", name="Latihan diterima").click()
    await expect(note).to_contain_text("Latihan diterima. Terima kasih.")
    await expect(loket.page.get_by_text("1 Personil menerima dalam")).to_be_visible()
    await expect(sites.get_by_text("1 dari 1 Personil menerima")).to_be_visible()

    await press()
    await expect(page.get_by_role("button", name="TERIMA")).to_be_visible()
    await expect(note).to_have_count(0)
    await loket.open("Selesai berlatih")
    await expect(loket.page.get_by_text("1 Personil menerima dalam")).to_be_visible()
