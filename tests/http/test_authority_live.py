"""Every message of the socket, sent by everybody: topics and snapshots end at what is theirs."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, get_args

import httpx2
import pytest
import pytest_asyncio
from fastapi import FastAPI

from cas_server.db.bell import Bell
from cas_server.db.session import Database
from cas_server.identity.roles import Action, Relation, Role, relation
from cas_server.kit.clock import utc_now
from cas_server.live import topics
from cas_server.live.feed import Feed
from cas_server.live.hub import Hub
from cas_server.live.messages import ClientMessage
from cas_server.live.routes import Lives
from cas_server.presence.intake import Intake
from tests.factories import Person
from tests.http.authority_world import World, make_world

ASKED = {"hello", "watch", "fix", "receipt"}
"""Messages of a client that the tests below send as everybody."""

SOMEBODY = [
    "reporter", "stranger", "bank", "called", "idle", "foreign officer", "here operator",
    "here admin", "kota pimpinan", "foreign operator", "foreign pimpinan",
    "foreign sibling operator", "polda operator",
]  # fmt: skip


class Wire:
    """A socket without a network: what a server would hand to the application, and take."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[Any] = asyncio.Queue()
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.seen: list[str] = []

    async def say(self, **message: Any) -> None:
        await self.inbox.put({"type": "websocket.receive", "text": json.dumps(message)})

    async def hear(self, *kinds: str) -> dict[str, Any]:
        """The next message of one of these kinds."""
        while True:
            async with asyncio.timeout(20):
                event = await self.sent.get()
            if event["type"] == "websocket.send":
                self.seen.append(event["text"])
                message: dict[str, Any] = json.loads(event["text"])
                if message["type"] in kinds:
                    return message
            elif event["type"] == "websocket.close":
                return {"type": "closed", "code": event.get("code")}


@asynccontextmanager
async def socket(app: FastAPI, who: Person, **headers: str) -> AsyncIterator[Wire]:
    """Signed in and welcomed."""
    wire = Wire()
    scope = {
        "type": "websocket", "path": "/v1/live", "raw_path": b"/v1/live", "query_string": b"",
        "root_path": "", "scheme": "ws", "subprotocols": [], "state": {},
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("test", 1), "server": ("cas", 80), "asgi": {"version": "3.0"},
    }  # fmt: skip
    await wire.inbox.put({"type": "websocket.connect"})
    running = asyncio.create_task(app(scope, wire.inbox.get, wire.sent.put))
    try:
        await wire.say(type="hello", token=who.token)
        yield wire
    finally:
        await wire.inbox.put({"type": "websocket.disconnect", "code": 1000})
        await running


@pytest_asyncio.fixture
async def world(app: FastAPI, client: httpx2.AsyncClient, database: Database) -> World:
    app.state.hub = Hub()
    intake: Intake = app.state.intake
    app.state.lives = Lives(database, app.state.hub, intake, utc_now, 64)
    return await make_world(client, database)


def _allowed(who: Person) -> set[str]:
    subject = who.subject
    if relation(subject.role, Action.SEE_ALARMS) is Relation.SUBTREE:
        return {topics.EVERYBODY, topics.desk(subject.satuan_path)}
    own = {topics.EVERYBODY, topics.reporter(subject.account_id)}
    return own | {topics.personil(who.holder_id)} if subject.role is Role.PERSONIL else own


def test_every_message_of_a_client_is_sent_by_everybody_below() -> None:
    union, _ = get_args(ClientMessage)
    known = {get_args(kind.model_fields["type"].annotation)[0] for kind in get_args(union)}

    assert known == ASKED, "send the new message as everybody in this file, and add it to ASKED"


@pytest.mark.parametrize("name", SOMEBODY)
async def test_a_socket_shows_and_joins_no_more_than_is_theirs(
    app: FastAPI, world: World, database: Database, name: str
) -> None:
    who = world.people[name]
    hub: Hub = app.state.hub
    is_officer = who.subject.role is Role.PERSONIL
    async with socket(app, who) as wire:
        await wire.hear("welcome")
        await wire.say(type="watch")
        await wire.hear("desk.snapshot", "personil.snapshot", "reporter.snapshot")
        joined = hub.topics()

        await wire.say(type="watch", satuan_id=str(world.foreign_satuan))
        beyond = await wire.hear("refused", "desk.snapshot")
        await wire.say(type="receipt", offer_id=str(world.foreign_offer))
        await wire.say(type="receipt", offer_id="00000000-0000-4000-8000-000000000000")
        answered = 1 if name == "foreign officer" else 2
        receipts = [await wire.hear("refused") for _ in range(answered)]
        fix = {"lat": -7.0, "lon": 112.0, "accuracy_m": 5, "fixed_at": utc_now().isoformat()}
        await wire.say(type="fix", **fix)
        refused = None if is_officer else await wire.hear("refused")

    sees_next_door = name in ("polda operator", "foreign operator", "foreign pimpinan")
    assert joined <= _allowed(who)
    assert (beyond["type"] == "desk.snapshot") == sees_next_door
    assert {each["code"] for each in receipts} == {"not_found" if is_officer else "not_allowed"}
    assert refused is None or refused["code"] == "not_allowed"
    hidden = world.hidden_from(name) - {str(world.foreign_satuan), str(world.foreign_offer)}
    assert [mark for mark in hidden if any(mark in frame for frame in wire.seen)] == []
    async with database.reading() as session:
        received = await session.sql.fetchval(
            "SELECT received_at FROM offer WHERE id = $1", world.foreign_offer
        )
    assert (received is not None) == (name == "foreign officer")


async def test_a_change_reaches_those_it_concerns_and_nobody_else(
    app: FastAPI, client: httpx2.AsyncClient, world: World, database: Database, bell: Bell
) -> None:
    hub: Hub = app.state.hub
    feed = Feed(database, bell, hub, utc_now)
    await feed.tell_changes()
    told: set[str] = set()
    kinds = ("desk.snapshot", "personil.snapshot", "reporter.snapshot")
    async with asyncio.TaskGroup() as tasks:
        ready, over = asyncio.Barrier(len(world.people) + 1), asyncio.Event()

        async def watch(name: str) -> None:
            async with socket(app, world.people[name]) as wire:
                await wire.say(type="watch")
                await wire.hear(*kinds)
                before = len(wire.seen)
                await ready.wait()
                await over.wait()
                await wire.say(type="watch")
                await wire.hear(*kinds)
                # A second snapshot comes after whatever was published before it.
                if any('changed"' in frame for frame in wire.seen[before:]):
                    told.add(name)
                if any(mark in "".join(wire.seen) for mark in world.hidden_from(name)):
                    told.add(f"{name}: shown what is not theirs")

        for name in world.people:
            tasks.create_task(watch(name))
        await ready.wait()
        path = f"/v1/alarms/{world.alarm}/acknowledgement"
        headers = world.people["here operator"].bearer
        assert (await client.post(path, headers=headers)).status_code == 200
        await feed.tell_changes()
        over.set()

    assert told == world.subtree | {"reporter", "called"}


@pytest.mark.parametrize("origin", ["https://evil.example", "http://cas.evil.example", "null"])
async def test_a_page_of_another_origin_opens_no_socket(
    app: FastAPI, world: World, origin: str
) -> None:
    who = world.people["here operator"]
    async with socket(app, who, host="cas", origin=origin) as wire:
        heard = await wire.hear("welcome")

    assert heard == {"type": "closed", "code": 4401}
