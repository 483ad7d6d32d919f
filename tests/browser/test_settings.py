"""An admin changes how a Satuan calls, seeing first what it will do, and imports a file."""

import pytest
from playwright.async_api import FilePayload, expect

from cas_server.db.session import Database
from cas_server.identity.roles import Role
from tests.browser.conftest import PASSWORD, OpenPage
from tests.browser.seats import Desk
from tests.factories import Regency, make_staff

pytestmark = pytest.mark.xdist_group("browser")


async def test_a_change_of_the_rings_shows_what_it_will_do_before_it_is_stored(
    open_page: OpenPage, regency: Regency, live_database: Database
) -> None:
    name = f"admin-{regency.polres.code}"
    async with live_database.transaction() as session:
        await make_staff(
            session, regency.polres, Role.ADMIN, username=name, password=PASSWORD, demo=True
        )
    page = await open_page("/komando/", viewport={"width": 1440, "height": 900})
    await Desk(page).sign_in(name, PASSWORD)
    await page.get_by_role("button", name="Pengaturan").click()

    await page.select_option("[name=satuan]", label=regency.kota.name)
    await page.fill("[name=ring_1_count]", "7")
    await page.get_by_role("button", name="Lihat akibatnya").click()
    await expect(page.get_by_text("Akan berubah di 1 tempat")).to_be_visible()
    await expect(page.get_by_text("3 → 7")).to_be_visible()
    await page.get_by_role("button", name="Simpan perubahan").click()
    await expect(page.get_by_text("Tersimpan")).to_be_visible()

    rows = b"nrp,nama,pangkat,satuan\n77020001,Budi,Bripka,tidak-ada\n"
    faulty = FilePayload(name="personil.csv", mimeType="text/csv", buffer=rows)
    await page.set_input_files("[name=import_file]", faulty)
    await page.get_by_role("button", name="Periksa berkas").click()
    await expect(page.get_by_text("1 kesalahan; tidak ada yang disimpan")).to_be_visible()
    await expect(page.get_by_text("line 2")).to_be_visible()
    async with live_database.reading() as session:
        stored = await session.sql.fetchval(
            "SELECT settings->>'ring_1_count' FROM satuan WHERE id = $1", regency.kota.id
        )
    assert stored == "7"
