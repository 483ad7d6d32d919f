"""Programs to compare with are found where they are, and never fetched by a short trial."""

import os
from pathlib import Path

import pytest

from cas_server.bench import rivals
from cas_server.bench.rivals import NATS, NoRival, Program, Rival
from cas_server.bench.stage import Trial
from cas_server.embedded import packages
from cas_server.embedded.apt import Apt

RIVAL = Rival("cas-rival-of-a-test", package="cas-rival-of-a-test")


@pytest.fixture(autouse=True)
def _nothing_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAS_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)


def _program(at: Path) -> Path:
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_text("#!/bin/sh\n")
    at.chmod(0o755)
    return at


def test_a_program_on_the_path_comes_before_an_unpacked_one(tmp_path: Path) -> None:
    home = packages.home_of(RIVAL.program)
    (home / "usr/lib/x86_64-linux-gnu").mkdir(parents=True)
    unpacked = _program(home / f"usr/sbin/{RIVAL.program}")
    found_first = rivals.present(RIVAL)
    installed = _program(tmp_path / RIVAL.program)

    libraries = {"LD_LIBRARY_PATH": str(home / "usr/lib/x86_64-linux-gnu")}
    assert found_first == Program(unpacked, libraries)
    assert rivals.present(RIVAL) == Program(installed)


def test_the_wheels_program_is_found_without_a_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    found = rivals.present(NATS)

    assert found is not None
    assert found.path.stat().st_size > 1_000_000


def test_a_short_trial_does_without_and_the_full_one_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Apt, "exists", lambda: False)
    said: list[str] = []

    assert rivals.for_trial(RIVAL, Trial(1, 0.01, said.append)) is None
    with pytest.raises(NoRival, match=r"run `(apt-get|brew) install cas-rival"):
        rivals.for_trial(RIVAL, Trial(1, 1, said.append))
