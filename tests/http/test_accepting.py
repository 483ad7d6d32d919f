"""Connections that wait are taken up many at a time, and none is lost when files run out."""

import asyncio
import os
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog.testing

from cas_server.web.accepting import EACH_PASS, Accepting

PATIENCE_S = 30.0


class _Greeting(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"welcome")
        transport.close()


@asynccontextmanager
async def greeting() -> AsyncIterator[int]:
    """A port where everybody is greeted."""
    listening = socket.create_server(("127.0.0.1", 0))
    accepting = Accepting(listening, _Greeting)
    yield listening.getsockname()[1]
    accepting.close()
    await accepting.wait_closed()


def connected(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port))
    made.settimeout(0)
    return made


async def heard(client: socket.socket) -> bytes:
    async with asyncio.timeout(PATIENCE_S):
        return await asyncio.get_running_loop().sock_recv(client, 100)


@contextmanager
def no_more_files() -> Iterator[None]:
    """This process may open none for the length of the block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_crowd_is_taken_up_in_a_few_passes_of_the_loop() -> None:
    async with greeting() as port:
        clients = [connected(port) for _ in range(3 * EACH_PASS)]
        passes = 0
        while not all(map(_has_word, clients)):
            await asyncio.sleep(0)
            passes += 1
        for client in clients:
            client.close()

    assert passes < len(clients)


def _has_word(client: socket.socket) -> bool:
    try:
        return client.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return False


async def test_who_comes_while_no_file_is_free_is_served_when_one_is() -> None:
    async with greeting() as port:
        client = socket.socket()
        with no_more_files(), structlog.testing.capture_logs() as told:
            client.connect(("127.0.0.1", port))
            client.settimeout(0)
            while not told:  # noqa: ASYNC110 - a pass of the loop is what is waited for
                await asyncio.sleep(0)
            assert not _has_word(client)
        word = await heard(client)
        client.close()

    assert word == b"welcome"
    assert [line["event"] for line in told] == ["server.no_more_connections"]


async def test_after_its_end_nobody_is_taken_up() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    other = listening.dup()
    accepting = Accepting(listening, _Greeting)
    accepting.close()
    await accepting.wait_closed()

    client = connected(other.getsockname()[1])
    await asyncio.sleep(0)
    still_waiting, _ = other.accept()
    for each in (client, still_waiting, other):
        each.close()
