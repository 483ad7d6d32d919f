"""People with phones and screens, who try again until they are answered and write down what."""

import asyncio
import hashlib
import itertools
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from tests.crash.diary import Diary
from tests.crash.outside import Outside
from tests.crash.pace import pause
from tests.factories import Person
from tests.live.picture import Message, Picture

ANSWER_WITHIN_S = 2.0
SILENT_FOR_S = 4.0
"""Without a frame for so long, a client takes its line for dead; a tick comes every second."""
AGAIN_S = 0.2
ACKNOWLEDGES = 2
"""A desk says of its so-many-th alarm that it has seen it; the others climb."""
TOO_MANY = 429
TAKEN = 409


class Net:
    """The ways to the servers; whoever is not answered at one asks the next."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = ports
        limits = httpx2.Limits(max_connections=200, max_keepalive_connections=50)
        self.http = httpx2.AsyncClient(timeout=ANSWER_WITHIN_S, limits=limits)

    def host(self, turn: int) -> str:
        return f"127.0.0.1:{self._ports[turn % len(self._ports)]}"


class Client:
    """What all of them share: a diary, a sign-in, and not giving up."""

    def __init__(self, net: Net, who: Person | None, diary: Diary, turn: int = 0) -> None:
        self.net = net
        self.who = who
        self.diary = diary
        self.turn = turn

    async def ask(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """Until some server says something definite."""
        headers = {**(self.who.bearer if self.who else {}), **request.pop("headers", {})}
        for turn in itertools.count(self.turn):
            url = f"http://{self.net.host(turn)}/v1{path}"
            try:
                answer = await self.net.http.request(method, url, headers=headers, **request)
            except httpx2.TransportError:
                pass
            else:
                if answer.status_code < httpx2.codes.INTERNAL_SERVER_ERROR and (
                    answer.status_code != TOO_MANY
                ):
                    return answer
            await pause(AGAIN_S)
        raise AssertionError("it tries for ever")


class Citizen(Client):
    """Presses, and presses again with the same id until it is answered."""

    async def press(self, press_id: UUID, **request: Any) -> Message:
        """The receipt; the diary says that it was given."""
        self.diary.write("press.asked", press_id=press_id)
        answer = await self.ask("PUT", f"/alarms/{press_id}", **request)
        if not answer.is_success:
            self.diary.write("press.refused", press_id=press_id, answer=answer.text)
            return {}
        receipt: Message = answer.json()
        self.diary.write("press.promised", press_id=press_id, alarm_id=receipt["alarm_id"])
        return receipt

    async def show(self, alarm_id: str, picture_id: UUID, content: bytes) -> None:
        """Add a picture to an alarm, and again under the same id until it is kept."""
        self.diary.write("picture.asked", picture_id=picture_id, alarm_id=alarm_id)
        answer = await self.ask("PUT", f"/alarms/{alarm_id}/pictures/{picture_id}", content=content)
        if answer.is_success:
            self.diary.write("picture.promised", picture_id=picture_id, alarm_id=alarm_id,
                             size_bytes=answer.json()["size_bytes"])  # fmt: skip
        else:
            self.diary.write("picture.refused", picture_id=picture_id, answer=answer.text)

    async def let_hear(self, alarm_id: str, sound_id: UUID, content: bytes) -> None:
        """Add a recording, kept to the byte, and again under the same id until it is."""
        self.diary.write("sound.asked", sound_id=sound_id, alarm_id=alarm_id)
        answer = await self.ask("PUT", f"/alarms/{alarm_id}/sounds/{sound_id}", content=content)
        if answer.is_success:
            self.diary.write("sound.promised", sound_id=sound_id, alarm_id=alarm_id,
                             sha256=hashlib.sha256(content).hexdigest())  # fmt: skip
        else:
            self.diary.write("sound.refused", sound_id=sound_id, answer=answer.text)

    async def want_code(self, phone: str) -> None:
        """Ask for a code by text message, until one is promised."""
        self.diary.write("code.asked", phone=phone)
        answer = await self.ask("POST", "/codes", json={"phone": phone, "device": phone})
        if answer.is_success:
            self.diary.write("code.promised", phone=phone, code_id=answer.json()["code_id"])
        else:
            self.diary.write("code.refused", phone=phone, answer=answer.text)


class Live(Client):
    """Somebody at a socket, who comes back whenever it ends."""

    def __init__(self, net: Net, who: Person, diary: Diary, turn: int = 0) -> None:
        super().__init__(net, who, diary, turn)
        self.picture = Picture()
        self.socket: ClientConnection | None = None
        self.ticks = asyncio.Condition()
        self.last_tick = ""

    async def live(self) -> None:
        """Until cancelled."""
        for turn in itertools.count(self.turn):
            try:
                await self._one_line(turn)
            except (OSError, TimeoutError, WebSocketException):
                self.socket = None
            await pause(AGAIN_S)

    async def _one_line(self, turn: int) -> None:
        url = f"ws://{self.net.host(turn)}/v1/live"
        async with connect(
            url, max_size=None, compression=None, open_timeout=ANSWER_WITHIN_S, close_timeout=0.2,
            ping_interval=None,
        ) as socket:  # fmt: skip
            assert self.who is not None
            await socket.send(json.dumps({"type": "hello", "token": self.who.token}))
            await socket.send(json.dumps({"type": "watch"}))
            while True:
                async with asyncio.timeout(SILENT_FOR_S):
                    message: Message = json.loads(await socket.recv())
                self.picture.apply(message)
                if message["type"].endswith(".snapshot"):
                    self.socket = socket
                await self.hear(message)

    async def send(self, **frame: Any) -> None:
        """Up the socket; OSError when there is none."""
        if self.socket is None:
            raise OSError("no line")
        try:
            await self.socket.send(json.dumps(frame))
        except WebSocketException as error:
            raise OSError("the line has just ended") from error

    async def hear(self, message: Message) -> None:
        """Take one frame that the picture has taken already."""
        if message["type"] == "tick":
            async with self.ticks:
                self.last_tick = message["server_time"]
                self.ticks.notify_all()

    def rest(self) -> None:
        """Look on, and do nothing more; those who only look do nothing anyway."""

    async def up_to_date(self) -> None:
        """Until a tick that is younger than this call."""
        now = utc_now().isoformat()
        async with self.ticks:
            await self.ticks.wait_for(lambda: self.last_tick > now)

    async def sees(self, condition: Callable[[Picture], object]) -> None:
        """Until the picture is so."""
        while not condition(self.picture):
            await pause(0.02)


class Console(Live):
    """A desk: writes down every alarm the first time it is on the screen."""

    def __init__(self, net: Net, who: Person, diary: Diary, turn: int = 0) -> None:
        super().__init__(net, who, diary, turn)
        self._seen: set[str] = set()
        self.acts = True
        self._acts: set[asyncio.Task[None]] = set()

    async def hear(self, message: Message) -> None:
        for alarm_id in self.picture.alarms.keys() - self._seen:
            self._seen.add(alarm_id)
            self.diary.write("alarm.seen", alarm_id=alarm_id)
            if self.acts and len(self._seen) == ACKNOWLEDGES:
                self._acts.add(asyncio.create_task(self._acknowledge(alarm_id)))
        await super().hear(message)

    def rest(self) -> None:
        """Look on, and do nothing more."""
        self.acts = False
        for act in self._acts:
            act.cancel()

    async def subscribe(self, outside: Outside) -> None:
        """Let this desk's browser be woken, as the page does: ask for the key, then say where."""
        key = (await self.ask("GET", "/waking")).json()["application_server_key"]
        browser = outside.subscribe(key)
        device = {"platform": "web", "address_type": "web_push", "address": browser.endpoint,
                  "keys": browser.keys}  # fmt: skip
        answer = await self.ask("PUT", f"/devices/{new_id()}", json=device)
        assert answer.is_success, answer.text

    async def _acknowledge(self, alarm_id: str) -> None:
        answer = await self.ask("POST", f"/alarms/{alarm_id}/acknowledgement?bell=new")
        if answer.is_success:
            self.diary.write("acknowledgement.promised", alarm_id=alarm_id)


class Deaf(Live):
    """Watches and never reads another frame."""

    async def hear(self, message: Message) -> None:
        if message["type"].endswith(".snapshot"):
            await asyncio.Event().wait()
