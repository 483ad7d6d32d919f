"""Apps on a home screen: found installable, opened without network, renewed without loss."""

import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from playwright.async_api import Browser, Page, expect
from starlette.applications import Starlette

from cas_server.db.session import Database
from cas_server.web.built import CLIENTS, built
from cas_server.web.pages import Built
from tests.browser.conftest import OpenPage
from tests.browser.seats import Button
from tests.browser.test_masyarakat import alarms_near
from tests.factories import (
    Regency,
    make_instansi,
    make_personil,
    make_petugas,
    make_staff,
)
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-phone")

KEPT = "() => navigator.serviceWorker.ready.then(() => true)"
SIGN_IN = """([client, token]) => client === "komando"
    ? sessionStorage.setItem("cas.komando.token", token)
    : localStorage.setItem(`cas.${client}.credentials`, JSON.stringify(
        { token, pressToken: token, phone: "+6281355539900" }))"""
LOOK = "() => navigator.serviceWorker.getRegistration().then((it) => it.update()).then(() => true)"


async def asked(page: Page, command: str) -> Any:
    session = await page.context.new_cdp_session(page)
    return await session.send(command)


@pytest.mark.parametrize("client", CLIENTS)
async def test_chromium_finds_every_app_installable(
    open_page: OpenPage, house: House, client: str
) -> None:
    page = await open_page(f"/{client}/", service_workers="allow")

    manifest = await asked(page, "Page.getAppManifest")
    errors = (await asked(page, "Page.getInstallabilityErrors"))["installabilityErrors"]

    assert manifest["url"] == f"{house.url}/{client}/manifest.webmanifest"
    assert manifest["errors"] == []
    # Every page of these tests is a private one.
    assert {each["errorId"] for each in errors} <= {"in-incognito"}


async def test_the_button_opens_without_network_and_keeps_the_press(
    open_page: OpenPage, house: House, regency: Regency, live_database: Database
) -> None:
    page = await open_page(
        "/masyarakat/",
        viewport={"width": 412, "height": 915},
        geolocation={"latitude": regency.centre.lat, "longitude": regency.centre.lon},
        permissions=["geolocation"],
        service_workers="allow",
    )
    button = Button(page)
    await button.register(house)
    await button.agree()
    await page.evaluate(KEPT)
    house.kill("serve")

    await page.reload()
    await expect(button.big).to_be_visible()
    await button.hold()
    await expect(page.get_by_role("link", name="Telepon 110")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("Belum sampai ke server")).to_be_visible()
    house.start_server()

    await expect(page.get_by_role("heading")).to_have_text("Alarm diterima Polsek Kota")
    assert await alarms_near(live_database, regency) == ["gps"]
    kept = await page.evaluate(
        "async () => { const all = await Promise.all((await caches.keys()).map(async (name) =>"
        " (await (await caches.open(name)).keys()).map((it) => new URL(it.url).pathname)));"
        " return all.flat(); }"
    )
    assert kept
    assert all(path.startswith("/masyarakat/") for path in kept)


async def test_desk_officer_and_counter_open_without_network_and_say_what_they_do_not_know(
    open_page: OpenPage, house: House, regency: Regency, live_database: Database
) -> None:
    async with live_database.transaction() as session:
        operator = await make_staff(session, regency.polres)
        officer = await make_personil(session, regency.kota, on_duty=False)
        instansi, site = await make_instansi(session, regency.at(50))
        teller = await make_petugas(session, instansi)
        name = await session.sql.fetchval("SELECT name FROM site WHERE id = $1", site)
    pages = {}
    for client, who, sign in (
        ("komando", operator, "Terhubung"),
        ("personil", officer, "TIDAK BERTUGAS"),
        ("instansi", teller, name),
    ):
        pages[client] = page = await open_page(f"/{client}/", service_workers="allow")
        await page.evaluate(SIGN_IN, [client, who.token])
        await page.evaluate(KEPT)
        await page.reload()
        await expect(page.get_by_text(sign)).to_be_visible()
    await pages["instansi"].get_by_role("button", name=name).click()
    await expect(pages["instansi"].get_by_text("Terhubung", exact=True)).to_be_visible()
    house.kill("serve")

    for page in pages.values():
        await page.reload()

    desk = pages["komando"]
    await expect(desk.get_by_role("alert")).to_contain_text("SAMBUNGAN TERPUTUS")
    await expect(desk.get_by_role("region", name="Antrean alarm")).to_contain_text(
        "belum ada gambar"
    )
    await expect(desk.get_by_text("Tidak ada alarm terbuka")).to_have_count(0)
    await expect(pages["personil"].get_by_text("panggilan tidak sampai")).to_be_visible()
    await expect(pages["personil"].get_by_text("STATUS TUGAS BELUM DIKETAHUI")).to_be_visible()
    await expect(pages["personil"].locator("button.hold")).to_be_visible()
    await expect(pages["instansi"].get_by_text("SAMBUNGAN TERPUTUS")).to_be_visible()
    await expect(pages["instansi"].locator("button.hold")).to_be_visible()
    await expect(pages["instansi"].get_by_text("Jl. Satu")).to_be_visible()

    house.start_server()
    await expect(desk.get_by_text("Tidak ada alarm terbuka")).to_be_visible()
    # Also what it had asked for once at its opening.
    await expect(desk.get_by_text(regency.polres.name, exact=True)).to_be_visible()


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A copy of the button's page in a folder that may change, and where it is served."""
    folder = built("masyarakat")
    assert folder is not None
    shutil.copytree(folder, tmp_path / "masyarakat")
    app = Starlette()
    app.mount("/masyarakat", Built(directory=tmp_path / "masyarakat", html=True))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    bound = server.config.bind_socket()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    yield tmp_path / "masyarakat", f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    bound.close()


async def test_a_new_version_is_offered_and_taken_when_nothing_typed_would_be_lost(
    browser: Browser, pages: tuple[Path, str]
) -> None:
    folder, url = pages
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{url}/masyarakat/")
    await page.evaluate(KEPT)
    await page.fill("[name=phone]", "0813 5550 1234")

    publish(folder, "Versi dua")
    await page.evaluate(LOOK)
    await page.get_by_role("button", name="Pakai sekarang").click()
    await expect(page.get_by_text("begitu ketikan Anda selesai")).to_be_visible()
    assert await page.title() == "Tombol Darurat"
    assert await page.input_value("[name=phone]") == "0813 5550 1234"
    await page.fill("[name=phone]", "")

    await expect(page).to_have_title("Versi dua")
    assert len(await page.evaluate("() => caches.keys()")) == 1
    await context.close()


async def test_built_files_are_asked_for_again_only_where_they_may_change(
    pages: tuple[Path, str],
) -> None:
    folder, url = pages
    [script, *_] = (folder / "assets").glob("*.js")
    async with httpx2.AsyncClient(base_url=f"{url}/masyarakat") as client:
        for changing in ("/", "/index.html", "/sw.js", "/manifest.webmanifest", "/icon-192.png"):
            assert (await client.get(changing)).headers["cache-control"] == "no-cache"
        hashed = await client.get(f"/assets/{script.name}")
        missing = await client.get("/assets/none.js")

    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert missing.headers.get("cache-control") != hashed.headers["cache-control"]


def publish(folder: Path, title: str) -> None:
    """Another build: a page with another title, and a service worker that names it."""
    page = folder / "index.html"
    page.write_text(re.sub("<title>.*</title>", f"<title>{title}</title>", page.read_text()))
    worker = folder / "sw.js"
    changed, times = re.subn(
        r"((?:index\.html).{1,20}revision.{1,3}:.)\w{32}", r"\g<1>" + "0" * 32, worker.read_text()
    )
    assert times == 1, "the service worker names index.html once, with its revision"
    worker.write_text(changed)
