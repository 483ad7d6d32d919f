"""How quick the screens are: `pytest -s tests/browser/measure_screens.py`, on a machine at rest.

Not part of the tests: times on a shared machine prove nothing. Writes tests/browser/screens.json.
The browser draws without a graphics card: frames are given beside those of an empty map.
"""

import json
import os
import platform
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, CDPSession, Page, expect

from cas_server.db.session import Database
from cas_server.kit.ids import new_id
from tests.browser.conftest import PASSWORD, OpenPage
from tests.browser.seats import Button, Desk
from tests.factories import Person, Regency, make_masyarakat, make_personil
from tests.live.house import House

RESULTS = Path(__file__).parent / "screens.json"
ALARMS, OFFICERS, REPEATS, PANS = 300, 1_000, 5, 3
# Lighthouse's "slow 4G": 1.6 Mbit/s down, 750 kbit/s up, 150 ms there and back.
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,
    "uploadThroughput": 93_750,
}
SLOWER = 4
KEY_MS = 250

FIRST_SEEN = """
new MutationObserver((_, watch) => {
  if (document.querySelector("%s") === null) return;
  watch.disconnect();
  requestAnimationFrame(() => { window.usableMs = performance.now(); });
}).observe(document, { childList: true, subtree: true });
"""
FRAMES = """() => {
  window.frames_ = []; let last = performance.now();
  const count = (now) => {
    window.frames_.push(now - last); last = now;
    window.next_ = requestAnimationFrame(count);
  };
  window.next_ = requestAnimationFrame(count);
}"""
RENDERER = """() => {
  const gl = document.createElement("canvas").getContext("webgl");
  return gl.getParameter(gl.getExtension("WEBGL_debug_renderer_info").UNMASKED_RENDERER_WEBGL);
}"""
STOP = "() => { cancelAnimationFrame(window.next_); return window.frames_.slice(5); }"


@pytest_asyncio.fixture(scope="module")
async def figures() -> AsyncIterator[dict[str, Any]]:
    told: dict[str, Any] = {"machine": platform.machine(), "processors": os.cpu_count()}
    yield told
    RESULTS.write_text(json.dumps(told, indent=2) + "\n")
    print(json.dumps(told, indent=2))  # noqa: T201 - the figures


async def first_seen_ms(browser: Browser, url: str, sign: str, kept: str | None) -> float:
    """From the navigation's start until `sign` is drawn, on a slow phone that was never here."""
    page = await slow_phone(browser, url)
    if kept is not None:
        script = f"localStorage.setItem('cas.masyarakat.credentials', {json.dumps(kept)})"
        await page.add_init_script(script)
    await page.add_init_script(FIRST_SEEN % sign)
    await page.goto("/masyarakat/", wait_until="commit")
    found = await page.wait_for_function("() => window.usableMs", timeout=60_000)
    taken_ms = float(await found.json_value())
    await page.context.close()
    return taken_ms


async def slow_phone(browser: Browser, url: str) -> Page:
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, base_url=url, permissions=["geolocation"]
    )
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    await session.send("Network.emulateNetworkConditions", SLOW_4G)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page


async def test_first_run(browser: Browser, house: House, figures: dict[str, Any]) -> None:
    """Number, code, name, consent, PIN: typed slowly, as by a thumb; the text message at once."""
    page = await slow_phone(browser, house.url)
    began = time.perf_counter()
    await page.goto("/masyarakat/", wait_until="commit")
    await page.locator("[name=phone]").press_sequentially("0813 5559 0001", delay=KEY_MS)
    await page.locator("[name=name]").press_sequentially("Rina Uji", delay=KEY_MS)
    button = Button(page)
    await button.register(house, "0813 5559 0001")
    await page.get_by_role("button", name="Saya setuju").click()
    await page.locator("[name=pin]").press_sequentially("2580", delay=KEY_MS)
    await page.get_by_role("button", name="Simpan PIN").click()
    await expect(button.big).to_be_visible()
    figures["first run, without reading time: the button can be pressed"] = {
        "seconds": round(time.perf_counter() - began, 1)
    }
    await page.context.close()


async def test_first_screens(
    browser: Browser, house: House, live_database: Database, figures: dict[str, Any]
) -> None:
    async with live_database.transaction() as session:
        citizen = await make_masyarakat(session)
    kept = json.dumps({"token": citizen.token, "pressToken": citizen.token})
    for name, sign, held in (
        ("first visit: the number can be typed", "[name=phone]", None),
        ("signed in, nothing cached: the button can be pressed", "button.hold", kept),
    ):
        times = [await first_seen_ms(browser, house.url, sign, held) for _ in range(REPEATS)]
        figures[name] = {
            "median_ms": round(statistics.median(times)),
            "least_ms": round(min(times)),
            "most_ms": round(max(times)),
        }


async def pan(page: Page) -> dict[str, float]:
    """Drag the map about for some seconds: how long its frames took."""
    box = await page.locator("canvas.maplibregl-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    line = await page.context.new_cdp_session(page)
    await line.send("Performance.enable")
    before = await own_work_ms(line)
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.evaluate(FRAMES)
    for step in range(80):
        await page.mouse.move(x + 120 * ((step % 40) / 20 - 1), y + 60 * ((step % 30) / 15 - 1))
    times = sorted(await page.evaluate(STOP))
    own_ms = await own_work_ms(line) - before
    await page.mouse.up()
    at = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}
    told = {name: round(times[int(len(times) * part)], 1) for name, part in at.items()}
    return {**told, "frames": len(times), "own_work_ms_per_frame": round(own_ms / len(times), 1)}


async def own_work_ms(line: CDPSession) -> float:
    """Spent so far in our scripts, in styles and in layout: all but the drawing of the map."""
    metrics = {
        one["name"]: one["value"] for one in (await line.send("Performance.getMetrics"))["metrics"]
    }
    parts = ("ScriptDuration", "LayoutDuration", "RecalcStyleDuration")
    return 1_000 * float(sum(metrics[part] for part in parts))


@pytest.mark.usefixtures("operator")
async def test_frames(
    open_page: OpenPage,
    house: House,
    regency: Regency,
    live_database: Database,
    figures: dict[str, Any],
) -> None:
    page = await open_page("/komando/", viewport={"width": 1440, "height": 900})
    desk = Desk(page)
    await desk.sign_in(regency.polres.code, PASSWORD)
    empty = [await pan(page) for _ in range(PANS)]

    async with live_database.transaction() as session:
        for number in range(OFFICERS):
            await make_personil(session, regency.kota, regency.at(10 * number, 7 * number % 3_000))
        citizens = [await make_masyarakat(session) for _ in range(ALARMS)]
    async with httpx2.AsyncClient(base_url=house.url, timeout=60) as http:
        for number, citizen in enumerate(citizens):
            await press(http, citizen, regency, number)
    await page.reload()
    await expect(desk.queue).to_have_count(ALARMS)
    full = [await pan(page) for _ in range(PANS)]
    figures["desk, empty map, panning"] = summary(empty)
    figures[f"desk, {ALARMS} alarms and {OFFICERS} officers, panning"] = summary(full)
    figures["renderer"] = await page.evaluate(RENDERER)


async def press(http: httpx2.AsyncClient, who: Person, regency: Regency, number: int) -> None:
    there = regency.at(25 * number, 11 * number % 4_000)
    at = {"lat": there.lat, "lon": there.lon, "accuracy_m": 9, "age_s": 1}
    answer = await http.put(f"/v1/alarms/{new_id()}", json={"position": at}, headers=who.bearer)
    assert answer.status_code == 201


def summary(runs: list[dict[str, float]]) -> dict[str, float]:
    """The median of each figure over the runs."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}
