"""Signing in with a code: what the page says of tries, time and limits, on a small phone."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.xdist_group("browser-desk")

SMALL_PHONE = {"width": 360, "height": 740}


async def ask(page: Page, phone: str) -> None:
    await page.fill("[name=phone]", phone)
    await page.fill("[name=name]", "Rina Uji")
    await page.get_by_role("button", name="Kirim kode").click()
    await expect(page.get_by_text("Kode dikirim lewat SMS ke")).to_be_visible()


async def fits(page: Page) -> bool:
    narrow: bool = await page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    return narrow


async def test_wrong_codes_count_down_and_a_new_one_may_be_asked_for(open_page: OpenPage) -> None:
    page = await open_page("/masyarakat/", viewport=SMALL_PHONE)
    await ask(page, "0813 5551 0001")
    await expect(page.get_by_text(re.compile("Kode berlaku 4 mnt"))).to_be_visible()
    resend = page.get_by_role("button", name=re.compile("Kirim kode baru"))
    await expect(resend).to_be_disabled()

    for left in (4, 3, 2, 1):
        await page.fill("[name=code]", "000000")
        await page.get_by_role("button", name="Lanjut").click()
        await expect(page.get_by_text(f"Kode salah. Sisa {left} percobaan.")).to_be_visible()
    assert await fits(page)
    await page.get_by_role("button", name="Lanjut").click()

    await expect(page.get_by_text("Kode sudah tidak berlaku. Minta kode baru.")).to_be_visible()
    await expect(page.get_by_role("button", name="Lanjut")).to_be_disabled()


async def test_too_many_codes_are_answered_with_the_time_to_wait(open_page: OpenPage) -> None:
    page = await open_page("/masyarakat/", viewport=SMALL_PHONE)
    for _ in range(5):
        await ask(page, "0813 5551 0002")
        await page.get_by_role("button", name="Pakai nomor lain").click()

    await page.get_by_role("button", name="Kirim kode").click()

    await expect(page.get_by_text(re.compile(r"Coba lagi dalam \d+ mnt"))).to_be_visible()
    await expect(page.get_by_role("button", name="Kirim kode")).to_be_disabled()
    assert await fits(page)
