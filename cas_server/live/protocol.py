"""Pure: a connection's life. Frames and time in, effects out; routes carry the effects out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, IntEnum, auto
from typing import Annotated, Protocol
from uuid import UUID

import msgspec
from pydantic import ValidationError

from cas_server.identity.roles import Action, Role, relation
from cas_server.live.messages import (
    Fix,
    Hello,
    Receipt,
    Refused,
    ServerMessage,
    Watch,
    Welcome,
    client_message,
)

HELLO_WITHIN = timedelta(seconds=10)
MOST_BAD_FRAMES = 5
"""A client that keeps sending nonsense is broken; it may reconnect and try again."""


class CloseCode(IntEnum):
    TRY_AGAIN = 1013
    BAD_FRAME = 4400
    BAD_CREDENTIAL = 4401
    NO_HELLO = 4408


class FixFrame(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="fix"
):
    """The message Fix for the hot path: a third of the time to decode. A test keeps them equal."""

    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    accuracy_m: Annotated[float, msgspec.Meta(ge=0, le=100_000)]
    # A time without a zone cannot be compared with the server's.
    fixed_at: Annotated[datetime, msgspec.Meta(tz=True)]
    speed_mps: Annotated[float, msgspec.Meta(ge=0)] | None = None
    heading_deg: Annotated[float, msgspec.Meta(ge=0, le=360)] | None = None
    battery_percent: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    mock: bool = False


class Member(Protocol):
    """What a connection needs to know of whoever signed in; a Subject is one."""

    @property
    def account_id(self) -> UUID: ...
    @property
    def role(self) -> Role: ...
    @property
    def name(self) -> str: ...
    @property
    def expires_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Authenticate:
    """Find out whose token this is; answer with `authenticated` or `refused`."""

    token: str


@dataclass(frozen=True, slots=True)
class Join:
    """Join the topics, then read and send the snapshot; None is all the member may see."""

    satuan_id: UUID | None


@dataclass(frozen=True, slots=True)
class TakeFix:
    """Where the member, a Personil, says to be."""

    fix: FixFrame


@dataclass(frozen=True, slots=True)
class TakeReceipt:
    """The offer is on the member's screen."""

    offer_id: UUID


@dataclass(frozen=True, slots=True)
class Send:
    """Send this to the client."""

    message: ServerMessage


@dataclass(frozen=True, slots=True)
class Close:
    """Send what is queued, then close."""

    code: CloseCode


Effect = Authenticate | Join | TakeFix | TakeReceipt | Send | Close


class State(Enum):
    WAITING_HELLO = auto()
    CHECKING = auto()
    SIGNED_IN = auto()
    WATCHING = auto()
    CLOSED = auto()


_KNOWN = frozenset({State.SIGNED_IN, State.WATCHING})
_fix_decoder = msgspec.json.Decoder(FixFrame)


class Connection:
    """One socket, from its first frame to its close."""

    __slots__ = ("_bad_frames", "_hello_until", "_member", "state")

    def __init__(self, now: datetime) -> None:
        self.state = State.WAITING_HELLO
        self._hello_until = now + HELLO_WITHIN
        self._member: Member | None = None
        self._bad_frames = 0

    @property
    def deadline(self) -> datetime | None:
        """When `tick` has something to do next; None when never."""
        if self.state is State.WAITING_HELLO:
            return self._hello_until
        if self.state in _KNOWN and self._member is not None:
            return self._member.expires_at
        return None

    def receive(self, frame: str | bytes, now: datetime) -> list[Effect]:
        """What a frame from the client leads to."""
        due = self.tick(now)
        if due or self.state is State.CLOSED:
            return due
        try:
            fix = _fix_decoder.decode(frame)
        except msgspec.DecodeError as error:
            return self._receive_other(frame, str(error))
        return self._take(TakeFix(fix))

    def fix_in(self, frame: bytes | bytearray | memoryview, now: datetime) -> FixFrame | None:
        """The fix in a frame that `receive` would only take; None where there is more to it."""
        if self.state not in _KNOWN or self._member is None:
            return None
        if self._member.role is not Role.PERSONIL:
            return None
        if self.deadline is not None and now >= self.deadline:
            return None
        try:
            return _fix_decoder.decode(frame)
        except msgspec.DecodeError:
            return None

    def authenticated(self, member: Member, now: datetime) -> list[Effect]:
        """The token of the hello is this member's."""
        if self.state is not State.CHECKING:
            return []
        self._member = member
        self.state = State.SIGNED_IN
        expired = self.tick(now)
        return expired or [
            Send(
                Welcome(
                    server_time=now,
                    account_id=member.account_id,
                    role=member.role,
                    name=member.name,
                )
            )
        ]

    def ended(self) -> list[Effect]:
        """The sign-in behind this connection is over: ended, expired, or its account closed."""
        if self.state is State.CLOSED:
            return []
        sentence = "this sign-in was ended; sign in again"
        return self._part("sign_in_needed", sentence, CloseCode.BAD_CREDENTIAL)

    def refused(
        self, code: str, detail: str, close: CloseCode = CloseCode.BAD_CREDENTIAL
    ) -> list[Effect]:
        """The token is nobody's, or could not be looked up just now (then close TRY_AGAIN)."""
        if self.state is State.CLOSED:
            return []
        return self._part(code, detail, close)

    def tick(self, now: datetime) -> list[Effect]:
        """What the time leads to: no hello in 10 s, or the sign-in has ended."""
        if self.deadline is None or now < self.deadline:
            return []
        if self.state is State.WAITING_HELLO:
            return self._part("no_hello", "send hello within 10 s", CloseCode.NO_HELLO)
        sentence = "your sign-in has expired; sign in again"
        return self._part("sign_in_needed", sentence, CloseCode.BAD_CREDENTIAL)

    def _receive_other(self, frame: str | bytes, fix_fault: str) -> list[Effect]:
        try:
            message = client_message.validate_json(frame)
        except ValidationError as error:
            return self._invalid(error)
        match message:
            case Hello():
                return self._hello(message)
            case Watch():
                return self._watch(message)
            case Receipt():
                return self._take(TakeReceipt(message.offer_id))
            case Fix():
                # Looser than the decoder above ("1.5" is a number, a time needs no zone).
                return self._before_hello() or [_refusal("bad_frame", f"fix: {fix_fault}")]

    def _hello(self, hello: Hello) -> list[Effect]:
        if self.state is not State.WAITING_HELLO:
            return self._bad("hello is the first frame and comes once")
        self.state = State.CHECKING
        return [Authenticate(hello.token)]

    def _watch(self, watch: Watch) -> list[Effect]:
        if self.state not in _KNOWN or self._member is None:
            return self._not_yet()
        if watch.satuan_id is not None and not relation(self._member.role, Action.SEE_ALARMS):
            return [_refusal("not_allowed", "watch.satuan_id: only a desk may choose a Satuan")]
        self.state = State.WATCHING
        return [Join(watch.satuan_id)]

    def _take(self, effect: TakeFix | TakeReceipt) -> list[Effect]:
        if self.state not in _KNOWN or self._member is None:
            return self._not_yet()
        if self._member.role is not Role.PERSONIL:
            return [_refusal("not_allowed", "only Personil send fixes and receipts")]
        return [effect]

    def _invalid(self, error: ValidationError) -> list[Effect]:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        if fault["type"] == "json_invalid":
            return self._part("bad_frame", "a frame is one JSON object", CloseCode.BAD_FRAME)
        where = ".".join(str(step) for step in fault["loc"]) or "type"
        sentence = f"{where}: {fault['msg']}"
        # A phone whose sensor sends rubbish must still get its offers.
        if where.startswith("fix"):
            return self._before_hello() or [_refusal("bad_frame", sentence)]
        return self._bad(sentence)

    def _bad(self, sentence: str) -> list[Effect]:
        self._bad_frames += 1
        if self.state is State.WAITING_HELLO or self._bad_frames >= MOST_BAD_FRAMES:
            return self._part("bad_frame", sentence, CloseCode.BAD_FRAME)
        return [_refusal("bad_frame", sentence)]

    def _before_hello(self) -> list[Effect]:
        return [] if self.state in _KNOWN else self._not_yet()

    def _not_yet(self) -> list[Effect]:
        return self._bad("the first frame is hello; wait for welcome before the next")

    def _part(self, code: str, sentence: str, close: CloseCode) -> list[Effect]:
        self.state = State.CLOSED
        return [_refusal(code, sentence), Close(close)]


def _refusal(code: str, sentence: str) -> Send:
    return Send(Refused(code=code, detail=sentence))
