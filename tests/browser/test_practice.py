"""The practice press: the same button, and nothing leaves the phone."""

import pytest
from playwright.async_api import Request, expect

from cas_server.db.session import Database
from tests.browser.seats import Button
from tests.factories import Regency

pytestmark = pytest.mark.xdist_group("browser")


async def test_a_practice_press_feels_real_and_sends_nothing(
    button: Button, regency: Regency, live_database: Database
) -> None:
    asked: list[Request] = []
    button.page.on("request", lambda request: asked.append(request))
    await button.page.get_by_role("button", name="Latihan menekan").click()
    await expect(button.page.get_by_role("status")).to_have_text("LATIHAN: tidak ada yang dikirim")

    await button.hold()

    await expect(button.page.get_by_role("heading")).to_have_text("Berhasil. Begitulah caranya.")
    assert [request.url for request in asked if request.method != "GET"] == []
    async with live_database.reading() as session:
        alarms = await session.sql.fetchval(
            "SELECT count(*) FROM alarm WHERE satuan_path = $1", regency.kota.path
        )
    assert alarms == 0
    await button.page.keyboard.press("Escape")
    await expect(button.big).to_be_visible()
