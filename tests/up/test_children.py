"""Children that die: a spare takes their place, and they are started again as long as it helps."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cas_server import children
from cas_server.children import Children, Recipe

PATIENCE_S = 60.0

# Says who it is when its turn has come, and stays.
_WORKS = """
import os, signal
from pathlib import Path
from cas_server import handover
Path("loaded", str(os.getpid())).touch()
if handover.await_turn():
    Path("works", str(os.getpid())).touch()
    signal.pause()
"""


class House:
    """One child that has a spare, in a folder where both leave their marks."""

    def __init__(self, folder: Path) -> None:
        for mark in ("loaded", "works"):
            (folder / mark).mkdir()
        self.folder = folder
        self.told: list[str] = []
        self.children = Children(folder / "log", self.told.append)
        command = ["env", "-C", str(folder), sys.executable, "-c", _WORKS]
        self.children.start(Recipe("the server", command, {}, has_spare=True))

    def marked(self, mark: str) -> set[int]:
        return {int(each.name) for each in (self.folder / mark).iterdir()}

    def await_marked(self, mark: str, count: int) -> set[int]:
        """Look after the children until so many have left this mark."""
        deadline = time.monotonic() + PATIENCE_S
        while len(self.marked(mark)) < count:
            assert self.children.look() is None
            assert time.monotonic() < deadline, self.told
        return self.marked(mark)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr(children, "SPARE_AFTER_S", 0.0)
    house = House(tmp_path)
    yield house
    house.children.end_all()


def test_the_spare_takes_the_place_of_the_dead_and_gets_a_spare_itself(house: House) -> None:
    (first,) = house.await_marked("works", 1)
    spare = (house.await_marked("loaded", 2) - {first}).pop()
    assert house.marked("works") == {first}, "it waits for its turn"

    os.kill(first, signal.SIGKILL)

    assert house.await_marked("works", 2) == {first, spare}
    assert len(house.await_marked("loaded", 3)) == 3
    assert house.marked("works") == {first, spare}
    assert house.told == ["the server ended (code -9); starting it again"]


def test_a_spare_that_dies_is_replaced_and_nobody_falls(house: House) -> None:
    (first,) = house.await_marked("works", 1)
    spare = (house.await_marked("loaded", 2) - {first}).pop()

    os.kill(spare, signal.SIGKILL)

    next_one = (house.await_marked("loaded", 3) - {first, spare}).pop()
    os.kill(first, signal.SIGKILL)
    assert house.await_marked("works", 2) == {first, next_one}


def test_it_ends_with_the_others_and_when_nobody_is_left_to_call_it(house: House) -> None:
    (first,) = house.await_marked("works", 1)
    spare = (house.await_marked("loaded", 2) - {first}).pop()

    house.children.end_all()

    for pid in (first, spare):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert house.marked("works") == {first}


def kill_again_and_again(house: House, times: int) -> str | None:
    """Kill whoever works so often; the name of what has fallen for good, if anything has."""
    for number in range(1, times + 1):
        deadline = time.monotonic() + PATIENCE_S
        while len(house.marked("works")) < number:
            if (fallen := house.children.look()) is not None:
                return fallen
            assert time.monotonic() < deadline, house.told
        newest = max((house.folder / "works").iterdir(), key=lambda each: each.stat().st_mtime_ns)
        os.kill(int(newest.name), signal.SIGKILL)
    return None


def test_who_has_worked_is_started_again_for_ever(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "RESTARTS", 1)
    monkeypatch.setattr(children, "LIVED_S", 0.0)
    monkeypatch.setattr(children, "PACE_S", 0.0)

    assert kill_again_and_again(house, 5) is None
    house.await_marked("works", 6)


def test_who_never_gets_to_work_is_given_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "RESTARTS", 2)

    assert kill_again_and_again(house, 5) == "the server"
    assert len(house.told) == 2
