"""What a frightened person's phone loads before the button stands there."""

import gzip
import re

from cas_server.web.built import built

MOST_BYTES = 60_000


def test_the_buttons_first_load_is_below_60_kb_of_script() -> None:
    folder = built("masyarakat")
    assert folder is not None, "build the web clients first: make clients"
    page = (folder / "index.html").read_text()
    scripts = re.findall(r'(?:src|href)="/masyarakat/([^"]+\.m?js)"', page)
    assert scripts

    sizes = {each: len(gzip.compress((folder / each).read_bytes(), 6)) for each in scripts}

    total = sum(sizes.values())
    print(f"first load of masyarakat: {total / 1000:.1f} kB of script")  # noqa: T201 - the figure
    assert total < MOST_BYTES, sizes
