"""An officer's phone: duty, a call that fills the screen, the way there, and its end."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from cas_server.db.session import Database
from cas_server.identity import activation
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from tests.browser.conftest import OpenPage
from tests.browser.seats import Button
from tests.factories import Person, Regency, make_masyarakat, make_personil
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser")

Press = Callable[..., Awaitable[str]]
PHONE = "0813 5553 9901"
KEEP = """([token, phone]) => localStorage.setItem("cas.personil.credentials",
    JSON.stringify({ token, pressToken: token, phone }))"""


@pytest_asyncio.fixture
async def press(house: House, live_database: Database, regency: Regency) -> AsyncIterator[Press]:
    """Somebody else in the regency presses; the alarm's id."""
    async with httpx2.AsyncClient(base_url=house.url) as http:

        async def press(kind: str = "crime") -> str:
            async with live_database.transaction() as session:
                citizen = await make_masyarakat(session, name="Rina Uji")
            at = {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 10}
            alarm_id = str(new_id())
            body = {"kind": kind, "position": at | {"age_s": 1}}
            answer = await http.put(f"/v1/alarms/{alarm_id}", json=body, headers=citizen.bearer)
            assert answer.status_code == 201
            return alarm_id

        yield press


@pytest_asyncio.fixture
async def colleagues(live_database: Database, regency: Regency) -> list[Person]:
    """Two more Personil on duty, a little further off."""
    async with live_database.transaction() as session:
        return [await make_personil(session, regency.kota, regency.at(m)) for m in (900, 950)]


async def open_phone(open_page: OpenPage, regency: Regency, **wishes: object) -> Page:
    there = regency.at(400)
    return await open_page(
        "/personil/",
        geolocation={"latitude": there.lat, "longitude": there.lon, "accuracy": 8},
        permissions=["geolocation"],
        **({"viewport": {"width": 412, "height": 915}} | wishes),
    )


@pytest_asyncio.fixture
async def page(open_page: OpenPage, live_database: Database, regency: Regency) -> Page:
    """The phone of a Personil who is signed in and has gone on duty."""
    async with live_database.transaction() as session:
        officer = await make_personil(session, regency.kota, on_duty=False)
    page = await open_phone(open_page, regency)
    await page.evaluate(KEEP, [officer.token, "+6281355539900"])
    await page.reload()
    await go_on_duty(page)
    return page


async def go_on_duty(page: Page) -> None:
    await page.get_by_role("switch").click()
    await expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "true")
    await expect(page.get_by_text("BIARKAN HALAMAN INI TERBUKA")).to_be_visible()
    # The first position is on its way; a call finds whoever is near.
    await expect(page.get_by_text("Posisi belum diketahui")).to_have_count(0)


async def accept(http: httpx2.AsyncClient, officer: Person) -> None:
    [offer] = (await http.get("/v1/offers", headers=officer.bearer)).json()
    accepting = f"/v1/offers/{offer['offer_id']}/acceptance"
    assert (await http.post(accepting, headers=officer.bearer)).status_code == 200


async def until_known(database: Database, page: Page, regency: Regency, people: int = 1) -> None:
    """Wait until the server knows where so many of this regency are."""
    count = "SELECT count(*) FROM last_position WHERE starts_with(satuan_path, $1)"
    while True:
        async with database.reading() as session:
            if await session.sql.fetchval(count, regency.kota.path) >= people:
                return
        await page.wait_for_function("() => true", polling=100)


async def test_an_officer_signs_in_is_called_goes_there_and_is_told_when_it_is_over(
    open_page: OpenPage,
    house: House,
    live_database: Database,
    regency: Regency,
    press: Press,
    operator: Person,
) -> None:
    async with live_database.transaction() as session:
        officer = await make_personil(session, regency.kota, on_duty=False)
        await session.sql.execute(
            "UPDATE personil SET phone = '+6281355539901' WHERE id = $1", officer.holder_id
        )
        code = await activation.issue(session, officer.holder_id, utc_now())
    page = await open_phone(open_page, regency)
    await Button(page).register(house, PHONE)
    await expect(page.get_by_text("Ponsel baru: minta atasan")).to_be_visible()
    await page.get_by_role("button", name="Saya punya kode aktivasi").click()
    await page.fill("[name=activation]", code)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Nanti saja").click()
    await go_on_duty(page)
    await until_known(live_database, page, regency)

    alarm_id = await press("fire")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Kebakaran")
    await expect(page.get_by_text("400 m arah selatan")).to_be_visible()
    await expect(page.get_by_text("untuk menjawab")).to_be_visible()
    await page.get_by_role("button", name="TERIMA").click()
    await page.get_by_role("button", name="BERANGKAT").click()
    place = f"{regency.centre.lat:g},{regency.centre.lon:g}"
    navigate = page.get_by_role("link", name="Navigasi")
    await expect(navigate).to_have_attribute("href", f"geo:{place}?q={place}")

    await page.reload()
    await page.get_by_role("button", name="SUDAH TIBA").click()
    await expect(page.get_by_text("Di lokasi").first).to_be_visible()
    await page.get_by_role("button", name="Telepon pelapor").click()
    await page.get_by_role("button", name="Tidak menemukan pelapor").click()
    await expect(page.get_by_role("link", name="Telepon Rina Uji")).to_be_visible()

    async with httpx2.AsyncClient(base_url=house.url, headers=operator.bearer) as http:
        closing = {"disposition": "test", "note": "uji"}
        await http.post(f"/v1/alarms/{alarm_id}/closing", json=closing)
    await expect(page.get_by_role("alert")).to_contain_text("Alarm ini sudah selesai")
    await page.get_by_role("button", name="Mengerti").click()
    await page.get_by_role("switch").click()
    await page.get_by_role("button", name="Ya, akhiri").click()
    await expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "false")


async def test_who_is_no_longer_needed_is_told_at_once_and_declining_costs_nothing(
    page: Page,
    house: House,
    live_database: Database,
    regency: Regency,
    colleagues: list[Person],
    press: Press,
) -> None:
    await until_known(live_database, page, regency)
    await press("medical")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Medis")
    first, second = colleagues
    async with httpx2.AsyncClient(base_url=house.url) as http:
        await accept(http, first)
        await expect(page.get_by_text(f"{first.name} sudah menerima")).to_be_visible()
        await accept(http, second)
    ended = page.get_by_role("alert")
    await expect(ended).to_contain_text("Tidak jadi diperlukan")
    await expect(ended).to_contain_text(f"Ditangani {first.name}")
    await expect(ended).to_contain_text("Tidak ada akibatnya bagi Anda")
    await page.get_by_role("button", name="Mengerti").click()

    await press("accident")
    await page.get_by_role("button", name="Tolak").click()
    await expect(page.get_by_text("Menolak tidak ada akibatnya")).to_be_visible()
    await page.get_by_role("button", name="Terlalu jauh").click()
    await expect(page.get_by_role("switch")).to_be_visible()
    async with live_database.reading() as session:
        reasons = await session.sql.fetch(
            "SELECT decline_reason FROM offer WHERE state = 'declined'"
        )
    assert "Terlalu jauh" in {row["decline_reason"] for row in reasons}


async def test_positions_of_a_phone_without_network_arrive_later(
    page: Page, live_database: Database, regency: Regency, press: Press
) -> None:
    await until_known(live_database, page, regency)
    await press()
    await page.get_by_role("button", name="TERIMA").click()
    await expect(page.get_by_role("button", name="BERANGKAT")).to_be_visible()
    await page.context.set_offline(True)
    await expect(page.get_by_text("TERPUTUS")).to_be_visible()
    there = regency.at(300)
    await page.context.set_geolocation({"latitude": there.lat, "longitude": there.lon})
    await expect(page.get_by_text("posisi menunggu jaringan")).to_be_visible()
    kept = json.loads(await page.evaluate("() => localStorage.getItem('cas.personil.fixes')"))
    await page.context.set_offline(False)
    await expect(page.get_by_text("posisi menunggu jaringan")).to_have_count(0)

    async with live_database.reading() as session:
        rows = await session.sql.fetch("SELECT fixed_at FROM track")
    assert kept[0]["fixed_at"][:19] in {row["fixed_at"].isoformat()[:19] for row in rows}
