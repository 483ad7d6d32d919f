"""The console over the demo regency after some minutes: `pytest tests/browser/draw_demo.py`.

Not part of the tests. Writes the README's picture and the desk's pictures of clients/README.md.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from playwright.async_api import Error as PageError

from cas_server.children import end_with_parent
from cas_server.embedded import Cluster
from cas_server.settings import DEMO_PASSWORD
from tests.browser.draw_screens import GALLERY, LAPTOP, WALL, keep_small
from tests.browser.seats import Desk
from tests.live.house import free_port

README_PICTURE = GALLERY.parent / "komando/screenshot.png"
ALARMS = 6
PER_HOUR = 600
SOON_MS = 240_000
MAP_DRAWN_MS = 5_000
"""A map that the processor draws does not say when it has finished."""


@pytest.fixture
def demo(cluster: Cluster, tmp_path: Path) -> Iterator[str]:
    """The address of a `cas up` with its simulation, on a database and in a folder of its own."""
    cluster.create_database("drawn")
    port = free_port()
    own = {
        "CAS_DATABASE_URL": cluster.url("drawn"),
        "CAS_STATE_DIR": str(tmp_path),
        "CAS_PORT": str(port),
    }
    url = f"http://127.0.0.1:{port}"
    phones = tmp_path / "demo-phones.json"
    busy = ["--server", url, "--phones", str(phones), "--per-hour", str(PER_HOUR)]
    with started(["cas_server", "up", "--no-simulate"], own) as up:
        while not phones.exists():
            assert up.poll() is None
            os.sched_yield()
        with started(["cas_server.demo", *busy], own):
            yield url


@contextmanager
def started(module: list[str], own: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """One of our modules for as long as the block lasts, also when a test run is killed."""
    process = subprocess.Popen(  # noqa: S603 - our own modules
        [sys.executable, "-m", *module],
        env={**os.environ, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


async def first_answer(page: Page, url: str) -> None:
    while True:
        try:
            await page.goto(f"{url}/komando/")
        except PageError:  # nobody listens yet
            await page.wait_for_function("() => true", polling=100)
        else:
            return


async def test_the_console(browser: Browser, demo: str) -> None:
    context = await browser.new_context(viewport={"width": LAPTOP[0], "height": 860})
    page = await context.new_page()
    await first_answer(page, demo)
    desk = Desk(page)
    await desk.sign_in("operator", DEMO_PASSWORD)
    await expect(desk.queue.nth(ALARMS - 1)).to_be_visible(timeout=SOON_MS)
    await page.emulate_media(reduced_motion="reduce")
    # As a desk looks that has its hands on it: some are taken, none flashes.
    for alarm in await desk.queue.all():
        await alarm.click()
        await page.keyboard.press("t")
    await desk.choose_first()
    await page.keyboard.press("0")
    await page.wait_for_timeout(MAP_DRAWN_MS)
    await expect(desk.detail).to_contain_text("Yang dipanggil")
    await keep_small(page, README_PICTURE, width=LAPTOP[0])
    await keep_small(page, GALLERY / "komando.png", width=900)
    await page.keyboard.press("g")
    await expect(page.get_by_role("dialog")).to_contain_text("Alarm per jam")
    await keep_small(page, GALLERY / "figures.png", width=600)
    await page.keyboard.press("Escape")
    # Keys are the dialog's until it is gone.
    await expect(page.locator("dialog")).to_have_count(0)
    await page.set_viewport_size({"width": WALL[0], "height": WALL[1]})
    await page.keyboard.press("w")
    await expect(page.get_by_role("complementary", name="Layar besar")).to_contain_text("per jam")
    await keep_small(page, GALLERY / "wallboard.png", width=900)
    await context.close()
