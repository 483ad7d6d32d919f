"""An officer's phone: duty, a call that fills the screen, the way there, and its end."""

import json
import re

import httpx2
import pytest
from playwright.async_api import Page, expect

from cas_server.db.session import Database
from cas_server.identity import activation
from cas_server.kit.clock import utc_now
from tests.browser.conftest import OpenPage
from tests.browser.officers import (
    Press,
    accept,
    colleagues,
    go_on_duty,
    open_phone,
    page,
    press,
    until_known,
)
from tests.browser.seats import Button
from tests.factories import Person, Regency, make_personil
from tests.live.house import House

__all__ = ["colleagues", "page", "press"]

pytestmark = pytest.mark.xdist_group("browser-phone")

PHONE = "0813 5553 9901"
LOCKS = """() => {
    window.locks = [];
    const request = navigator.wakeLock.request.bind(navigator.wakeLock);
    navigator.wakeLock.request = async (what) => {
        const lock = await request(what);
        window.locks.push(lock);
        return lock;
    };
}"""
# Nothing else is beside the call, and its answer is under the thumb.
FILLS = """(call) => { const { width, height } = call.getBoundingClientRect();
    return width >= innerWidth - 48 && height >= innerHeight - 100
        && document.querySelector("[role=switch]") === null; }"""
# The time to answer is over now; the worker looks.
LAPSE = """
WITH late AS (UPDATE offer SET expires_at = now() WHERE state = 'open' AND alarm_id = $1)
UPDATE alarm SET next_check_at = now() WHERE id = $1
"""


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
    page = await open_phone(open_page, regency, viewport={"width": 412, "height": 800})
    await page.add_init_script(f"({LOCKS})()")
    await page.reload()
    await Button(page).register(house, PHONE)
    await expect(page.get_by_text("Ponsel baru: minta atasan")).to_be_visible()
    await page.get_by_role("button", name="Saya punya kode aktivasi").click()
    await page.fill("[name=activation]", code)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Nanti saja").click()
    await go_on_duty(page)
    awake = page.get_by_text("Layar dijaga tetap menyala")
    await expect(awake).to_be_visible()
    # Taken back while the officer looks at another app, and asked for again afterwards.
    await page.evaluate("() => locks[0].release()")
    await expect(awake).to_have_count(0)
    await page.evaluate("() => { document.dispatchEvent(new Event('visibilitychange')); }")
    await expect(awake).to_be_visible()
    await until_known(live_database, page, regency)

    alarm_id = await press("fire")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Kebakaran")
    await expect(page.get_by_role("region", name="Peta").locator("canvas")).to_be_visible()
    assert await page.locator(".screen").evaluate(FILLS)
    await expect(page.get_by_text("400 m arah selatan")).to_be_visible()
    await expect(page.get_by_text("untuk menjawab")).to_be_visible()
    await page.get_by_role("button", name="TERIMA").click()
    await page.get_by_role("button", name="BERANGKAT").click()
    place = f"{regency.centre.lat:g},{regency.centre.lon:g}"
    navigate = page.get_by_role("link", name="Navigasi")
    await expect(navigate).to_have_attribute("href", f"geo:{place}?q={place}")
    web = page.get_by_role("link", name="Peta di web")
    await expect(web).to_have_attribute("href", re.compile(f"^https://.*{place.split(',')[0]}"))

    await page.reload()
    await expect(page.get_by_role("button", name="SUDAH TIBA")).to_be_visible()
    # A second tab of the same phone is at the same task, and one tap is enough for both.
    tab = await page.context.new_page()
    await tab.goto("/personil/")
    await tab.get_by_role("button", name="SUDAH TIBA").click()
    await expect(page.get_by_text("Di lokasi").first).to_be_visible()
    await tab.close()
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
    assert await page.evaluate("() => locks.map((one) => one.released)") == [True]


async def test_who_is_no_longer_needed_is_told_and_declining_or_missing_a_call_costs_nothing(
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

    missed = await press("other")
    await expect(page.get_by_role("button", name="TERIMA")).to_be_visible()
    # A page opened anew in the middle of a call is in the middle of it.
    await page.reload()
    await expect(page.get_by_role("button", name="TERIMA")).to_be_visible()
    async with live_database.statement() as sql:
        await sql.execute(LAPSE, missed)
    await expect(ended).to_contain_text("Waktu menjawab habis")
    await expect(ended).to_contain_text("Tidak ada akibatnya bagi Anda")


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
