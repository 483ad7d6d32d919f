"""How quick the screens are: `pytest -s tests/browser/measure_screens.py`, on a machine at rest.

Not part of the tests: times on a shared machine prove nothing. Writes tests/browser/screens.json.
The browser draws without a graphics card: frames are given beside those of an empty map.
"""

import json
import os
import platform
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from cas_server.db.session import Database
from cas_server.kit.geo import Position
from cas_server.kit.ids import new_id
from tests.browser.conftest import PASSWORD, OpenPage
from tests.browser.seats import Button, Desk
from tests.factories import Person, Regency, make_masyarakat, make_personil
from tests.live.house import House

RESULTS = Path(__file__).parent / "screens.json"
ALARMS, OFFICERS, REPEATS, PANS, STEPS = 300, 1_000, 5, 3, 60
# Lighthouse's "slow 4G": 1.6 Mbit/s down, 750 kbit/s up, 150 ms there and back.
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,
    "uploadThroughput": 93_750,
}
SLOWER = 4
KEY_MS = 250
# A hundred of a thousand have moved: about what a second brings when each tells it every ten.
MOVE = """
UPDATE last_position SET at = ST_Translate(at, 0.0002, 0.0001), fixed_at = now(), changed_at = now()
WHERE personil_id IN (SELECT personil_id FROM last_position ORDER BY random() LIMIT 100)
"""
SETTLED = """() => {
  const canvas = document.querySelector("canvas.maplibregl-canvas");
  return canvas !== null && document.querySelector(".sound") === null
    && Math.abs(canvas.clientHeight - canvas.closest(".map").clientHeight) < 1;
}"""

Stir = Callable[[], Awaitable[None]]

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
# As if a graphics card did the map's triangles: all else is done as ever.
NO_TRIANGLES = """() => {
  for (const draw of ["drawElements", "drawArrays", "drawElementsInstanced", "drawArraysInstanced"])
    WebGL2RenderingContext.prototype[draw] = () => undefined;
}"""
RENDERER = """() => {
  const gl = document.createElement("canvas").getContext("webgl");
  return gl.getParameter(gl.getExtension("WEBGL_debug_renderer_info").UNMASKED_RENDERER_WEBGL);
}"""
STOP = "() => { cancelAnimationFrame(window.next_); return window.frames_.slice(5); }"
AT = {"p50_ms": 0.5, "p95_ms": 0.95, "p99_ms": 0.99}


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


async def pan(page: Page, stir: Stir | None = None) -> dict[str, float]:
    """Drag the map about for some seconds, officers moving meanwhile: how long its frames took."""
    box = await page.locator("canvas.maplibregl-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    browser = page.context.browser
    assert browser is not None
    await page.mouse.move(x, y)
    await page.mouse.down()
    await browser.start_tracing(page=page, categories=["blink", "cc", "devtools.timeline"])
    await page.evaluate(FRAMES)
    for step in range(STEPS):
        await page.mouse.move(x + 120 * ((step % 40) / 20 - 1), y + 60 * ((step % 30) / 15 - 1))
        if stir is not None and step % 10 == 0:
            await stir()
    times = sorted(await page.evaluate(STOP))
    trace = await browser.stop_tracing()
    await page.mouse.up()
    told = {name: round(part(times, at), 1) for name, at in AT.items()}
    own = sorted(own_work_ms(json.loads(trace)["traceEvents"]))
    return {
        **told,
        "map_frames": len(own),
        "own_work_p50_ms": round(part(own, 0.5), 1),
        "own_work_p95_ms": round(part(own, 0.95), 1),
    }


def part(ordered: list[float], at: float) -> float:
    """The figure that this part of all are not above."""
    return ordered[int(len(ordered) * at)]


def own_work_ms(events: list[dict[str, Any]]) -> list[float]:
    """Of each frame in which the map was drawn: scripts, styles, layout, painting and handing over.

    Processor time of the page's own thread, which other processes do not stretch: all that a frame
    needs but the drawing itself.
    """
    whole = [one for one in events if one.get("ph") == "X" and "tdur" in one]
    frames = [one for one in whole if one["name"] == "ProxyMain::BeginMainFrame"]
    asked = [one for one in whole if one["name"] == "FireAnimationFrame"]
    # One who asks is the counter of the frames; a second one is the map.
    return [
        frame["tdur"] / 1_000
        for frame in frames
        if sum(
            one["tid"] == frame["tid"] and 0 <= one["ts"] - frame["ts"] < frame["dur"]
            for one in asked
        )
        > 1
    ]


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
    await settle(page)
    empty = await pan(page)

    async with live_database.transaction() as session:
        for number in range(OFFICERS):
            await make_personil(session, regency.kota, somewhere(regency, number, OFFICERS))
        citizens = [await make_masyarakat(session) for _ in range(ALARMS)]
    async with httpx2.AsyncClient(base_url=house.url, timeout=60) as http:
        for number, citizen in enumerate(citizens):
            await press(http, citizen, regency, number)
    await page.reload()
    await expect(desk.queue).to_have_count(ALARMS)
    await settle(page)

    async def stir() -> None:
        async with live_database.statement() as sql:
            await sql.execute(MOVE)

    crowd = f"desk, {ALARMS} alarms and {OFFICERS} officers, panning"
    figures["desk, empty map, panning"] = empty
    figures[crowd] = await pan(page, stir)
    await page.evaluate(NO_TRIANGLES)
    figures[f"{crowd}, without triangles"] = summary([await pan(page, stir) for _ in range(PANS)])
    figures["renderer"] = await page.evaluate(RENDERER)


async def settle(page: Page) -> None:
    """The first touch lets the sound out, and the map takes the room of the banner: once a day."""
    await page.keyboard.press("Escape")
    await page.wait_for_function(SETTLED)


async def press(http: httpx2.AsyncClient, who: Person, regency: Regency, number: int) -> None:
    there = somewhere(regency, number, ALARMS)
    at = {"lat": there.lat, "lon": there.lon, "accuracy_m": 9, "age_s": 1}
    answer = await http.put(f"/v1/alarms/{new_id()}", json={"position": at}, headers=who.bearer)
    assert answer.status_code == 201


def somewhere(regency: Regency, number: int, of: int) -> Position:
    """Spread evenly over twelve kilometres square."""
    return regency.at(*(12_000 * (part % 1 - 0.5) for part in (number / of, number * 0.618)))


def summary(runs: list[dict[str, float]]) -> dict[str, float]:
    """The median of each figure over the runs."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}
