"""After the press: what it is, where it is, when somebody will be there, and what was before."""

from typing import Any

import httpx2
import pytest
from playwright.async_api import expect

from cas_server.db.session import Database
from tests.browser.conftest import OpenPage
from tests.browser.seats import Button
from tests.factories import Person, Regency
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-phone")


async def told(database: Database, regency: Regency) -> Any:
    async with database.reading() as session:
        [row] = await session.sql.fetch(
            "SELECT kind, note, position_source FROM alarm WHERE satuan_path LIKE $1 || '%'",
            regency.polres.path,
        )
    return row


async def test_the_kind_by_one_tap_a_note_and_the_minutes_until_somebody_is_there(
    button: Button, house: House, regency: Regency, officer: Person, live_database: Database
) -> None:
    page = button.page
    await button.hold()
    await expect(page.get_by_role("heading")).to_contain_text("Alarm diterima")
    # Nobody says what it is before the person does.
    assert (await told(live_database, regency))["kind"] == "unknown"
    await expect(page.locator("fieldset [aria-pressed=true]")).to_have_count(0)
    await page.get_by_role("button", name="Kebakaran").click()
    await expect(page.get_by_role("button", name="Kebakaran")).to_have_attribute(
        "aria-pressed", "true"
    )
    await page.fill("[name=note]", "lantai dua")
    await page.get_by_role("button", name="Kirim keterangan").click()
    await expect(page.get_by_text("Keterangan sampai")).to_be_visible()
    row = await told(live_database, regency)
    assert (row["kind"], row["note"]) == ("fire", "lantai dua")

    async with httpx2.AsyncClient(base_url=house.url, headers=officer.bearer) as phone:
        [offer] = (await phone.get("/v1/offers")).json()
        await phone.post(f"/v1/offers/{offer['offer_id']}/acceptance")
    # 400 m of straight line.
    await expect(page.get_by_text("Kira-kira 2 menit lagi tiba")).to_be_visible()


@pytest.mark.usefixtures("regency")
async def test_without_a_position_the_person_shows_the_place_and_finds_the_alarm_again_later(
    open_page: OpenPage, house: House, live_database: Database
) -> None:
    page = await open_page("/masyarakat/", viewport={"width": 412, "height": 915})
    button = Button(page)
    await button.register(house)
    await button.agree()
    # Allowed, and the phone itself finds nothing.
    line = await page.context.new_cdp_session(page)
    await line.send("Emulation.setGeolocationOverride")
    await page.context.grant_permissions(["geolocation"])
    await expect(page.get_by_text("Ponsel ini tidak menemukan posisinya")).to_be_visible()
    await button.hold()
    await page.get_by_role("button", name="Tunjukkan tempat saya").click()
    await expect(page.get_by_role("heading")).to_have_text("Di mana Anda?")

    await page.fill("[name=place_name]", "dekat pasar")
    canvas = page.locator(".map canvas")
    await canvas.wait_for()
    await canvas.click(position={"x": 150, "y": 120})
    await expect(page.locator(".map .maplibregl-marker")).to_be_visible()
    await page.get_by_role("button", name="Saya di sini").click()

    await expect(page.get_by_text("Posisi terkirim")).to_be_visible()
    async with live_database.reading() as session:
        row = await session.sql.fetchrow(
            "SELECT note, position_source FROM alarm WHERE id = $1::uuid",
            await page.evaluate("() => localStorage.getItem('cas.masyarakat.followed')"),
        )
    assert row is not None
    assert (row["note"], row["position_source"]) == ("Tempat: dekat pasar", "pin")

    await page.get_by_role("button", name="Batalkan alarm").click()
    await page.get_by_role("button", name="Sudah aman").click()
    await page.get_by_role("button", name="Kembali ke tombol").click()
    await page.get_by_role("button", name="Riwayat alarm saya").click()
    await expect(page.get_by_role("listitem")).to_have_count(1)
    await expect(page.get_by_role("listitem")).to_contain_text("Dibatalkan")
