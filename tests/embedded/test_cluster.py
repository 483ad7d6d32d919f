"""A private cluster in daily use: started, shared, adopted, stopped."""

import stat
from collections.abc import Callable
from pathlib import Path

import asyncpg

from cas_server.embedded import Cluster, Programs
from cas_server.embedded.problems import StatementFailed
from tests.embedded.conftest import (
    FAST,
    Starter,
    keep_a_row,
    kept_row,
    quiet,
    server_pid,
)


def is_up(cluster: Cluster) -> bool:
    try:
        cluster.run_sql("postgres", "SELECT 1")
    except StatementFailed:
        return False
    return True


async def test_asyncpg_reaches_postgis_through_the_url(cluster: Cluster) -> None:
    cluster.create_database("cas")
    connection = await asyncpg.connect(cluster.url("cas"))

    await connection.execute("CREATE EXTENSION postgis")
    there = await connection.fetchval(
        "SELECT ST_X(ST_Transform(ST_SetSRID(ST_Point(111.88, -7.15), 4326), 32749))::int"
    )

    await connection.close()
    assert 590_000 < there < 600_000


def test_nobody_else_on_the_machine_can_reach_it(cluster: Cluster) -> None:
    assert cluster.run_sql("postgres", "SHOW listen_addresses") == ""
    assert stat.S_IMODE((cluster.folder / "socket").stat().st_mode) == 0o700
    assert stat.S_IMODE(cluster.data.stat().st_mode) == 0o700


def test_it_runs_with_our_settings_and_those_of_its_starter(cluster: Cluster) -> None:
    names = ["jit", "synchronous_commit", "server_encoding", "data_checksums", "fsync"]
    shown = {name: cluster.run_sql("postgres", f"SHOW {name}") for name in names}
    collation = "SELECT datcollate FROM pg_database WHERE datname = 'postgres'"

    assert shown == {
        "jit": "off",
        "synchronous_commit": "on",
        "server_encoding": "UTF8",
        "data_checksums": "on",
        "fsync": "off",
    }
    assert cluster.run_sql("postgres", collation) == "C.UTF-8"


def test_what_was_stored_is_there_after_a_stop_and_a_start(
    cluster: Cluster, new_cluster: Callable[[], Cluster]
) -> None:
    keep_a_row(cluster)
    cluster.stop()

    later = new_cluster()
    later.start(quiet)

    assert kept_row(later) == "still"


def test_a_database_is_made_once_cloned_and_dropped(cluster: Cluster) -> None:
    assert cluster.create_database("ruwet 'nama\"")
    assert not cluster.create_database("ruwet 'nama\"")
    assert cluster.create_database("salinan", template="ruwet 'nama\"")

    cluster.drop_database("ruwet 'nama\"")
    cluster.drop_database("ruwet 'nama\"")

    left = cluster.run_sql("postgres", "SELECT datname FROM pg_database WHERE NOT datistemplate")
    assert sorted(left.split()) == ["postgres", "salinan"]


def test_a_second_user_adopts_the_running_server(
    cluster: Cluster, new_cluster: Callable[[], Cluster]
) -> None:
    second = new_cluster()

    second.start(quiet)

    assert server_pid(second) == server_pid(cluster)
    assert is_up(second)


def test_the_first_to_leave_does_not_take_the_server_along(
    cluster: Cluster, new_cluster: Callable[[], Cluster]
) -> None:
    second = new_cluster()
    second.start(quiet)

    cluster.stop()
    assert is_up(second)

    second.stop()
    assert not is_up(second)


def test_stop_leaves_a_server_alone_that_somebody_started_by_hand(
    cluster: Cluster, new_cluster: Callable[[], Cluster]
) -> None:
    (cluster.folder / "started").unlink()  # as if another program had started it
    second = new_cluster()
    second.start(quiet)

    cluster.stop()
    second.stop()

    assert is_up(second)


def test_stop_without_a_start_does_nothing(
    cluster: Cluster, new_cluster: Callable[[], Cluster]
) -> None:
    new_cluster().stop()

    assert is_up(cluster)


def test_two_starts_at_once_share_one_server(start_elsewhere: Callable[[], Starter]) -> None:
    starters = [start_elsewhere(), start_elsewhere(), start_elsewhere()]

    said = [each.until("ready") for each in starters]

    made = [lines for lines in said if "making a new database cluster" in lines]
    assert len(made) == 1
    for each in starters:
        each.let_go()


def test_the_next_start_adopts_the_server_of_a_killed_starter(
    start_elsewhere: Callable[[], Starter], new_cluster: Callable[[], Cluster]
) -> None:
    first = start_elsewhere()
    first.until("ready")
    heir = new_cluster()
    pid = server_pid(heir)
    first.kill()

    heir.start(quiet)

    assert server_pid(heir) == pid
    heir.stop()
    assert not is_up(heir)


def test_a_long_path_gets_a_short_private_socket(home: Path, programs: Programs) -> None:
    deep = Cluster(home / "pg" / ("panjang" * 15), programs)
    try:
        deep.start(quiet, settings=FAST)
        socket_folder = Path(deep.url("postgres").partition("host=")[2])

        assert is_up(deep)
        assert len(str(socket_folder)) < 60
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700

        deep.stop()
        assert not socket_folder.exists()
    finally:
        deep.destroy()
