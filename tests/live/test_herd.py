"""When everybody's socket comes back at once, as after a restart."""

import asyncio
import json
from contextlib import AsyncExitStack
from uuid import uuid4

import httpx2
from websockets.asyncio.client import connect

from cas_server.db.session import Database, Session
from tests.factories import Regency, make_staff
from tests.live.house import House
from tests.live.watcher import PATIENCE_S

HERD = 20
_WAITING = """
SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'credential'::regclass AND NOT granted)
"""


async def test_a_herd_that_waits_for_the_database_leaves_room_for_a_press(
    house: House, live_database: Database, regency: Regency
) -> None:
    async with live_database.transaction() as session:
        desk = await make_staff(session, regency.polres)
    hello = json.dumps({"type": "hello", "token": desk.token})
    where = {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 8}

    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(live_database.transaction())
        await session.sql.execute("LOCK TABLE credential IN ACCESS EXCLUSIVE MODE")
        for _ in range(HERD):
            socket = await stack.enter_async_context(connect(house.live_url))
            await socket.send(hello)
        await somebody_waits(session)
        async with httpx2.AsyncClient(base_url=house.url, timeout=PATIENCE_S) as client:
            pressed = await client.put(f"/v1/alarms/{uuid4()}", json={"position": where})

    assert pressed.status_code == 201


async def somebody_waits(session: Session) -> None:
    """Until a hello has reached the locked table."""
    async with asyncio.timeout(PATIENCE_S):
        while not await session.sql.fetchval(_WAITING):
            pass  # PostgreSQL's answer is the pause
