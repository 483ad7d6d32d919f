"""The desk: what an operator sees, hears and does, in a real browser on the real server."""

import re

import httpx2
import pytest
from playwright.async_api import expect

from cas_server.db.session import Database
from cas_server.identity import queries as identity
from cas_server.kit.ids import new_id
from tests.browser.conftest import PASSWORD, OpenPage
from tests.browser.seats import Desk
from tests.factories import Person, Regency, make_instansi, make_personil
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-desk")


async def press(house: House, by: Person, regency: Regency, **more: object) -> None:
    """A press through the API, as another phone would make it."""
    at = {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 12}
    async with httpx2.AsyncClient(base_url=house.url) as phone:
        answer = await phone.put(
            f"/v1/alarms/{new_id()}", headers=by.bearer, json={"position": at, **more}
        )
    assert answer.status_code == 201


@pytest.mark.usefixtures("officer")
async def test_a_press_is_in_the_queue_on_the_map_and_in_the_title_at_once(
    desk: Desk, house: House, citizen: Person, regency: Regency
) -> None:
    await expect(desk.page.get_by_text("Tidak ada alarm terbuka")).to_be_visible()

    await press(house, citizen, regency, kind="fire", note="Asap dari dapur")

    await expect(desk.queue).to_have_count(1)
    await expect(desk.queue.first).to_contain_text("Kebakaran")
    await expect(desk.queue.first).to_contain_text("BELUM DITERIMA")
    await expect(desk.markers).to_have_count(1)
    await expect(desk.page).to_have_title(re.compile(r"^\(1\) ALARM"))
    await expect(desk.page.get_by_text("Sirene berbunyi")).to_be_visible()


async def test_only_acknowledging_stops_the_siren(
    desk: Desk, house: House, citizen: Person, regency: Regency
) -> None:
    await press(house, citizen, regency)
    await desk.choose_first()
    await expect(desk.detail).to_contain_text("jenis kejadian belum disebut")

    await desk.page.keyboard.press("Escape")
    await expect(desk.page.get_by_text("Sirene berbunyi")).to_be_visible()
    await desk.choose_first()
    await desk.page.keyboard.press("t")

    await expect(desk.page.get_by_text("Sirene berbunyi")).to_be_hidden()
    await expect(desk.detail).to_contain_text("Diterima meja oleh")
    await expect(desk.page).to_have_title(re.compile("^CAS Komando"))


async def test_a_browser_that_keeps_silent_is_impossible_to_overlook(
    desk: Desk, house: House, citizen: Person, regency: Regency
) -> None:
    await desk.page.reload()
    await expect(desk.page.get_by_role("button", name="Mulai jaga")).to_be_visible()

    await press(house, citizen, regency)
    await desk.page.get_by_role("button", name="SIRENE DIBLOKIR").click()

    await expect(desk.page.get_by_role("button", name="SIRENE DIBLOKIR")).to_be_hidden()
    await expect(desk.page.get_by_text("Sirene berbunyi")).to_be_visible()
    # Whatever key is pressed first lets the sound out, too.
    await desk.page.reload()
    await expect(desk.page.get_by_role("button", name="SIRENE DIBLOKIR")).to_be_visible()
    await desk.choose_first()
    await expect(desk.page.get_by_role("button", name="SIRENE DIBLOKIR")).to_be_hidden()


async def test_the_detail_tells_the_note_who_was_called_and_why(
    desk: Desk,
    house: House,
    citizen: Person,
    regency: Regency,
    officer: Person,
    live_database: Database,
) -> None:
    async with live_database.transaction() as session:
        far = await make_personil(session, regency.kota, regency.at(9_000))
    await press(house, citizen, regency, note="Dua orang bermotor", battery_percent=9)

    await desk.choose_first()
    await expect(desk.detail).to_contain_text("Baterai ponsel 9%")
    await expect(desk.detail).to_contain_text("Dua orang bermotor")
    await expect(desk.detail).to_contain_text(officer.name)
    await desk.page.get_by_text("Mengapa dia?").click()

    why = desk.detail.locator("details ul").first.locator("li")
    await expect(why.filter(has_text=officer.name)).to_contain_text("Nilai terbaik")
    await expect(why.filter(has_text=far.name)).to_contain_text("Di luar radius")
    await expect(desk.detail.locator("ol li").first).to_contain_text("Alarm ditekan")


async def test_an_operator_sends_somebody_by_hand_and_takes_them_off_again(
    desk: Desk, house: House, citizen: Person, regency: Regency, live_database: Database
) -> None:
    async with live_database.transaction() as session:
        sent = await make_personil(session, regency.kota, regency.at(9_500))
    await press(house, citizen, regency)
    await desk.choose_first()

    await desk.page.keyboard.press("p")
    await desk.page.get_by_role("region", name="Personil bertugas").get_by_text(sent.name).click()
    await desk.page.get_by_role("dialog").get_by_role("button", name="Tugaskan").click()
    responder = desk.detail.locator("li", has_text=sent.name).filter(has_text="Utama ·")
    await expect(responder).to_be_visible()

    await responder.get_by_role("button", name="Lepas").click()
    await desk.page.fill("[name=reason]", "Salah orang")
    await desk.page.get_by_role("dialog").get_by_role("button", name="Lepas").click()

    await expect(responder).to_contain_text("Dilepas")


async def test_closing_needs_an_outcome_and_a_note(
    desk: Desk, house: House, citizen: Person, regency: Regency
) -> None:
    await press(house, citizen, regency)
    await desk.choose_first()
    await desk.page.keyboard.press("t")
    await desk.page.keyboard.press("u")
    dialog = desk.page.get_by_role("dialog")

    await dialog.get_by_role("button", name="Tutup alarm").click()
    await expect(dialog).to_be_visible()
    await dialog.locator("[name=disposition]").select_option("genuine")
    await dialog.locator("[name=note]").fill("Pelaku diserahkan")
    await dialog.get_by_role("button", name="Tutup alarm").click()

    await expect(dialog).to_be_hidden()
    await expect(desk.queue).to_have_count(0)
    await expect(desk.markers).to_have_count(0)


async def test_an_alarm_for_a_caller_stands_where_the_map_was_clicked(
    desk: Desk, house: House, citizen: Person, regency: Regency
) -> None:
    # Choosing an alarm brings its ground onto the map; a click beside it is in the same regency.
    await press(house, citizen, regency)
    await desk.choose_first()
    await expect(desk.markers).to_be_in_viewport()
    await desk.page.keyboard.press("n")
    await desk.page.fill("[name=caller_name]", "Pak Darmo")
    await desk.page.locator("[name=channel]").select_option("radio")
    await desk.page.locator("canvas").click(position={"x": 260, "y": 300})
    await expect(desk.page.locator(".maplibregl-marker:not(.alarm-marker)")).to_be_visible()

    await desk.page.get_by_role("button", name="Kirim alarm").click()

    await expect(desk.detail).to_contain_text("P••• D•••")
    await expect(desk.detail).to_contain_text("Ditunjuk operator")
    await expect(desk.detail).to_contain_text("Polsek Kota")
    await expect(desk.markers).to_have_count(2)


async def test_the_place_of_a_caller_is_found_by_its_name_with_the_keyboard(
    desk: Desk, regency: Regency, live_database: Database
) -> None:
    async with live_database.transaction() as session:
        _, site = await make_instansi(session, regency.at(50))
        name = await session.sql.fetchval("SELECT name FROM site WHERE id = $1", site)
    page, search = desk.page, desk.page.get_by_role("searchbox", name="Cari tempat kejadian")
    draft = page.locator(".maplibregl-marker:not(.alarm-marker)")
    await page.keyboard.press("n")
    await page.fill("[name=caller_name]", "Pak Darmo")
    await search.fill("tempat yang tidak ada")
    await expect(page.get_by_text("Tidak ditemukan. Coba sebagian namanya")).to_be_visible()
    await search.fill("kecamatan dand")
    await expect(page.get_by_role("button", name="Dander").first).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Titik: Dander")).to_be_visible()
    await expect(draft).to_be_in_viewport()
    await search.fill("-7,15 111,88")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("-7.15000, 111.88000")).to_be_visible()
    await page.get_by_role("button", name="Hapus titik").click()
    await expect(draft).to_have_count(0)
    await search.fill(f"{name} satu")
    bank = page.get_by_role("button", name=f"{name} Instansi · Jl. Satu")
    await expect(bank).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(bank).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(f"Titik: {name}")).to_be_visible()

    await page.get_by_role("button", name="Kirim alarm").click()

    await expect(desk.detail).to_contain_text("Ditunjuk operator")
    await expect(desk.detail).to_contain_text("Polsek Kota")
    await expect(desk.detail).to_contain_text("± 30 m")


async def test_a_second_desk_is_told_who_was_first(
    desk: Desk, open_page: OpenPage, house: House, citizen: Person, regency: Regency
) -> None:
    other = Desk(await open_page("/komando/"))
    await other.sign_in(regency.polres.code, PASSWORD)
    await press(house, citizen, regency)
    await desk.choose_first()
    await other.choose_first()

    await desk.page.keyboard.press("t")

    await expect(other.detail).to_contain_text("Diterima meja oleh Operator")
    await expect(other.detail.get_by_role("button", name="Terima alarm")).to_be_hidden()


async def test_a_lost_server_is_said_large_and_its_return_brings_what_was_missed(
    desk: Desk, house: House, citizen: Person, regency: Regency
) -> None:
    house.kill("serve")

    banner = desk.page.get_by_role("alert").filter(has_text="SAMBUNGAN TERPUTUS")
    await expect(banner).to_be_visible()
    await expect(desk.page.get_by_text("GAMBAR BERUMUR")).to_be_visible()
    house.start_server()
    await press(house, citizen, regency)

    await expect(banner).to_be_hidden(timeout=20_000)
    await expect(desk.queue).to_have_count(1)


async def test_a_wrong_password_is_told_in_indonesian(open_page: OpenPage) -> None:
    page = await open_page("/komando/")

    await page.fill("[name=username]", "tidak-ada")
    await page.fill("[name=password]", "salah-sekali")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("alert")).to_have_text("Nama pengguna atau kata sandi salah.")


async def test_alarms_stand_still_for_whoever_asked_for_less_motion(
    desk: Desk, house: House, citizen: Person, regency: Regency
) -> None:
    await press(house, citizen, regency)
    await expect(desk.markers).to_have_count(1)
    animation = "one => getComputedStyle(one, '::before').animationName"

    await desk.page.emulate_media(reduced_motion="no-preference")
    assert await desk.markers.evaluate(animation) != "none"

    await desk.page.emulate_media(reduced_motion="reduce")
    assert await desk.markers.evaluate(animation) == "none"


async def test_shortcuts_rest_while_somebody_is_typing(desk: Desk) -> None:
    await desk.page.keyboard.press("n")
    await desk.page.locator("[name=caller_name]").press_sequentially("untuk pak lurah")

    await expect(desk.page.get_by_role("dialog")).to_have_count(0)
    await expect(desk.page.locator("[name=caller_name]")).to_have_value("untuk pak lurah")


@pytest.mark.usefixtures("officer")
async def test_a_press_without_proof_stands_lower_and_asks_to_call_back(
    desk: Desk, house: House, citizen: Person, regency: Regency
) -> None:
    at = {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 12}
    async with httpx2.AsyncClient(base_url=house.url) as stranger:
        await stranger.put(f"/v1/alarms/{new_id()}", json={"position": at})
    await expect(desk.queue).to_have_count(1)

    await press(house, citizen, regency, kind="fire")

    await expect(desk.queue).to_have_count(2)
    await expect(desk.queue.first).to_contain_text("Kebakaran")
    await expect(desk.queue.last).to_contain_text("Belum terverifikasi")
    await desk.queue.last.click()
    await expect(desk.detail).to_contain_text("tanpa bukti siapa yang menekan")
    await expect(desk.detail).to_contain_text("Telepon balik pelapor")


async def test_a_reporter_is_masked_until_the_operator_says_why_and_can_then_be_called(
    desk: Desk, house: House, citizen: Person, regency: Regency, live_database: Database
) -> None:
    async with live_database.transaction() as session:
        known = await identity.identity(session, citizen.account_id)
    assert known is not None
    assert known.phone is not None
    await press(house, citizen, regency)
    await desk.choose_first()
    await expect(desk.detail).to_contain_text(citizen.name)
    await expect(desk.page.get_by_text(known.name)).to_have_count(0)

    await desk.detail.get_by_role("button", name="Tampilkan", exact=True).click()
    confirm = desk.detail.get_by_role("button", name="Tampilkan identitas")
    await expect(confirm).to_be_disabled()
    await desk.page.fill("[name=reveal_reason]", "menelepon balik, posisi kurang jelas")
    await confirm.click()

    await expect(desk.detail).to_contain_text(known.name)
    call = desk.detail.get_by_role("link", name=known.phone)
    await expect(call).to_have_attribute("href", f"tel:{known.phone}")
    await expect(desk.detail.locator("ol li").last).to_contain_text("Identitas pelapor dibuka")

    await desk.detail.get_by_role("button", name="Sembunyikan").click()
    await expect(desk.page.get_by_text(known.name)).to_have_count(0)
