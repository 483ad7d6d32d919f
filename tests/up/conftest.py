"""One `cas up` for each test that wants one."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cas_server.embedded import Cluster
from tests.live.house import free_port
from tests.up.upped import Up, start


@pytest.fixture
def starting(cluster: Cluster, tmp_path: Path) -> Iterator[Up]:
    name = f"up_{os.getpid()}_{time.monotonic_ns()}"
    cluster.create_database(name)
    port = free_port()
    environment = {
        **os.environ,
        "CAS_DATABASE_URL": cluster.url(name),
        "CAS_STATE_DIR": str(tmp_path),
        "CAS_PORT": str(port),
    }
    del environment["CAS_KEY_FILE"]  # it makes a key of its own, as for anybody
    running = Up(start(environment, tmp_path), environment, tmp_path, port)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGINT)
            running.process.wait(120)


@pytest.fixture
def up(starting: Up) -> Up:
    starting.await_ready()
    return starting
