"""No serious finding of axe (WCAG 2.2 AA) on the screens people use, light and dark."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from cas_server.db.session import Database
from tests.browser import test_instansi
from tests.browser.conftest import PASSWORD, OpenPage
from tests.browser.officers import KEEP, go_on_duty, open_phone
from tests.browser.seats import Button, Desk, Loket
from tests.factories import Person, Regency, make_personil
from tests.live.house import House

pytestmark = pytest.mark.xdist_group("browser-phone")

bank, loket = test_instansi.bank, test_instansi.loket

AXE = (Path(__file__).parents[2] / "clients/node_modules/axe-core/axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Another scheme changes nothing but the colours.
LOOK = {"light": RULES, "dark": {"type": "rule", "values": ["color-contrast"]}}
FIND = """async (rules) => (await axe.run({ runOnly: rules })).violations
    .filter((one) => ["serious", "critical"].includes(one.impact))
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target} ${node.html}`))"""

# A box to tick is as large as its label. Signs on the map stand where they stand.
SMALL = """() => [...document.querySelectorAll(
    "button, a[href], select, input:not([type=hidden]), textarea, summary, [role=switch]")]
    .filter((one) => one.checkVisibility())
    .filter((one) => one.closest(".alarm-marker, p, [inert], .sr-only") === null)
    .map((one) => [one, (one.matches("[type=checkbox], [type=radio]")
        ? one.closest("label") ?? one : one).getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && Math.min(box.width, box.height) < 47.5)
    .map(([one, box]) => `small: ${Math.round(box.width)}x${Math.round(box.height)} `
        + one.outerHTML.slice(0, 120))"""

# Whoever goes by keyboard sees where they are; whoever asked for stillness sees nothing that goes
# on moving. A heading that is focused to be read aloud is no control.
UNSEEN = """() => {
    const before = document.activeElement;
    const controls = "button, a[href], select, input, textarea, summary";
    const found = [...document.querySelectorAll(controls)]
        .filter((one) => one.checkVisibility() && !one.disabled && one.closest("[inert]") === null)
        .filter((one) => {
            // What has the focus already, by a tap, would not show it.
            one.blur();
            one.focus({ focusVisible: true, preventScroll: true });
            const { outlineStyle, outlineWidth } = getComputedStyle(one);
            return document.activeElement === one
                && (outlineStyle === "none" || parseFloat(outlineWidth) < 2);
        })
        .map((one) => `focus unseen: ${one.outerHTML.slice(0, 120)}`);
    before?.focus?.({ preventScroll: true });
    return found;
}"""
MOVING = """() => document.getAnimations()
    .filter((one) => one.effect.getTiming().iterations === Infinity)
    .map((one) => `moves: ${one.animationName} ${one.effect.target.outerHTML.slice(0, 120)}`)"""


async def findings(page: Page) -> list[str]:
    """What a person with a screen reader, poor eyes or an unsteady hand could not use here."""
    await page.evaluate(f"{AXE}; true")
    found: list[str] = await page.evaluate(SMALL) + await page.evaluate(UNSEEN)
    for scheme, rules in LOOK.items():
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type] # keys of LOOK
        # The desk's is chosen there, not by the system.
        await page.evaluate("(it) => { document.documentElement.dataset.theme = it; }", scheme)
        found += [f"{scheme} {one}" for one in await page.evaluate(FIND, rules)]
    found += await page.evaluate(MOVING)
    return found


async def test_the_buttons_screens(open_page: OpenPage, house: House, regency: Regency) -> None:
    page = await open_page(
        "/masyarakat/",
        viewport={"width": 360, "height": 740},
        # So vague that a place is asked for.
        geolocation={
            "latitude": regency.centre.lat,
            "longitude": regency.centre.lon,
            "accuracy": 900,
        },
        permissions=["geolocation"],
    )
    button = Button(page)
    found = await findings(page)
    await button.register(house)
    await expect(page.get_by_role("button", name="Saya setuju")).to_be_visible()
    found += await findings(page)
    await button.agree()
    found += await findings(page)
    for name in (
        "Latihan menekan",
        "Polisi di dekat saya",
        "Riwayat alarm saya",
        "Ponsel yang memakai",
        "Buat PIN",
    ):
        await page.get_by_role("button", name=name).click()
        await expect(
            button.big if name == "Latihan menekan" else page.locator("h1")
        ).to_be_visible()
        found += await findings(page)
        await page.reload()
        await expect(button.big).to_be_visible()
    await page.context.set_offline(True)
    await button.hold()
    await expect(page.get_by_role("link", name="Telepon 110")).to_be_visible()
    found += await findings(page)
    await page.context.set_offline(False)
    await expect(page.get_by_role("heading")).to_contain_text("Alarm diterima")
    found += await findings(page)
    await page.get_by_role("button", name="Tunjukkan tempat saya").click()
    await expect(page.locator(".map canvas")).to_be_visible()
    found += await findings(page)
    await page.get_by_role("button", name="Kembali").click()
    await page.get_by_role("button", name="Batalkan alarm").click()
    found += await findings(page)
    await page.get_by_role("button", name="Sudah aman").click()
    await expect(page.get_by_role("heading")).to_have_text("Alarm dibatalkan")
    found += await findings(page)

    assert found == []


async def test_the_counters_screens(loket: Loket) -> None:
    page = loket.page
    found = await findings(page)
    for name in ("Data lokasi", "Petugas", "Latihan"):
        await loket.open(name)
        await expect(page.locator("h1")).to_be_visible()
        if name == "Data lokasi":
            await loket.open("Tambah narahubung")
        found += await findings(page)
        if name != "Latihan":
            await page.keyboard.press("Escape")
            await expect(loket.big).to_be_visible()
    await loket.hold()
    await expect(page.get_by_text("Menunggu meja komando…")).to_be_visible()
    found += await findings(page)

    assert found == []


async def test_the_officers_screens(
    open_page: OpenPage,
    live_database: Database,
    regency: Regency,
    button: Button,
) -> None:
    async with live_database.transaction() as session:
        officer = await make_personil(session, regency.kota, on_duty=False)
    page = await open_phone(open_page, regency, viewport={"width": 412, "height": 800})
    found = await findings(page)
    await page.evaluate(KEEP, [officer.token, "+6281355539900"])
    await page.reload()
    await go_on_duty(page)
    found += await findings(page)
    await button.hold()
    await expect(page.get_by_role("button", name="TERIMA")).to_be_visible()
    found += await findings(page)
    await page.get_by_role("button", name="Tolak").click()
    await page.get_by_role("button", name="Kembali ke panggilan").click()
    await page.get_by_role("button", name="SOS").click()
    found += await findings(page)
    await page.get_by_role("button", name="Kembali").click()
    await page.get_by_role("button", name="TERIMA").click()
    await expect(page.get_by_role("button", name="BERANGKAT")).to_be_visible()
    await page.get_by_role("button", name="Lepas dari alarm ini").click()
    await page.get_by_role("button", name="Telepon pelapor").click()
    found += await findings(page)
    await page.get_by_role("button", name="BERANGKAT").click()
    await page.get_by_role("button", name="SUDAH TIBA").click()
    await page.get_by_role("button", name="Minta bantuan").click()
    await page.get_by_role("button", name="SELESAI: LAPOR").click()
    await page.get_by_role("radio", name="Uji coba").check()
    found += await findings(page)
    await page.fill("[name=report_note]", "uji")
    await page.get_by_role("button", name="Kirim laporan").click()
    await expect(page.get_by_text("menunggu Komando menutup")).to_be_visible()
    found += await findings(page)
    await page.get_by_role("button", name="Riwayat saya").click()
    await expect(page.get_by_text("sekarang")).to_be_visible()
    found += await findings(page)

    assert found == []


async def test_the_desks_screens(
    open_page: OpenPage,
    operator: Person,  # noqa: ARG001 - there must be one
    officer: Person,  # noqa: ARG001 - somebody in the list
    regency: Regency,
    house: House,
    button: Button,
) -> None:
    page = await open_page("/komando/", viewport={"width": 1440, "height": 900})
    found = await findings(page)
    desk = Desk(page)
    await desk.sign_in(regency.polres.code, PASSWORD)
    await button.hold()
    await desk.choose_first()
    found += await findings(page)
    for key in "?gsrdou":
        await page.keyboard.press(key)
        await expect(page.get_by_role("dialog")).to_be_visible()
        found += await findings(page)
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog")).to_have_count(0)
    for name in ("Akun & keamanan", "Perangkat menunggu"):
        await page.get_by_role("button", name=name).click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        found += await findings(page)
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog")).to_have_count(0)
    await page.keyboard.press("l")
    await page.keyboard.press("h")
    await page.keyboard.press("n")
    await expect(page.get_by_role("form", name="Alarm atas nama")).to_be_visible()
    found += await findings(page)
    await page.keyboard.press("Escape")
    await page.keyboard.press("w")
    await expect(page.get_by_role("complementary", name="Layar besar")).to_be_visible()
    found += await findings(page)
    house.kill("serve")
    await expect(page.get_by_text("GAMBAR BERUMUR")).to_be_visible()
    found += await findings(page)

    assert found == []
