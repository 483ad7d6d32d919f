"""A Chromium for the browser tests: the system's, else the distribution's own, unpacked."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from cas_server.embedded import packages
from cas_server.embedded.apt import Apt, AptFailed
from cas_server.embedded.places import Say
from cas_server.embedded.problems import NoBrowser

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)

# The oldest release whose C library no supported Ubuntu is older than.
_DEBIAN = "deb [signed-by={keys}] http://deb.debian.org/debian bookworm main"

# Fonts of the unpacked tree and of the system; everything found from where the script lies.
_WRAPPER = """#!/bin/sh
home=$(dirname "$(readlink -f "$0")")
for place in "$home"/usr/lib/*-linux-gnu* "$home"/lib/*-linux-gnu*; do
  path="$path:$place:$place/nss:$place/pulseaudio"
done
export LD_LIBRARY_PATH="$home/usr/lib/chromium$path"
export FONTCONFIG_FILE="$home/fonts.conf"
export CHROME_WRAPPER="$home/chromium"
exec "$home/usr/lib/chromium/chromium" "$@"
"""

_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{home}/usr/share/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <include ignore_missing="yes">{home}/etc/fonts/conf.d</include>
  <include ignore_missing="yes">/etc/fonts/conf.d</include>
</fontconfig>
"""


def chromium(say: Say) -> Path:
    """An executable that takes Chromium's own arguments."""
    for candidate in _installed():
        if _runs(candidate):
            return candidate
    if not Apt.exists():
        raise NoBrowser(_command())
    home = packages.ensure_unpacked(
        "chromium", say, works=lambda tree: _runs(tree / "chromium"), fill=_fill, command=_command()
    )
    return home / "chromium"


def _installed() -> Iterable[Path]:
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            yield Path(found)
    yield from map(Path, _ELSEWHERE)
    downloads = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or "~/.cache/ms-playwright")
    yield from downloads.expanduser().glob("chromium-*/chrome-linux*/chrome")


def _runs(program: Path) -> bool:
    """Ubuntu's chromium-browser, for one, is only a note that points to snap."""
    if not os.access(program, os.X_OK):
        return False
    return re.search(r"Chrom\w+ \d+", _version(program)) is not None


def _version(program: Path) -> str:
    try:
        answer = subprocess.run(  # noqa: S603  # a browser, found by us
            [str(program), "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        return str(failure)
    return answer.stdout if answer.returncode == 0 else answer.stderr


def _fill(apt: Apt, say: Say) -> None:
    say(f"Chromium: reading the package lists of {packages.distribution()}")
    apt.update()
    if "chromium" in apt.names("chromium"):
        _lay_out(apt, say)
    else:
        _lay_out_debians(apt, say)
    home = packages.home_of("chromium")
    (apt.tree / "fonts.conf").write_text(_FONTS.format(home=home))
    wrapper = apt.tree / "chromium"
    wrapper.write_text(_WRAPPER)
    wrapper.chmod(0o755)
    if not _runs(wrapper):
        raise AptFailed(f"it does not run: {_version(wrapper).strip()[-200:]}")


def _lay_out(apt: Apt, say: Say) -> None:
    apt.fetch(apt.lacking(["chromium"]), say)
    say("unpacking Chromium")
    apt.unpack()


def _lay_out_debians(apt: Apt, say: Say) -> None:
    """Ubuntu has Chromium for snap only; Debian's runs there as well, with Debian's libraries.

    The keys that its packages are signed with come signed by Ubuntu.
    """
    say(f"Chromium: {packages.distribution()} has no package of it, taking Debian's")
    apt.fetch(["debian-archive-keyring"], say)
    apt.unpack()
    keys = apt.tree / "usr/share/keyrings/debian-archive-keyring.gpg"
    elsewhere = apt.tree.parent / "debian"
    debian = Apt(elsewhere, source=_DEBIAN.format(keys=keys))
    debian.update()
    _lay_out(debian, say)
    for part in debian.tree.iterdir():
        shutil.rmtree(apt.tree / part.name, ignore_errors=True)
        part.rename(apt.tree / part.name)


def _command() -> str:
    if sys.platform == "darwin":
        return "brew install --cask chromium"
    if shutil.which("snap"):
        return "snap install chromium"
    if shutil.which("apt-get"):
        return "apt-get install chromium"
    return "playwright install --with-deps chromium"
