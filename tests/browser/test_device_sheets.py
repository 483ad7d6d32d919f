"""New devices on the screens: a superior's word for a Personil's, and "not me" for one's own."""

import pytest
from playwright.async_api import expect

from cas_server.db.session import Database
from cas_server.identity import device_queries
from cas_server.identity import service as identity
from cas_server.identity.device_queries import SeenDevice
from cas_server.identity.views import DeviceState
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from tests.browser.seats import Button, Desk
from tests.factories import Person

pytestmark = pytest.mark.xdist_group("browser-desk")


async def states(database: Database, account_id: object) -> list[str]:
    async with database.glance() as session:
        rows = await session.sql.fetch(
            "SELECT state FROM known_device WHERE account_id = $1 ORDER BY name", account_id
        )
    return [row["state"] for row in rows]


async def meet(
    database: Database, account_id: object, device: SeenDevice, state: DeviceState
) -> None:
    async with database.transaction() as session:
        await device_queries.meet(session, new_id(), account_id, device, state, utc_now())  # type: ignore[arg-type]  # as the rows have it


async def test_waiting_devices_are_counted_looked_at_and_decided_after_a_question(
    desk: Desk, officer: Person, live_database: Database
) -> None:
    for name in ("HP 1", "HP 2"):
        device = SeenDevice(name, f"{name}, Android")
        await meet(live_database, officer.account_id, device, DeviceState.WAITING)
    await desk.page.reload()
    await desk.page.get_by_role("button", name="Perangkat menunggu: 2 menunggu").click()
    sheet = desk.page.get_by_role("dialog", name="Perangkat menunggu")
    first = sheet.locator("li", has_text="HP 1, Android")
    await expect(first).to_contain_text(officer.name)

    await first.get_by_role("button", name="Tolak ponsel").click()
    await first.get_by_role("button", name="Batal").click()
    await first.get_by_role("button", name="Sahkan ponsel").click()
    await first.get_by_role("button", name="Ya, sahkan").click()
    await expect(sheet.get_by_text(f"Ponsel {officer.name} disahkan.")).to_be_visible()
    await expect(sheet.locator("li")).to_have_count(1)
    await sheet.get_by_role("button", name="Tolak ponsel").click()
    await sheet.get_by_role("button", name="Ya, tolak").click()
    await expect(sheet.get_by_text("Tidak ada perangkat yang menunggu")).to_be_visible()

    assert await states(live_database, officer.account_id) == ["confirmed", "refused"]
    await desk.page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()


async def test_a_citizen_puts_out_a_device_that_is_not_theirs(
    button: Button, live_database: Database
) -> None:
    async with live_database.transaction() as session:
        account_id = await session.sql.fetchval(
            "SELECT account_id FROM known_device ORDER BY asked_at DESC LIMIT 1"
        )
        await identity.issue(session, account_id, "press", "HP asing", utc_now())
    foreign = SeenDevice("HP asing", "Firefox, Windows")
    await meet(live_database, account_id, foreign, DeviceState.CONFIRMED)
    page = button.page
    await page.get_by_role("button", name="Ponsel yang memakai nomor ini").click()
    await expect(page.get_by_role("heading", name="Ponsel Anda")).to_be_focused()
    await expect(page.get_by_text("Chrome, Linux")).to_be_visible()

    await page.get_by_role("button", name="Firefox, Windows: bukan saya").click()
    await page.get_by_role("button", name="Ya, keluarkan").click()
    await expect(page.get_by_text("sudah dikeluarkan")).to_be_visible()

    async with live_database.glance() as session:
        left = await session.sql.fetchval(
            """SELECT count(*) FROM credential
               WHERE account_id = $1 AND device = 'HP asing' AND revoked_at IS NULL""",
            account_id,
        )
    assert left == 0
    await page.keyboard.press("Escape")
    await expect(button.big).to_be_visible()
