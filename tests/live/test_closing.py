"""When the server ends a socket, and with which code."""

import asyncio
import json
from datetime import timedelta

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from tests.factories import Regency, make_masyarakat, make_staff
from tests.live.conftest import MakeRegency
from tests.live.house import House
from tests.live.play import CALM
from tests.live.watcher import PATIENCE_S, phones, watching

ENLARGE = "UPDATE alarm SET note = repeat('x', 100000) WHERE satuan_path LIKE $1 || '%'"
SWEEPS = 4
TELL_AGAIN = """
INSERT INTO journal (at, kind, alarm_id, satuan_path, payload)
SELECT now(), 'alarm.repeated', id, satuan_path, '{}' FROM alarm WHERE satuan_path LIKE $1 || '%'
"""


async def closed(socket: ClientConnection) -> int | None:
    """With what the server ends this socket, once all before it is read."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                await socket.recv()
            except ConnectionClosed:
                return socket.close_code


async def close_code(house: House, *frames: str) -> int | None:
    """With what a socket that sent these frames is closed."""
    async with connect(house.live_url) as socket:
        for frame in frames:
            await socket.send(frame)
        return await closed(socket)


async def ended_as_slow(house: House) -> float:
    """How many sockets the house says that it has ended for being too slow."""
    async with httpx2.AsyncClient() as prometheus:
        page = (await prometheus.get(f"{house.url}/metrics")).text
    families = {family.name: family for family in text_string_to_metric_families(page)}
    [total] = families["cas_sockets_dropped_slow"].samples
    return total.value


async def test_a_bad_credential_is_closed_with_4401(house: House) -> None:
    assert await close_code(house, '{"type": "hello", "token": "cas_guessed"}') == 4401


async def test_a_socket_that_never_says_hello_is_closed_with_4408(house: House) -> None:
    assert await close_code(house) == 4408


async def test_a_frame_before_hello_is_closed_with_4400(house: House) -> None:
    assert await close_code(house, '{"type": "watch"}') == 4400


async def test_a_press_only_credential_may_not_watch(house: House, live_database: Database) -> None:
    async with live_database.transaction() as session:
        device = await make_masyarakat(session, scope="press")

    hello = f'{{"type": "hello", "token": "{device.token}"}}'
    assert await close_code(house, hello) == 4401


async def test_a_page_of_another_origin_may_not_open_a_socket(house: House) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        await connect(house.live_url, origin=Origin("http://elsewhere.example"))


@pytest.mark.parametrize("reads_on", [True, False])
async def test_a_client_too_slow_is_closed_with_1013_and_the_others_do_not_notice(
    house: House, live_database: Database, make_live_regency: MakeRegency, *, reads_on: bool
) -> None:
    place = await make_live_regency(CALM)
    async with live_database.transaction() as session:
        crowd = [await make_masyarakat(session) for _ in range(40)]
        desk, slow = [await make_staff(session, place.polres) for _ in range(2)]
    async with phones(house) as phone:
        for who in crowd:
            await phone.press(who, place.centre)
    async with live_database.transaction() as session:
        await session.sql.execute(ENLARGE, place.polres.path)

    before = await ended_as_slow(house)
    async with (
        watching(house, desk) as reading,
        connect(house.live_url, max_size=None, max_queue=1, compression=None) as stuck,
    ):
        await stuck.send(f'{{"type": "hello", "token": "{slow.token}"}}')
        await stuck.send('{"type": "watch"}')
        told = 0
        for round_ in range(1, 9):
            async with live_database.transaction() as session:
                await session.sql.execute(TELL_AGAIN, place.polres.path)
                await session.sql.execute("NOTIFY cas_bell")
            async with asyncio.timeout(PATIENCE_S):
                while told < 40 * round_:
                    told += (await reading.read())["type"] == "alarm.changed"
        if reads_on:
            assert await closed(stuck) == 1013
        for _ in range(SWEEPS):  # whoever never reads is waited for, and not by the others
            await reading.up_to_date()

    assert told == 320
    assert await ended_as_slow(house) == before + 1


async def test_a_session_that_ends_while_watching_is_closed_with_4401(
    house: House, live_database: Database, regency: Regency
) -> None:
    async with live_database.transaction() as session:
        desk = await make_staff(session, regency.polres)
        soon = utc_now() + timedelta(seconds=3)
        await session.sql.execute(
            "UPDATE credential SET expires_at = $2 WHERE account_id = $1", desk.account_id, soon
        )

    async with connect(house.live_url) as socket:
        await socket.send(f'{{"type": "hello", "token": "{desk.token}"}}')
        welcome = json.loads(await socket.recv())
        code = await closed(socket)

    assert (welcome["type"], code) == ("welcome", 4401)


async def test_a_frame_past_the_limit_is_closed_with_1009(
    house: House, live_database: Database
) -> None:
    async with live_database.transaction() as session:
        citizen = await make_masyarakat(session)
    hello = f'{{"type": "hello", "token": "{citizen.token}"}}'

    assert await close_code(house, hello, '{"type": "' + "x" * 70_000 + '"}') == 1009


async def test_frames_without_sense_are_closed_with_4400_after_a_few(
    house: House, live_database: Database
) -> None:
    async with live_database.transaction() as session:
        citizen = await make_masyarakat(session)
    hello = f'{{"type": "hello", "token": "{citizen.token}"}}'

    assert await close_code(house, hello, *["{}"] * 10) == 4400
