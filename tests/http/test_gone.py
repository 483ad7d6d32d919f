"""A socket that has ended leaves nothing behind, whether or not anybody searches for garbage."""

import asyncio
import gc
import json
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.server import ServerProtocol

from cas_server.db.session import Database
from cas_server.live.routes import Life
from cas_server.web.patience import PatientHttp
from cas_server.web.prompt import PromptWebSocket
from tests.factories import Regency, make_staff

OF_A_SOCKET = (Life, PatientHttp, PromptWebSocket, ServerProtocol)
SOCKETS = 5
WITHIN_S = 20.0


@pytest.fixture
def no_search() -> Iterator[None]:
    """A server with thousands of sockets seldom searches through everything."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("how", ["left", "was cut off", "was sent away"])
async def test_nothing_is_left_of_a_desk_that(
    port: int,
    database: Database,
    regency: Regency,
    no_search: None,  # noqa: ARG001 - for its effect
    how: str,
) -> None:
    async with database.transaction() as session:
        desk = await make_staff(session, regency.polres)
    before = alive()

    sockets = [await watching(port, desk.token) for _ in range(SOCKETS)]
    there = alive()
    await end(sockets, how)

    assert there >= before + SOCKETS * (len(OF_A_SOCKET) - 1)
    async with asyncio.timeout(WITHIN_S):
        while alive() > before:  # noqa: ASYNC110 - nobody tells that something is gone
            await asyncio.sleep(0)


async def watching(port: int, token: str) -> ClientConnection:
    """A socket that has its picture."""
    socket = await connect(f"ws://127.0.0.1:{port}/v1/live")
    await socket.send(json.dumps({"type": "hello", "token": token}))
    await socket.send(json.dumps({"type": "watch"}))
    while "snapshot" not in json.loads(await socket.recv())["type"]:
        pass
    return socket


async def end(sockets: list[ClientConnection], how: str) -> None:
    if how == "was sent away":
        for each in gc.get_objects():
            if isinstance(each, Life):
                each.end()
    for socket in sockets:
        if how == "was cut off":
            socket.transport.abort()
        else:
            await socket.close()


def alive() -> int:
    """How many objects there are that a server makes for one socket."""
    return sum(isinstance(each, OF_A_SOCKET) for each in gc.get_objects())
