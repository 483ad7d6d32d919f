"""Pages that are closed: who works here is woken all the same.

What stands in for the browser's maker is its push service alone: it takes and opens what the server
sends, and the browser is handed the result as its own connection would. The subscription, the
service worker, the notification and the page are the real ones.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, Page, Worker, expect

from cas_server.db.session import Database
from cas_server.kit.ids import new_id
from tests.browser.conftest import PASSWORD, OpenPage
from tests.browser.officers import KEEP, go_on_duty, until_known
from tests.browser.seats import Desk
from tests.factories import Person, Regency, make_masyarakat, make_personil
from tests.live.house import House
from tests.push.push_service import PushService, Subscription

pytestmark = pytest.mark.xdist_group("browser-phone")

# Chromium would ask its maker for an address. Here the service above is asked.
SUBSCRIBING = """
const bytes = (it) => Uint8Array.from(atob(it.replace(/-/g, "+").replace(/_/g, "/")),
    (one) => one.charCodeAt(0)).buffer;
const held = () => {
  const kept = localStorage.getItem("subscription");
  if (kept === null) return null;
  const { endpoint, keys, key } = JSON.parse(kept);
  return { endpoint, options: { applicationServerKey: bytes(key) }, getKey: (it) => bytes(keys[it]),
    unsubscribe: async () => { localStorage.removeItem("subscription"); return true; } };
};
PushManager.prototype.getSubscription = async () => held();
PushManager.prototype.subscribe = async ({ applicationServerKey: key }) => {
  localStorage.setItem("subscription", JSON.stringify({ ...(await subscribeAt(key)), key }));
  return held();
};
"""
SHOWN = """(tag) => self.registration.getNotifications(tag ? { tag } : {})
    .then((all) => all.map((it) => ({ title: it.title, stays: it.requireInteraction })))"""
# Whoever is no person may not open windows: where it would lead is noted instead.
TAP = """async (tag) => {
  const [notification] = await self.registration.getNotifications({ tag });
  const led = new Promise((open) => { self.clients.openWindow = async (url) => open(url); });
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
  return led;
}"""


class Sleeper:
    """A browser that can be woken."""

    def __init__(self, page: Page, service: PushService) -> None:
        self.page = page
        self._service = service
        self._subscription: Subscription
        self._cdp: CDPSession
        self._registration: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def prepare(self, path: str) -> None:
        def subscribe(key: str) -> dict[str, Any]:
            self._subscription = made = self._service.subscribe(key)
            return {"endpoint": made.endpoint, "keys": made.keys}

        await self.page.context.expose_function("subscribeAt", subscribe)
        await self.page.context.add_init_script(SUBSCRIBING)
        await self.page.goto(path)
        # Stays when the app's page is closed, as the browser itself does.
        other = await self.page.context.new_page()
        self._cdp = await self.page.context.new_cdp_session(other)
        self._cdp.on("ServiceWorker.workerRegistrationUpdated", self._note)
        await self._cdp.send("ServiceWorker.enable")
        await self.page.bring_to_front()

    async def turn_on(self) -> None:
        await self.page.get_by_role("button", name="Bangunkan perangkat ini").click()
        await expect(self.page.get_by_text("tetap dibangunkan")).to_be_visible()

    def _note(self, told: dict[str, Any]) -> None:
        for each in told["registrations"]:
            if not self._registration.done():
                self._registration.set_result(each["registrationId"])

    async def next_push(self, origin: str) -> dict[str, Any]:
        """What the service brings next, handed to the browser."""
        async with asyncio.timeout(60):
            pushed = await self._subscription.pushed.get()
            registration = await self._registration
        message = {
            "origin": origin,
            "registrationId": registration,
            "data": json.dumps(pushed.told),
        }
        await self._cdp.send("ServiceWorker.deliverPushMessage", message)
        return pushed.told

    async def ask(self, question: str, tag: str | None = None) -> Any:
        """Something of the service worker, which a browser stops and starts as it likes."""
        worker: Worker = self.page.context.service_workers[-1]
        async with asyncio.timeout(60):
            return await worker.evaluate(question, tag)

    async def shown(self, tag: str) -> dict[str, Any]:
        """The notification about an alarm, once it is on the screen."""
        async with asyncio.timeout(60):
            while not (found := await self.ask(SHOWN, tag)):
                await self.ask("() => new Promise((soon) => setTimeout(soon, 50))")
        [shown] = found
        return dict(shown)


@pytest_asyncio.fixture
async def press(house: House, live_database: Database, regency: Regency) -> AsyncIterator[Any]:
    """Somebody presses, so far away from the middle; the alarm's id."""
    async with httpx2.AsyncClient(base_url=house.url) as http:

        async def press(metres: float = 0) -> str:
            async with live_database.transaction() as session:
                citizen = await make_masyarakat(session)
            alarm_id, there = str(new_id()), regency.at(metres)
            at = {"lat": there.lat, "lon": there.lon, "accuracy_m": 9, "age_s": 1}
            body = {"kind": "crime", "position": at}
            answer = await http.put(f"/v1/alarms/{alarm_id}", json=body, headers=citizen.bearer)
            assert answer.status_code == 201
            return alarm_id

        yield press


async def opened(open_page: OpenPage, service: PushService, path: str, **wishes: Any) -> Sleeper:
    rights = ["notifications", "geolocation"]
    page = await open_page(path, service_workers="allow", permissions=rights, **wishes)
    sleeper = Sleeper(page, service)
    await sleeper.prepare(path)
    return sleeper


async def test_a_desk_that_is_closed_is_woken_and_a_tap_opens_the_alarm(
    open_page: OpenPage,
    house: House,
    push_service: PushService,
    regency: Regency,
    operator: Person,  # noqa: ARG001 - there must be one
    press: Any,
) -> None:
    sleeper = await opened(
        open_page, push_service, "/komando/", viewport={"width": 1100, "height": 700}
    )
    desk = Desk(sleeper.page)
    await desk.sign_in(regency.polres.code, PASSWORD)
    await desk.page.get_by_role("button", name="Akun").click()
    await sleeper.turn_on()

    await press()
    told = await sleeper.next_push(house.url)
    await expect(desk.queue).to_have_count(1)
    assert await sleeper.ask(SHOWN) == [], "a page that is seen rings by itself"
    token = await desk.page.evaluate("() => sessionStorage.getItem('cas.komando.token')")
    await desk.page.close()

    second = await press(3_000)
    told = await sleeper.next_push(house.url)
    while told["alarm_id"] != second:
        told = await sleeper.next_push(house.url)
    shown = await sleeper.shown(second)
    assert shown["stays"]
    assert shown["title"] == "Pusat komando"
    leads_to = await sleeper.ask(TAP, second)

    assert leads_to == f"{house.url}/komando/#alarm={second}"
    page = await sleeper.page.context.new_page()
    await page.add_init_script(f"sessionStorage.setItem('cas.komando.token', '{token}')")
    await page.goto(leads_to)
    await expect(Desk(page).detail).to_be_visible()
    await expect(page).to_have_url(f"{house.url}/komando/")


async def test_an_officer_is_woken_for_a_call_and_not_after_signing_out(
    open_page: OpenPage,
    house: House,
    push_service: PushService,
    regency: Regency,
    live_database: Database,
    press: Any,
) -> None:
    async with live_database.transaction() as session:
        officer = await make_personil(session, regency.kota, on_duty=False)
    there = regency.at(400)
    sleeper = await opened(
        open_page,
        push_service,
        "/personil/",
        viewport={"width": 412, "height": 915},
        geolocation={"latitude": there.lat, "longitude": there.lon, "accuracy": 8},
    )
    page = sleeper.page

    async def sign_in_and_turn_on() -> None:
        await page.evaluate(KEEP, [officer.token, "+6281355539900"])
        await page.reload()
        await sleeper.turn_on()
        assert await devices(live_database, officer) == 1

    await sign_in_and_turn_on()
    await page.get_by_role("button", name="Keluar").click()
    # A slip of the thumb signs nobody out.
    await page.get_by_role("button", name="Tetap masuk").click()
    await page.get_by_role("button", name="Keluar").click()
    await page.get_by_role("button", name="Ya, keluar").click()
    await expect(page.locator("[name=phone]")).to_be_visible()
    assert await devices(live_database, officer) == 0

    await sign_in_and_turn_on()
    await go_on_duty(page)
    await until_known(live_database, page, regency)
    await page.close()
    await press()
    told = await sleeper.next_push(house.url)
    assert told["kind"] == "offer"
    shown = await sleeper.shown(told["alarm_id"])
    assert shown["title"] == "Panggilan tugas"
    leads_to = await sleeper.ask(TAP, told["alarm_id"])

    page = await page.context.new_page()
    await page.goto(leads_to)
    await expect(page.get_by_role("button", name="TERIMA")).to_be_visible()


async def devices(database: Database, person: Person) -> int:
    """How many addresses the server knows of somebody."""
    count = "SELECT count(*) FROM device WHERE account_id = $1"
    async with database.reading() as session:
        return int(await session.sql.fetchval(count, person.subject.account_id))
