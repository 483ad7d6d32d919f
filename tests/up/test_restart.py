"""A server that is replaced, or killed, is no gap for whoever presses."""

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from cas_server.children import python
from tests.up.presses import pressing
from tests.up.upped import READY_WITHIN_S, Up, await_gone

pytestmark = pytest.mark.xdist_group("up")

FIRST_OF_SYSTEMD = 3

_STORED = """
SELECT count(*) FROM unnest($1::uuid[]) AS pressed (id)
WHERE EXISTS (SELECT FROM alarm WHERE alarm.id = pressed.id)
   OR EXISTS (SELECT FROM folded_press f WHERE f.id = pressed.id)
"""


def cas(up: Up, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        python("cas_server", *words),
        env=up.environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@asynccontextmanager
async def watching(up: Up) -> AsyncIterator[asyncio.Task[int | None]]:
    """An officer's open socket; the code it is closed with, once it is."""
    phones = json.loads((up.folder / "demo-phones.json").read_text())
    token = next(phone["token"] for phone in phones if phone["role"] == "personil")
    async with connect(f"ws://127.0.0.1:{up.port}/v1/live", proxy=None) as socket:
        await socket.send(json.dumps({"type": "hello", "token": token}))
        assert json.loads(await socket.recv())["type"] == "welcome"
        await socket.send('{"type":"watch"}')
        yield asyncio.create_task(_code_of(socket))


async def _code_of(socket: ClientConnection) -> int | None:
    with suppress(ConnectionClosed):
        while True:
            await socket.recv()
    return socket.close_code


async def stored(up: Up, presses: Iterable[str]) -> int:
    sql = await asyncpg.connect(up.environment["CAS_DATABASE_URL"])
    try:
        return int(await sql.fetchval(_STORED, list(presses)))
    finally:
        await sql.close()


async def test_nobody_is_refused_while_the_server_is_replaced_and_when_it_is_killed(up: Up) -> None:
    server, worker = up.server(), up.child("work")

    with pressing(up.port) as pressers:
        for presser in pressers:
            presser.await_more(20)
        async with watching(up) as closed:
            replaced = await asyncio.to_thread(cas, up, "restart")
            assert await closed == 1012, "try again: not an error, not for ever"
        await_gone([server, worker])
        heir = up.server()
        for presser in pressers:
            presser.await_more(20)

        os.kill(heir, signal.SIGKILL)
        for presser in pressers:
            presser.await_more(20)

    assert (replaced.returncode, replaced.stderr) == (0, "")
    assert [presser.faults for presser in pressers] == [[], []]
    pressed = [press_id for presser in pressers for press_id in presser.accepted]
    assert await stored(up, pressed) == len(pressed)
    assert heir != server
    assert "the server was replaced" in up.out
    assert "the worker was replaced" in up.out
    assert up.out.count("ended (code") == 1, "replacing is no dying"


async def worker_at_work(up: Up) -> None:
    """Until the worker has said so: before, it still reads its key."""
    sql = await asyncpg.connect(up.environment["CAS_DATABASE_URL"])
    try:
        while not await sql.fetchval("SELECT EXISTS (SELECT FROM beat)"):
            pass  # PostgreSQL's answer is the pause
    finally:
        await sql.close()


async def test_what_does_not_get_ready_replaces_nobody(up: Up) -> None:
    server, worker = up.server(), up.child("work")
    await worker_at_work(up)
    key_file = up.folder / "keys"
    key = key_file.read_bytes()
    key_file.unlink()

    told = cas(up, "restart")

    assert told.returncode == 1
    assert "did not get ready; what ran before goes on running" in told.stderr
    assert "there is no key" in up.out
    assert (up.server(), up.child("work")) == (server, worker)
    assert up.is_ready()

    key_file.write_bytes(key)
    assert cas(up, "restart").returncode == 0
    await_gone([server, worker])
    assert up.is_ready()


def test_without_a_running_one_there_is_nothing_to_restart(starting: Up) -> None:
    starting.process.terminate()
    starting.process.wait(120)  # it finishes its step first, however slow the machine is

    told = cas(starting, "restart")

    assert told.returncode == 1
    assert "no 'cas up' is running" in told.stderr


def test_a_server_takes_the_socket_that_systemd_opened_before_it(dsn: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        serving = subprocess.Popen(  # noqa: S603 - our own command
            ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *python("cas_server", "serve")],
            env={
                **os.environ,
                "CAS_DATABASE_URL": dsn,
                "CAS_STATE_DIR": str(tmp_path),
                "CAS_PORT": "1",  # where it could not listen by itself
                "LISTEN_FDS": "1",
            },
            pass_fds=(FIRST_OF_SYSTEMD,),
            preexec_fn=lambda: os.dup2(listening.fileno(), FIRST_OF_SYSTEMD),
        )
        try:
            # Asked long before it has started: the request waits in the kernel.
            url = f"http://127.0.0.1:{port}/v1/health/alive"
            with urllib.request.urlopen(url, timeout=READY_WITHIN_S) as answer:
                assert answer.status == http.client.OK
        finally:
            serving.terminate()
            serving.wait(30)
