"""What is unpacked is whole or absent, whoever was interrupted and however many start at once."""

# ruff: noqa: S603  # other real processes are what these tests are about

import subprocess
import sys
from pathlib import Path

import pytest

from cas_server.embedded import chromium, find_programs, packages, state_folder, temporary_cluster
from cas_server.embedded.apt import Apt, AptFailed
from cas_server.embedded.places import Say
from cas_server.embedded.problems import UnpackFailed
from tests.embedded.conftest import FAST, quiet

needs_apt = pytest.mark.skipif(not Apt.exists(), reason="only Debian and Ubuntu have apt")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CAS_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


def is_whole(tree: Path) -> bool:
    return (tree / "whole").exists()


def fill(apt: Apt, say: Say) -> None:
    say("filling")
    (apt.tree / "whole").touch()


def stop_halfway(apt: Apt, _: Say) -> None:
    (apt.tree / "half").touch()
    raise AptFailed("the network went away")


def ensure(say: Say = quiet, fill: packages.Fill = fill) -> Path:
    return packages.ensure_unpacked(
        "thing", say, works=is_whole, fill=fill, command="apt-get install thing"
    )


def test_the_state_folder_is_the_chosen_one(state: Path) -> None:
    assert state_folder() == state


@pytest.mark.usefixtures("state")
def test_it_is_unpacked_once() -> None:
    first: list[str] = []
    second: list[str] = []

    assert ensure(first.append) == ensure(second.append)

    assert first[0] == "filling"
    assert second == []


def test_a_failed_unpack_says_why_and_leaves_nothing(state: Path) -> None:
    with pytest.raises(UnpackFailed, match=r"the network went away.*run `apt-get install thing`"):
        ensure(fill=stop_halfway)

    assert [each.name for each in (state / "unpacked").iterdir()] == ["thing.lock"]
    assert is_whole(ensure())


def test_what_an_interrupted_unpack_left_is_cleared_away(state: Path) -> None:
    left = state / "unpacked" / "thing.part-abc" / "tree"
    left.mkdir(parents=True)

    assert is_whole(ensure())
    assert not left.exists()


@pytest.mark.usefixtures("state")
def test_what_no_longer_works_is_unpacked_anew() -> None:
    (ensure() / "whole").unlink()

    assert is_whole(ensure())


_HOLDER = """
import fcntl, sys
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
print("held", flush=True)
input()
"""


def test_the_second_of_two_waits_and_says_so(state: Path) -> None:
    (state / "unpacked").mkdir(parents=True)
    lock = state / "unpacked" / "thing.lock"
    said: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdin
        assert holder.stdout
        holder.stdout.readline()

        def say(line: str) -> None:
            said.append(line)
            if "waiting" in line:
                holder.kill()

        assert is_whole(ensure(say))

    assert said[0] == "another start is busy with unpacking thing; waiting for it"


@needs_apt
def test_apt_reads_the_lists_without_root_and_without_touching_the_system(tmp_path: Path) -> None:
    apt = Apt(tmp_path)
    try:
        apt.update()
    except AptFailed as failure:
        pytest.skip(f"the package servers are out of reach: {failure}")

    names = apt.names("postgresql-")

    assert any(name.endswith("-postgis-3") for name in names)
    assert "libc6" not in apt.lacking(["tzdata", "libpq5"])


def test_what_was_found_is_found_again_without_a_word() -> None:
    find_programs(quiet)
    said: list[str] = []

    find_programs(said.append)

    assert said == []


def test_chromium_starts() -> None:
    answer = subprocess.run(
        [str(chromium(quiet)), "--version"], capture_output=True, text=True, check=True
    )

    assert "Chrom" in answer.stdout


_MAKER = """
from cas_server.embedded import temporary_cluster
with temporary_cluster(lambda line: None, settings={"fsync": "off"}) as cluster:
    print(cluster.folder.parent, flush=True)
    input()
"""


def test_a_temporary_cluster_is_gone_afterwards() -> None:
    with temporary_cluster(quiet, settings=FAST) as cluster:
        folder = cluster.folder.parent
        assert folder.exists()

    assert not folder.exists()


def test_a_temporary_cluster_of_a_killed_maker_is_removed_by_the_next() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _MAKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as maker:
        assert maker.stdout
        left = Path(maker.stdout.readline().strip())
        maker.kill()
    assert left.exists()

    with temporary_cluster(quiet, settings=FAST) as cluster:
        assert cluster.folder.parent.exists()

    assert not left.exists()
