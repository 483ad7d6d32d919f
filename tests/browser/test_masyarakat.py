"""The button: a press that leaves, is kept when it cannot, and tells the truth afterwards."""

import re

import httpx2
import pytest
from playwright.async_api import expect

from cas_server.db.session import Database
from tests.browser.conftest import OpenPage
from tests.browser.seats import Button
from tests.factories import Person, Regency
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-phone")


async def alarms_near(database: Database, regency: Regency) -> list[str]:
    """Where the alarms of a regency got their position from, one per alarm."""
    async with database.reading() as session:
        rows = await session.sql.fetch(
            "SELECT position_source FROM alarm WHERE satuan_path LIKE $1 || '%'",
            regency.polres.path,
        )
    return [row["position_source"] for row in rows]


async def test_holding_the_button_calls_the_police_and_shows_who_comes(
    button: Button, house: House, regency: Regency, officer: Person, live_database: Database
) -> None:
    await button.hold()
    await expect(button.page.get_by_role("heading")).to_have_text("Alarm diterima Polsek Kota")
    await expect(button.page.get_by_text("1 Personil dipanggil")).to_be_visible()
    await expect(button.page.get_by_text("Belum ada yang menerima")).to_be_visible()
    async with httpx2.AsyncClient(base_url=house.url, headers=officer.bearer) as phone:
        [offer] = (await phone.get("/v1/offers")).json()
        await phone.post(f"/v1/offers/{offer['offer_id']}/acceptance")
        await expect(button.page.get_by_text("1 Personil menangani")).to_be_visible()
        await phone.post(f"/v1/offers/{offer['offer_id']}/steps", json={"step": "on_scene"})

    await expect(button.page.get_by_role("heading")).to_have_text("Petugas sudah di lokasi")
    await expect(button.page.get_by_text(officer.name)).to_have_count(0)
    assert await alarms_near(live_database, regency) == ["gps"]


async def test_letting_go_early_sends_nothing(
    button: Button, regency: Regency, live_database: Database
) -> None:
    await button.begin()
    await button.page.mouse.up()

    await expect(button.big).to_have_text("Tekan dan tahan")
    assert await alarms_near(live_database, regency) == []


async def test_a_press_where_location_is_denied_goes_anyway_and_follows_once_allowed(
    open_page: OpenPage, house: House, regency: Regency
) -> None:
    button = Button(await open_page("/masyarakat/", viewport={"width": 412, "height": 915}))
    page = button.page
    await button.register(house)
    await button.agree()
    await expect(page.get_by_text("Lokasi tidak diizinkan: alarm tetap terkirim")).to_be_visible()

    await button.hold()

    await expect(page.get_by_role("heading")).to_contain_text("Alarm diterima")
    await expect(page.get_by_text("Posisi Anda belum diketahui")).to_be_visible()
    # Allowed afterwards: the open alarm learns where, and nobody has to open the page again.
    await page.context.set_geolocation(
        {"latitude": regency.centre.lat, "longitude": regency.centre.lon, "accuracy": 20}
    )
    await page.context.grant_permissions(["geolocation"])
    await expect(page.get_by_text("Posisi terkirim, ketelitian ± 20 m")).to_be_visible()


async def test_a_press_the_server_cannot_hear_is_kept_over_a_reload_and_sent_once(
    button: Button, regency: Regency, live_database: Database
) -> None:
    # The page itself must still come: only the press is lost on its way.
    await button.page.route("**/v1/alarms/*", lambda route: route.abort())
    await button.hold()
    await expect(button.page.get_by_role("link", name="Telepon 110")).to_be_visible()
    await expect(button.page.get_by_text("Belum sampai ke server")).to_be_visible()

    await button.page.reload()
    await expect(button.page.get_by_text("Belum sampai ke server")).to_be_visible()
    await button.page.unroute("**/v1/alarms/*")

    await expect(button.page.get_by_role("heading")).to_have_text("Alarm diterima Polsek Kota")
    assert await alarms_near(live_database, regency) == ["gps"]


async def test_a_press_during_which_the_server_dies_arrives_when_it_is_back(
    button: Button, house: House, regency: Regency, live_database: Database
) -> None:
    await button.begin()
    house.kill("serve")
    await expect(button.big).to_be_hidden()
    await button.page.mouse.up()
    await expect(button.page.get_by_role("link", name="Telepon 110")).to_be_visible()

    house.start_server()

    await expect(button.page.get_by_role("heading")).to_have_text("Alarm diterima Polsek Kota")
    assert await alarms_near(live_database, regency) == ["gps"]


async def test_an_open_alarm_is_there_again_after_a_reload_and_can_be_cancelled(
    button: Button,
) -> None:
    await button.page.clock.install()
    await button.hold()
    await expect(button.page.get_by_role("heading")).to_contain_text("Alarm diterima")
    await expect(button.page.get_by_text(re.compile(r"pukul \d\d[.:]\d\d"))).to_be_visible()
    slide = button.page.get_by_role("slider")
    await expect(slide).to_be_visible()
    await button.page.clock.fast_forward(10_000)
    await expect(slide).to_have_count(0)

    await button.page.reload()
    await expect(button.page.get_by_role("heading")).to_contain_text("Alarm diterima")
    await button.page.get_by_role("button", name="Batalkan alarm").click()
    await button.page.get_by_role("button", name="Sudah aman").click()

    await expect(button.page.get_by_role("heading")).to_have_text("Alarm dibatalkan")
    await expect(button.page.get_by_text("Diterima server pukul")).to_be_visible()
    await expect(button.page.get_by_text("Mencari Personil")).to_be_hidden()
    await button.page.get_by_role("button", name="Kembali ke tombol").click()
    await expect(button.big).to_be_visible()


async def trust_near(database: Database, regency: Regency) -> list[str]:
    """How sure it is who pressed the alarms of a regency, one per alarm."""
    async with database.reading() as session:
        rows = await session.sql.fetch(
            "SELECT verification FROM alarm WHERE satuan_path LIKE $1 || '%'", regency.polres.path
        )
    return [row["verification"] for row in rows]


async def test_a_press_is_signed_with_a_key_that_survives_a_reload(
    button: Button, regency: Regency, live_database: Database
) -> None:
    async with button.page.expect_request("**/v1/alarms/*") as sent:
        await button.page.reload()
        await expect(button.big).to_be_visible()
        await button.hold()

    await expect(button.page.get_by_role("heading")).to_contain_text("Alarm diterima")
    assert "signature-input" in (await (await sent.value).all_headers())
    assert await trust_near(live_database, regency) == ["verified"]


async def test_a_browser_that_can_neither_sign_nor_keep_anything_presses_all_the_same(
    open_page: OpenPage, house: House, regency: Regency, live_database: Database
) -> None:
    page = await open_page(
        "/masyarakat/",
        viewport={"width": 412, "height": 915},
        geolocation={"latitude": regency.centre.lat, "longitude": regency.centre.lon},
        permissions=["geolocation"],
    )
    await page.add_init_script(
        "crypto.subtle.generateKey = () => Promise.reject(new Error('no Ed25519'));"
        "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); };"
    )
    await page.reload()
    button = Button(page)
    await button.register(house)
    await button.agree()

    await button.hold()

    await expect(page.get_by_role("heading")).to_contain_text("Alarm diterima")
    assert await trust_near(live_database, regency) == ["bearer"]


async def test_the_other_language_is_one_tap_away_and_stays(open_page: OpenPage) -> None:
    page = await open_page("/masyarakat/", viewport={"width": 360, "height": 740})
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("button", name="Send code")).to_be_visible()

    await page.reload()
    await page.get_by_role("button", name="Bahasa Indonesia").click()
    await expect(page.get_by_role("button", name="Kirim kode")).to_be_visible()
