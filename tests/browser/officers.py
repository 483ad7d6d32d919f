"""An officer's phone as tests of it share it: signed in, on duty, and somebody who presses."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx2
import pytest_asyncio
from playwright.async_api import Page, expect

from cas_server.db.session import Database
from cas_server.kit.ids import new_id
from tests.browser.conftest import OpenPage
from tests.factories import Person, Regency, make_masyarakat, make_personil
from tests.http.photos import photo
from tests.live.house import House

Press = Callable[..., Awaitable[str]]
KEEP = """([token, phone]) => localStorage.setItem("cas.personil.credentials",
    JSON.stringify({ token, pressToken: token, phone }))"""


@pytest_asyncio.fixture
async def press(house: House, live_database: Database, regency: Regency) -> AsyncIterator[Press]:
    """Somebody else in the regency presses; the alarm's id."""
    async with httpx2.AsyncClient(base_url=house.url) as http:

        async def press(kind: str = "crime", *, picture: bool = False) -> str:
            async with live_database.transaction() as session:
                citizen = await make_masyarakat(session, name="Rina Uji")
            at = {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 10}
            alarm_id = str(new_id())
            body = {"kind": kind, "position": at | {"age_s": 1}}
            path, bearer = f"/v1/alarms/{alarm_id}", citizen.bearer
            answer = await http.put(path, json=body, headers=bearer)
            assert answer.status_code == 201
            if picture:
                path = f"{path}/pictures/{new_id()}"
                answer = await http.put(path, content=photo(), headers=bearer)
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
        permissions=["geolocation", "screen-wake-lock"],
        # Too low for the map of a call, which is drawn without a graphics card here.
        **({"viewport": {"width": 412, "height": 690}} | wishes),
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
