"""The ASGI end of one socket: carries out what the protocol decides."""

import asyncio
from collections.abc import Awaitable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, WebSocket, WebSocketDisconnect

from cas_server.alarm import response
from cas_server.db.session import Database
from cas_server.errors import CasError, Unavailable
from cas_server.identity.roles import Action, Role
from cas_server.identity.subject import DeviceUnconfirmed, Subject, public
from cas_server.kit import fault, meters
from cas_server.kit.clock import Clock
from cas_server.kit.prompt_line import LINE, PROMPT, PromptLine
from cas_server.kit.turnstile import Turnstile
from cas_server.live import topics
from cas_server.live.hub import TOO_SLOW, Ended, Frame, Hub, Watcher, joined
from cas_server.live.messages import Refused
from cas_server.live.protocol import (
    Authenticate,
    Close,
    CloseCode,
    Connection,
    Effect,
    Join,
    Send,
    TakeFix,
    TakeReceipt,
)
from cas_server.live.reading import Reading
from cas_server.presence.intake import Intake

SWEEP_S = 1.0
CLOSE_WITHIN_S = 2.0
SENT_EACH_PASS = 500
"""Sockets; some 5 ms, when something is told to everybody."""
SHOWN_EACH_PASS = 8
"""Pictures, of which hundreds may be read together."""

log = structlog.get_logger()
router = APIRouter(prefix="/v1", tags=["live"])


class Lives:
    """Every socket of this process, swept once a second for deadlines and for the too slow."""

    def __init__(
        self, database: Database, hub: Hub, intake: Intake, clock: Clock, backlog: int
    ) -> None:
        self.database = database
        self.hub = hub
        self.intake = intake
        self.clock = clock
        self.backlog = backlog
        self.reading = Reading(database, clock)
        self.post = Turnstile(SENT_EACH_PASS)
        self.shown = Turnstile(SHOWN_EACH_PASS)
        self._lives: set[Life] = set()

    async def sweep(self) -> None:
        """Run for ever: one task for all sockets, instead of a timer for each."""
        while True:
            await asyncio.sleep(SWEEP_S)
            now = self.clock()
            for life in list(self._lives):
                life.look(now)

    def __len__(self) -> int:
        return len(self._lives)

    def by_sign_in(self) -> dict[UUID, list["Life"]]:
        """The sockets that are signed in, by the sign-in they stand on."""
        found: dict[UUID, list[Life]] = {}
        for life in self._lives:
            if life.sign_in_id is not None:
                found.setdefault(life.sign_in_id, []).append(life)
        return found

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one socket until it ends."""
        life = Life(websocket, self)
        self._lives.add(life)
        try:
            await life.run()
        finally:
            self._lives.discard(life)
            self.hub.leave(life.watcher)


class Life:
    """One socket: a reader, a writer, and the connection between them."""

    __slots__ = (
        "_connection",
        "_line",
        "_lines",
        "_lives",
        "_reader",
        "_subject",
        "_websocket",
        "_writer",
        "watcher",
    )

    def __init__(self, websocket: WebSocket, lives: Lives) -> None:
        self._websocket = websocket
        self._lives = lives
        self._connection = Connection(lives.clock())
        # Asked for in the address, which a server of before does not mind: such a client reads
        # frames of one message, too.
        self._lines = websocket.query_params.get("frames") == "lines"
        self._subject: Subject | None = None
        prompt = websocket.scope.get("extensions", {}).get(PROMPT, {})
        self._line: PromptLine | None = prompt.get(LINE)
        send = None
        if self._line is not None:
            send, self._line.hear = self._send_now, self._hear
        self.watcher = Watcher(lives.backlog, lives.post, send)
        self._writer: asyncio.Task[None] | None = None
        # The task that serves the socket, for as long as it reads.
        self._reader: asyncio.Task[Any] | None = None

    @property
    def sign_in_id(self) -> UUID | None:
        """None until the first frame has said who is there."""
        return self._subject.sign_in_id if self._subject is not None else None

    def end(self) -> None:
        """The sign-in is over: say so, and close."""
        for effect in self._connection.ended():
            self._do_now(effect)

    def look(self, now: datetime) -> None:
        """Called by the sweep: deadlines, and a writer that is stuck on a slow client."""
        if self._writer is None:
            return  # it has ended, and is only waited for
        if self.watcher.lost and not self._writer.done():
            self._writer.cancel()
        for effect in self._connection.tick(now):
            self._do_now(effect)

    async def run(self) -> None:
        """Until the client leaves, is sent away, or is too slow."""
        self._reader = asyncio.current_task()
        self._writer = asyncio.create_task(self._write())
        self._writer.add_done_callback(self._read_no_more)
        try:
            await self._read()
        except asyncio.CancelledError:
            if self._reader is None or not self._writer.done():
                raise  # the server ends
            self._reader.uncancel()
        except Exception as error:  # noqa: BLE001 - this client comes back, the others stay
            log.error("live.failed", error=type(error).__name__)  # noqa: TRY400 - its text may hold what nobody is to read
        finally:
            if self.watcher.lost:  # whether its writer was stuck, or had just been heard out
                meters.SLOW_SOCKETS.inc()
            self.watcher.part()
            if self._line is not None:
                self._line.hear = None
            self._reader = None
            self._writer.remove_done_callback(self._read_no_more)
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
            # How it ended holds on to this object, which would then wait for a search for garbage.
            self._writer = None
            await self._close()

    def _read_no_more(self, _: "asyncio.Task[None]") -> None:
        """The writer has ended: nothing more is said to this client, nor heard."""
        if self._reader is not None:
            self._reader.cancel()

    async def _close(self) -> None:
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._websocket.close(TOO_SLOW if self.watcher.lost else CloseCode.TRY_AGAIN)
        except (RuntimeError, TimeoutError, WebSocketDisconnect):
            return  # closed already, or the client does not even read a close frame

    async def _write(self) -> None:
        try:
            while True:
                frames = await self.watcher.take()
                for frame in _going_out(self._joined(frames)):
                    await self._send(frame)
        except Ended as ended:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._websocket.close(ended.code)
        except (ConnectionError, WebSocketDisconnect, RuntimeError, TimeoutError):
            return

    async def _send(self, frame: Frame) -> None:
        if self._line is None:
            await self._websocket.send_text(frame)
        else:  # its bytes are everybody's, also while they wait to be read
            await self._line.free()
            self._line.send_now(frame)

    def _joined(self, frames: list[Frame]) -> list[Frame]:
        return list(joined(frames)) if self._lines else frames

    def _send_now(self, frames: list[Frame]) -> list[Frame]:
        """What does not fit waits for the writer, which waits for the client."""
        assert self._line is not None
        frames = self._joined(frames)
        for number, frame in enumerate(_going_out(frames)):
            if not self._line.is_free:
                return frames[number:]
            self._line.send_now(frame)
        return []

    async def _read(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] != "websocket.receive":
                return
            frame = message.get("text") or message.get("bytes") or ""
            for effect in self._connection.receive(frame, self._lives.clock()):
                await self._do(effect)

    def _hear(self, frame: bytes | bytearray | memoryview) -> bool:
        # Ten thousand a second: waking a task for each would cost more than all that follows.
        fix = self._connection.fix_in(frame, self._lives.clock())
        if fix is None or self._subject is None:
            return False
        self._lives.intake.offer(self._subject.personil_id, fix)
        return True

    async def _do(self, effect: Effect) -> None:
        match effect:
            case Authenticate(token):
                await self._authenticate(token)
            case Join(satuan_id):
                await self._answer(self._join(satuan_id))
            case TakeReceipt(offer_id):
                await self._answer(self._take_receipt(offer_id))
            case _:
                self._do_now(effect)

    def _do_now(self, effect: Effect) -> None:
        match effect:
            case TakeFix(fix) if self._subject is not None:
                self._lives.intake.offer(self._subject.personil_id, fix)
            case Send(message):
                self.watcher.offer(message.model_dump_json())
            case Close(code):
                self.watcher.end(code)

    async def _authenticate(self, token: str) -> None:
        try:
            subject = await self._lives.reading.subject(token)
        except Unavailable as error:
            effects = self._connection.refused(error.code, str(error), CloseCode.TRY_AGAIN)
        except CasError as error:
            effects = self._connection.refused(error.code, str(error))
        else:
            if subject.unconfirmed:
                fault = DeviceUnconfirmed()
                effects = self._connection.refused(fault.code, str(fault))
            elif subject.may(Action.WATCH):
                self._subject = subject
                effects = self._connection.authenticated(subject, self._lives.clock())
            else:
                effects = self._connection.refused("not_allowed", "this credential may only press")
        for effect in effects:
            self._do_now(effect)

    async def _answer(self, doing: Awaitable[None]) -> None:
        """Carry out; what fails as expected is told, and the socket lives on."""
        try:
            await doing
        except CasError as error:
            refused = Refused(code=error.code, detail=str(error))
            self.watcher.release(refused.model_dump_json())

    async def _join(self, satuan_id: UUID | None) -> None:
        """Join first, read second: what changes in between is held back, not lost."""
        subject = self._subject
        assert subject is not None
        reading = self._lives.reading
        if topics.sees_desk(subject.role):
            path = subject.satuan_path
            if satuan_id is not None:
                path = await reading.path_below(subject, satuan_id)
            self._watch([topics.EVERYBODY, topics.desk(path)])
            picture = await reading.desk(subject, path)
        else:
            personil_id = subject.personil_id if subject.role is Role.PERSONIL else None
            self._watch(topics.of_phone(subject.account_id, personil_id))
            picture = await reading.phone(subject)
        fault.point("live.snapshot")
        await self._lives.shown.through()
        self.watcher.release(picture)

    def _watch(self, names: Sequence[str]) -> None:
        self.watcher.hold()
        self._lives.hub.leave(self.watcher)
        self._lives.hub.join(self.watcher, *names)

    async def _take_receipt(self, offer_id: UUID) -> None:
        assert self._subject is not None
        async with self._lives.database.transaction() as session:
            now = self._lives.clock()
            await response.receive(session, self._subject.personil_id, offer_id, now)


def _going_out(frames: Iterable[Frame]) -> Iterator[Frame]:
    for frame in frames:
        fault.point("live.sending")
        yield frame
        fault.point("live.sent")


@router.websocket("/live", dependencies=[Depends(public(Action.SIGN_IN))])
async def live(websocket: WebSocket) -> None:
    """Open to all; who is there is said in the first frame, and decides what is shown."""
    if not _same_origin(websocket):
        await websocket.close(CloseCode.BAD_CREDENTIAL)
        return
    await websocket.accept()
    lives: Lives = websocket.app.state.lives
    await lives.serve(websocket)


def _same_origin(websocket: WebSocket) -> bool:
    """A browser names the page it comes from; only our own pages may open a socket."""
    origin = websocket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == websocket.headers.get("host")
