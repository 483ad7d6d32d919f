"""An admin changes how a Satuan calls and who is there, seeing first what it will do."""

import pytest
import pytest_asyncio
from playwright.async_api import FilePayload, Page, Route, expect

from cas_server.db.session import Database
from cas_server.identity.roles import Role
from cas_server.kit.ids import new_id
from tests.browser.conftest import PASSWORD, OpenPage
from tests.browser.seats import Desk
from tests.browser.test_axe import findings
from tests.factories import Person, Regency, make_staff

pytestmark = pytest.mark.xdist_group("browser-desk")


@pytest_asyncio.fixture
async def settings(open_page: OpenPage, regency: Regency, live_database: Database) -> Page:
    """The open settings of an admin of the regency's Polres."""
    name = f"admin-{regency.polres.code}"
    async with live_database.transaction() as session:
        await make_staff(
            session, regency.polres, Role.ADMIN, username=name, password=PASSWORD, demo=True
        )
    page = await open_page("/komando/", viewport={"width": 1440, "height": 900})
    await Desk(page).sign_in(name, PASSWORD)
    await page.get_by_role("button", name="Pengaturan").click()
    return page


async def open_tab(page: Page, name: str) -> None:
    await page.get_by_role("navigation", name="Pengaturan").get_by_text(name, exact=True).click()


async def test_a_change_of_the_rings_shows_what_it_will_do_before_it_is_stored(
    settings: Page, regency: Regency, live_database: Database
) -> None:
    page = settings
    figures = page.locator("[name=ring_1_count]")
    await expect(figures).to_be_visible()
    # While the answer is on its way nobody can type over another Satuan's figures.
    held: list[Route] = []
    await page.route("**/rules*", lambda route: held.append(route))
    async with page.expect_request("**/rules*"):
        await page.select_option("[name=satuan]", label=regency.kota.name)
    await expect(figures).to_have_count(0)
    await expect(page.locator("[name=satuan]")).to_be_disabled()
    await held[0].continue_()
    await page.unroute("**/rules*")
    await figures.fill("7")
    await page.get_by_role("button", name="Lihat akibatnya").click()
    await expect(page.get_by_text("Akan berubah di 1 tempat")).to_be_visible()
    await expect(page.get_by_text("3 → 7")).to_be_visible()
    await page.get_by_role("button", name="Simpan perubahan").click()
    await expect(page.get_by_text("Tersimpan")).to_be_visible()

    await open_tab(page, "Impor berkas")
    rows = b"nrp,nama,pangkat,satuan\n77020001,Budi,Bripka,tidak-ada\n"
    faulty = FilePayload(name="personil.csv", mimeType="text/csv", buffer=rows)
    await page.set_input_files("[name=import_file]", faulty)
    await page.get_by_role("button", name="Periksa berkas").click()
    await expect(page.get_by_text("1 kesalahan; tidak ada yang disimpan")).to_be_visible()
    await expect(page.get_by_text("baris 2")).to_be_visible()
    await expect(page.get_by_text("tidak ada Satuan tidak-ada")).to_be_visible()
    async with live_database.reading() as session:
        stored = await session.sql.fetchval(
            "SELECT settings->>'ring_1_count' FROM satuan WHERE id = $1", regency.kota.id
        )
    assert stored == "7"


async def test_an_officer_is_entered_moved_and_taken_out_by_keyboard_too(
    settings: Page, regency: Regency, officer: Person
) -> None:
    page = settings
    await open_tab(page, "Personil")
    await page.get_by_role("button", name="Tambah Personil").click()
    await expect(page.get_by_role("heading", name="Tambah Personil")).to_be_focused()
    for field, value in (("nrp", "123"), ("name", "Rini Uji"), ("rank", "Briptu")):
        await page.fill(f"[name={field}]", value)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("NRP harus 8 angka, atau NIP 18 angka.")
    await expect(page.locator("[name=nrp]")).to_be_focused()
    await page.fill("[name=nrp]", f"{new_id().int % 10**8:08}")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Simpan").click()
    await expect(page.get_by_text("✓ Tersimpan")).to_be_visible()

    await page.fill("[name=personil_search]", officer.name)
    await page.get_by_role("button", name=officer.name).click()
    await page.select_option("[name=satuan_id]", label=regency.dander.name)
    await page.get_by_role("button", name="Lihat akibatnya").click()
    await expect(page.get_by_text(f"{regency.kota.name} → {regency.dander.name}")).to_be_visible()
    await expect(page.get_by_text("Tugas jaganya berakhir sekarang")).to_be_visible()
    found = await findings(page)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("heading", name="Yang akan terjadi")).to_have_count(0)
    await page.get_by_role("button", name="Keluarkan dari dinas").click()
    await page.get_by_role("button", name="Keluarkan dari dinas").click()
    await expect(page.get_by_text("✓ Tersimpan")).to_be_visible()
    await expect(page.get_by_text("Tidak ada yang cocok")).to_be_visible()

    assert found + await findings(page) == []


async def test_ground_goes_to_another_satuan_and_a_satuan_is_closed(
    settings: Page, regency: Regency, operator: Person, live_database: Database
) -> None:
    assert operator.subject.satuan_path == regency.polres.path
    page = settings
    await open_tab(page, "Wilayah")
    await page.get_by_role("button", name=f"Kecamatan {regency.kota.name.split()[-1]}").click()
    await expect(page.locator(".outline canvas")).to_be_visible()
    await page.select_option("[name=satuan_id]", label=regency.dander.name)
    await page.get_by_role("button", name="Lihat akibatnya").click()
    await expect(page.get_by_text(f"{regency.kota.name} → {regency.dander.name}")).to_be_visible()
    found = await findings(page)
    await page.get_by_role("button", name="Simpan").click()
    await expect(page.get_by_text("✓ Tersimpan")).to_be_visible()

    await open_tab(page, "Satuan")
    await page.get_by_role("button", name=regency.polres.name).click()
    await expect(page.get_by_role("button", name="Tutup Satuan")).to_have_count(0)
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name=regency.kota.name).click()
    await page.get_by_role("button", name="Tutup Satuan").click()
    await expect(page.get_by_role("heading", name="Yang akan terjadi")).to_be_focused()
    found += await findings(page)
    await page.get_by_role("button", name="Tutup Satuan").click()
    await expect(page.get_by_text("ditutup · 0 Personil")).to_be_visible()
    await open_tab(page, "Instansi")
    await page.get_by_role("button", name="Tambah Instansi").click()
    await page.fill("[name=name]", f"Toko Emas {regency.polres.code}")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Simpan").click()
    await page.get_by_role("button", name=f"Toko Emas {regency.polres.code}").click()
    await page.fill("[name=manager_name]", "Ani Kusuma")
    await page.fill("[name=manager_phone]", f"0813 {new_id().int % 10**8:08}")
    found += await findings(page)
    await page.get_by_role("button", name="Jadikan pengelola").click()
    await expect(page.get_by_text("1 petugas")).to_be_visible()
    async with live_database.reading() as session:
        left = await session.sql.fetchval(
            "SELECT count(*) FROM wilayah WHERE satuan_id = $1", regency.kota.id
        )
    assert (left, found + await findings(page)) == (0, [])
