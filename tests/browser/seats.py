"""What people do at the two screens, in their own words."""

import itertools
import re
import time

from playwright.async_api import Locator, Page, expect

from tests.live.house import House

SHOWN_WITHIN_S = 60.0

_number = itertools.count(1)

_IN_OR_FAULT = """() => document.querySelector("[name=code]") === null
    ? "in" : document.querySelector("[role=alert]")?.textContent"""


class Desk:
    """One operator's page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def sign_in(self, username: str, password: str) -> None:
        await self.page.fill("[name=username]", username)
        await self.page.fill("[name=password]", password)
        await self.page.keyboard.press("Enter")
        await expect(self.page.get_by_text("Terhubung")).to_be_visible()

    @property
    def queue(self) -> Locator:
        return self.page.get_by_role("region", name="Antrean alarm").locator("li button")

    @property
    def markers(self) -> Locator:
        return self.page.locator(".alarm-marker")

    @property
    def detail(self) -> Locator:
        return self.page.locator("section.panel")

    async def choose_first(self) -> None:
        """The first of the queue, by keyboard."""
        await expect(self.queue.first).to_be_visible()
        await self.page.keyboard.press("j")
        await expect(self.detail).to_be_visible()


class Button:
    """One citizen's page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def register(self, house: House, phone: str = "") -> None:
        phone = phone or f"0813 5550 {next(_number):04}"
        await self.page.fill("[name=phone]", phone)
        # An officer is known by their number, and is not asked.
        if await self.page.locator("[name=name]").count() > 0:
            await self.page.fill("[name=name]", "Rina Uji")
        await self._enter_code(house, phone[-4:])
        # In, or told why not: a test that fails here says what the page says.
        fault = await self.page.wait_for_function(_IN_OR_FAULT)
        assert await fault.json_value() == "in"

    async def agree(self) -> None:
        await self.page.get_by_role("button", name="Saya setuju").click()
        await expect(self.page.get_by_role("heading")).to_have_text("PIN pembatalan")
        await self.page.get_by_role("button", name="Nanti saja").click()
        await expect(self.big).to_be_visible()

    @property
    def big(self) -> Locator:
        return self.page.locator("button.hold")

    async def hold(self) -> None:
        """Keep the thumb on it until the page has taken the press."""
        await self.begin()
        await expect(self.big).to_be_hidden()
        await self.page.mouse.up()

    async def begin(self) -> None:
        box = await self.big.bounding_box()
        assert box is not None
        await self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await self.page.mouse.down()
        await expect(self.big).to_have_class(re.compile("holding"))

    async def _enter_code(self, house: House, ending: str) -> None:
        """As the demo's log shows it; the worker sends it a moment after it was asked for."""
        shown = re.compile(rf'"phone": "[^"]*{ending}".*?(\d{{6}})')
        earlier = len(shown.findall(house.log))  # of others whose numbers end alike
        await self.page.get_by_role("button", name="Kirim kode").click()
        await self.page.locator("[name=code]").wait_for()
        deadline = time.monotonic() + SHOWN_WITHIN_S
        while len(found := shown.findall(house.log)) == earlier:
            assert time.monotonic() < deadline, f"no code for ...{ending} in the log"
            # The page is asked something real, so that the wait costs nobody a busy processor.
            await self.page.wait_for_function("() => true", polling=100)
        await self.page.fill("[name=code]", str(found[-1]))
        await self.page.get_by_role("button", name="Lanjut").click()


class Loket(Button):
    """One counter of an Instansi."""

    async def sign_in(self, house: House, phone: str) -> None:
        await self.page.fill("[name=phone]", phone)
        await self._enter_code(house, phone[-4:])
        await self.page.get_by_role("button", name="Saya setuju").click()

    async def stand_at(self, site: str) -> None:
        await self.page.get_by_role("button", name=site).click()
        await expect(self.big).to_be_visible()

    async def open(self, what: str) -> None:
        await self.page.get_by_role("button", name=what, exact=True).click()

    async def hold_keys(self) -> None:
        """Ctrl+Shift+D, until the page has taken the press."""
        for key in ("Control", "Shift", "KeyD"):
            await self.page.keyboard.down(key)
        await expect(self.big).to_be_hidden()
        for key in ("KeyD", "Shift", "Control"):
            await self.page.keyboard.up(key)
