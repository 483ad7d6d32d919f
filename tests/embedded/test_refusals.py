"""What CAS cannot mend by itself is said in one sentence, and nothing is lost by it."""

# ruff: noqa: S603, S607  # other real processes are what these tests are about

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cas_server.embedded import Cluster, Programs
from cas_server.embedded.problems import (
    CannotReach,
    DiskFull,
    EmbeddedProblem,
    NotACluster,
    NotWritable,
    OtherMajorVersion,
    StartFailed,
    WrongOwner,
    WrongPermissions,
)
from tests.embedded.conftest import FAST, keep_a_row, kept_row, quiet

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away or mount")
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


def refusal(cluster: Cluster, kind: type[EmbeddedProblem]) -> str:
    with pytest.raises(kind) as refused:
        cluster.start(quiet)
    sentence = str(refused.value)
    assert "\n" not in sentence
    return sentence


def test_data_of_another_major_version_is_named(cluster: Cluster) -> None:
    keep_a_row(cluster)
    cluster.stop()
    version = cluster.data / "PG_VERSION"
    rightly = version.read_text()
    version.write_text("12\n")

    said = refusal(cluster, OtherMajorVersion)

    assert "made by PostgreSQL 12" in said
    version.write_text(rightly)
    cluster.start(quiet)
    assert kept_row(cluster) == "still"


def test_an_open_data_folder_is_refused_with_the_command_that_mends_it(cluster: Cluster) -> None:
    cluster.stop()
    cluster.data.chmod(0o755)

    said = refusal(cluster, WrongPermissions)

    assert f"chmod 700 {cluster.data}" in said
    cluster.data.chmod(0o700)
    cluster.start(quiet)


def test_a_folder_without_a_cluster_is_not_touched(
    home: Path, new_cluster: Callable[[], Cluster]
) -> None:
    cluster = new_cluster()
    cluster.start(quiet, settings=FAST)
    cluster.stop()
    (cluster.data / "PG_VERSION").rename(home / "PG_VERSION")

    assert "holds no PostgreSQL data" in refusal(cluster, NotACluster)


def test_the_server_s_own_last_words_are_told(cluster: Cluster) -> None:
    cluster.stop()
    (cluster.data / "global/pg_control").rename(cluster.data / "pg_control")

    assert "pg_control" in refusal(cluster, StartFailed)


def test_an_unknown_setting_is_told(cluster: Cluster) -> None:
    cluster.stop()

    with pytest.raises(StartFailed, match='unrecognized configuration parameter "no_such"'):
        cluster.start(quiet, settings={"no_such": "1"})


@as_root
def test_data_of_another_account_is_not_taken_over(cluster: Cluster) -> None:
    cluster.stop()
    owner = cluster.data.stat().st_uid
    os.chown(cluster.data, 54321, 54321)

    assert "belongs to the account 54321" in refusal(cluster, WrongOwner)

    os.chown(cluster.data, owner, -1)
    cluster.start(quiet)


@as_root
def test_root_does_not_work_in_a_folder_that_another_account_laid_out(cluster: Cluster) -> None:
    cluster.stop()
    os.chown(cluster.folder, 54321, 54321)

    assert "belongs to the account 54321" in refusal(cluster, WrongOwner)


@as_root
def test_a_folder_that_the_server_s_account_cannot_enter_is_named(
    home: Path, programs: Programs
) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)

    said = refusal(Cluster(closed / "pg", programs), CannotReach)

    assert f"cannot enter {closed}" in said


@as_user
def test_a_folder_that_may_not_be_written_is_named(home: Path, programs: Programs) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o500)

    assert f"may not write in {closed}" in refusal(Cluster(closed / "pg", programs), NotWritable)


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    disk = home / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=96m,mode=0711", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with pytest.raises(OSError, match="No space"):
        filler.write_bytes(bytes(96_000_000))
    return filler


@as_root
def test_a_full_disk_is_named_and_the_data_is_still_there(
    small_disk: Path, programs: Programs
) -> None:
    cluster = Cluster(small_disk / "pg", programs)
    cluster.start(quiet, settings=FAST)
    keep_a_row(cluster)
    cluster.stop()
    filler = fill(small_disk)

    assert "is full" in refusal(cluster, DiskFull)

    filler.unlink()
    cluster.start(quiet)
    assert kept_row(cluster) == "still"
    cluster.destroy()


@as_root
def test_a_disk_too_small_for_a_new_cluster_is_named(small_disk: Path, programs: Programs) -> None:
    (small_disk / "filler").write_bytes(bytes(80_000_000))
    cluster = Cluster(small_disk / "pg", programs)

    assert "is full" in refusal(cluster, DiskFull)

    (small_disk / "filler").unlink()
    cluster.start(quiet, settings=FAST)
    cluster.destroy()
