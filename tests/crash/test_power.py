"""The layer under PostgreSQL loses what was not synced, and nothing else."""

import os
import random
import signal
from collections.abc import Iterator

import pytest

from cas_server import up
from cas_server.embedded.problems import EmbeddedProblem
from tests.crash.power import FragileCluster, can_lose, fragile_cluster

pytestmark = [
    pytest.mark.xdist_group("crash"),
    pytest.mark.skipif(not can_lose(), reason="needs a C compiler on Linux"),
]

KEEP = "CREATE TABLE IF NOT EXISTS kept (word text); INSERT INTO kept VALUES (:'word')"
CHANCE = random.Random(1)  # noqa: S311 - which files a power cut spares


@pytest.fixture
def fragile() -> Iterator[FragileCluster]:
    with fragile_cluster() as cluster:
        yield cluster


def cut_the_power(cluster: FragileCluster, *, torn: float = 0.0) -> int:
    pid = int((cluster.data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    return cluster.lose_unsynced(CHANCE, share=1.0, torn=torn)


def words(cluster: FragileCluster) -> list[str]:
    return cluster.run_sql("postgres", "SELECT word FROM kept").split()


def test_what_was_synced_survives_and_what_was_not_is_lost(fragile: FragileCluster) -> None:
    fragile.run_sql("postgres", KEEP, word="synced")

    assert cut_the_power(fragile) > 0
    fragile.start(lambda _: None)
    assert words(fragile) == ["synced"]

    # The same without fsync is lost, or the database does not even start: what the layer is for.
    cut_the_power(fragile)
    fragile.start(lambda _: None, settings={"fsync": "off"})
    fragile.run_sql("postgres", KEEP, word="believed")
    fragile.run_sql("postgres", "CHECKPOINT")
    cut_the_power(fragile)
    try:
        fragile.start(lambda _: None)
        kept = words(fragile)
    except EmbeddedProblem:
        kept = []
    assert "believed" not in kept


def test_a_database_that_a_full_disk_has_ended_is_back_as_soon_as_there_is_room(
    fragile: FragileCluster,
) -> None:
    fragile.start(lambda _: None)
    fragile.run_sql("postgres", KEEP, word="before")
    fragile.fill_disk(full=True)
    cut_the_power(fragile)

    up._tend(fragile)  # says what is wrong, and does not take the others down with it
    assert not fragile.runs()
    fragile.fill_disk(full=False)
    up._tend(fragile)

    assert "before" in words(fragile)


SMALL = {"shared_buffers": "128kB", "autovacuum": "off", "bgwriter_lru_maxpages": "0"}
"""So few pages in memory that reading a table writes out what another one has changed."""
MADE = """
DROP TABLE IF EXISTS paged, aside;
CREATE TABLE paged (number int PRIMARY KEY, word text);
INSERT INTO paged SELECT n, repeat('a', 100) FROM generate_series(1, 2000) n;
CREATE TABLE aside AS SELECT repeat('x', 1000) FROM generate_series(1, 2000);
CHECKPOINT;
"""
CHANGED = """
UPDATE paged SET word = repeat('b', 100);
SELECT count(*) FROM aside;
"""
AS_CHANGED = "SELECT count(*), min(word) = max(word) AND min(word) LIKE 'b%' FROM paged"


def test_torn_pages_are_made_whole_by_what_the_log_keeps_of_them_and_found_without_that(
    fragile: FragileCluster,
) -> None:
    assert after_tearing(fragile, full_page_writes="on") == "2000|t"
    assert after_tearing(fragile, full_page_writes="off") != "2000|t"


def after_tearing(cluster: FragileCluster, *, full_page_writes: str) -> str:
    """What the changed table holds after a power cut that tears its pages; else what hinders."""
    cut_the_power(cluster)
    cluster.start(lambda _: None, settings={**SMALL, "full_page_writes": full_page_writes})
    cluster.run_sql("postgres", MADE)
    cluster.run_sql("postgres", CHANGED)
    assert cut_the_power(cluster, torn=1.0) > 0
    try:
        cluster.start(lambda _: None)
        return cluster.run_sql("postgres", AS_CHANGED).strip()
    except EmbeddedProblem as problem:
        return str(problem)
