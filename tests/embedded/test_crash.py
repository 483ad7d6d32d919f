"""After kill -9, with whatever was left lying about, the next start has the data."""

# ruff: noqa: S603, S607  # other real processes are what these tests are about

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cas_server.embedded import Cluster, Programs
from cas_server.embedded.places import server_account
from tests.embedded.conftest import (
    FAST,
    Starter,
    keep_a_row,
    kept_row,
    kill_whole_server,
    quiet,
    server_pid,
    text_of,
)


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """An unrelated process of the very account that PostgreSQL runs under."""
    account = server_account()
    process = subprocess.Popen(
        ["cat"], stdin=subprocess.PIPE, user=account.uid if os.geteuid() == 0 else None
    )
    yield process
    process.communicate()


def test_a_killed_postmaster_is_replaced(
    cluster: Cluster, new_cluster: Callable[[], Cluster]
) -> None:
    keep_a_row(cluster)
    os.kill(server_pid(cluster), signal.SIGKILL)

    later = new_cluster()
    later.start(quiet)

    assert kept_row(later) == "still"


def test_the_same_starter_may_start_again_after_a_kill(cluster: Cluster) -> None:
    keep_a_row(cluster)
    os.kill(server_pid(cluster), signal.SIGKILL)

    cluster.start(quiet)

    assert kept_row(cluster) == "still"


# Never waits for anything, so it does not notice by itself that the postmaster is gone.
_BUSY = "SELECT count(*) FROM generate_series(1, 1000000000000)"


@pytest.fixture
def busy_query(cluster: Cluster, programs: Programs) -> Iterator[subprocess.Popen[bytes]]:
    command = [str(programs.bin / "psql"), "-X", "-c", _BUSY, cluster.url("postgres")]
    process = subprocess.Popen(command, env=programs.environment, stderr=subprocess.DEVNULL)
    yield process
    process.wait()


@pytest.mark.usefixtures("busy_query")
def test_a_query_that_outlived_its_postmaster_is_ended_first(
    cluster: Cluster, new_cluster: Callable[[], Cluster]
) -> None:
    keep_a_row(cluster)
    backend = pid_of_busy_query(cluster)
    os.kill(server_pid(cluster), signal.SIGKILL)

    later = new_cluster()
    later.start(quiet)

    assert kept_row(later) == "still"
    assert "postgres" not in text_of(Path(f"/proc/{backend}/cmdline"))


def pid_of_busy_query(cluster: Cluster) -> int:
    ask = "SELECT pid FROM pg_stat_activity WHERE query = :'q' AND state = 'active'"
    while not (found := cluster.run_sql("postgres", ask, q=_BUSY)):
        pass
    return int(found)


def test_everything_killed_at_once_is_recovered(
    start_elsewhere: Callable[[], Starter], new_cluster: Callable[[], Cluster]
) -> None:
    starter = start_elsewhere()
    starter.until("ready")
    later = new_cluster()
    keep_a_row(later)
    kill_whole_server(later)
    starter.kill()

    later.start(quiet)

    assert kept_row(later) == "still"


def test_a_pid_file_of_an_unrelated_process_confuses_nobody(
    cluster: Cluster, new_cluster: Callable[[], Cluster], stranger: subprocess.Popen[bytes]
) -> None:
    keep_a_row(cluster)
    kill_whole_server(cluster)
    for left in (cluster.data / "postmaster.pid", cluster.folder / "socket/.s.PGSQL.5432.lock"):
        replace_first_line(left, str(stranger.pid))

    later = new_cluster()
    later.start(quiet)

    assert kept_row(later) == "still"
    assert stranger.poll() is None


def replace_first_line(file: Path, line: str) -> None:
    rest = file.read_text().splitlines()[1:]
    file.write_text("\n".join([line, *rest]) + "\n")


def test_a_pid_file_of_nobody_confuses_nobody(
    cluster: Cluster, new_cluster: Callable[[], Cluster]
) -> None:
    keep_a_row(cluster)
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text("garbage")

    later = new_cluster()
    later.start(quiet)

    assert kept_row(later) == "still"


def test_a_cluster_that_was_half_made_is_made_anew(
    home: Path, new_cluster: Callable[[], Cluster]
) -> None:
    half = home / "pg" / "data.new" / "base"
    half.mkdir(parents=True)
    (home / "pg").chmod(0o711)

    cluster = new_cluster()
    cluster.start(quiet, settings=FAST)

    keep_a_row(cluster)
    assert not half.exists()
