"""A client of the live socket that keeps a picture, and people who act over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx2
from websockets.asyncio.client import ClientConnection, connect

from cas_server.kit.clock import utc_now
from cas_server.kit.geo import Position
from cas_server.kit.ids import new_id
from tests.factories import Person
from tests.live.house import House
from tests.live.picture import Picture

PATIENCE_S = 20.0


class Watcher:
    """One signed-in socket; frames are read while somebody waits for something."""

    def __init__(self, socket: ClientConnection, picture: Picture) -> None:
        self.socket = socket
        self.picture = picture
        self.frames = 0
        self._lines: list[str] = []

    async def until(self, condition: Callable[[Picture], object]) -> Picture:
        """Read on until the picture is so."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition(self.picture):
                await self.read()
        return self.picture

    async def read(self) -> dict[str, Any]:
        """The next message, taken into the picture."""
        if not self._lines:
            self._lines = str(await self.socket.recv()).split("\n")
            self.frames += 1
        message: dict[str, Any] = json.loads(self._lines.pop(0))
        self.picture.apply(message)
        return message

    async def up_to_date(self) -> None:
        """Read on to a tick younger than this call: what the server knew until now is told."""
        now = utc_now()
        while True:
            message = await self.read()
            if message["type"] == "tick" and datetime.fromisoformat(message["server_time"]) > now:
                return

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))


@asynccontextmanager
async def watching(
    house: House, who: Person, picture: Picture | None = None
) -> AsyncIterator[Watcher]:
    """Signed in and with a snapshot; `picture` is what a client that comes back still knows."""
    url = f"{house.live_url}?frames=lines"
    async with connect(url, max_size=None, compression=None) as socket:
        watcher = Watcher(socket, picture or Picture())
        await watcher.send(type="hello", token=who.token)
        await watcher.send(type="watch")
        async with asyncio.timeout(PATIENCE_S):
            while not (await watcher.read())["type"].endswith(".snapshot"):
                pass
        yield watcher


class Phone:
    """Requests of people, over real HTTP."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def press(
        self, who: Person, at: Position, alarm_id: UUID | None = None, **fields: Any
    ) -> httpx2.Response:
        position = {"lat": at.lat, "lon": at.lon, "accuracy_m": at.accuracy_m}
        return await self._client.put(
            f"/v1/alarms/{alarm_id or new_id()}",
            headers=who.bearer,
            json={"position": position, **fields},
        )

    async def raised(self, who: Person, at: Position, **fields: Any) -> str:
        """Press, and the alarm's id."""
        answer = await self.press(who, at, **fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["alarm_id"])

    async def get(self, who: Person, path: str) -> Any:
        answer = await self._client.get(f"/v1{path}", headers=who.bearer)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, who: Person, path: str, **body: Any) -> httpx2.Response:
        return await self._client.post(f"/v1{path}", headers=who.bearer, json=body)

    async def put(self, who: Person, path: str, **body: Any) -> httpx2.Response:
        return await self._client.put(f"/v1{path}", headers=who.bearer, json=body)

    async def accept(self, who: Person, alarm_id: str) -> httpx2.Response:
        offers = await self.get(who, "/offers")
        offer_id = next(one["offer_id"] for one in offers if one["alarm_id"] == alarm_id)
        return await self.post(who, f"/offers/{offer_id}/acceptance")


@asynccontextmanager
async def phones(house: House) -> AsyncIterator[Phone]:
    async with httpx2.AsyncClient(base_url=house.url, timeout=PATIENCE_S) as client:
        yield Phone(client)
