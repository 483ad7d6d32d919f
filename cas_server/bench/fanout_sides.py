"""Who is compared in `cas bench fanout`: each a server to start, and how one speaks to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from cas_server.bench import rivals, stage
from cas_server.bench.fanout_load import EVENT_BYTES
from cas_server.bench.people import OPERATOR_TOKEN
from cas_server.bench.stage import Trial
from cas_server.bench.taps import BINARY, TEXT, Talk, frame
from cas_server.children import python

_UPGRADED = b"\r\n\r\n"
_TOPIC = b"desk"


@dataclass(frozen=True, slots=True)
class Server:
    """One that runs: where, how one listens and tells, and the bytes around what is told."""

    name: str
    port: int
    listener: Talk
    teller: Talk
    before: bytes
    after: bytes = b""


@contextmanager
def all_of(trial: Trial, dsn: str) -> Iterator[list[Server]]:
    """Every side that can be had here, running; ours first."""
    with ExitStack() as stack:
        yield [
            *stack.enter_context(_own(dsn)),
            *stack.enter_context(_rival(trial, rivals.NATS, _nats)),
            *stack.enter_context(_rival(trial, rivals.MOSQUITTO, _mosquitto)),
        ]


@contextmanager
def _own(dsn: str) -> Iterator[list[Server]]:
    """Our server with its two ways to send, and beside it the plain loop."""
    hello = msgspec.json.encode({"type": "hello", "token": OPERATOR_TOKEN})
    steps = [
        (_UPGRADED, frame(TEXT, hello)),
        (b'"welcome"', frame(TEXT, b'{"type":"watch"}')),
        (b".snapshot", b""),
    ]
    told = _event_frame_head(TEXT)
    plain = Talk("/bench/plain", [(_UPGRADED, b"")])
    with stage.server(dsn, command=python("cas_server.bench.fanout_server")) as (_, port):
        hub = Talk("/bench/hub", [(_UPGRADED, b"")])
        yield [
            Server("CAS", port, Talk("/v1/live?frames=lines", steps), hub, told),
            Server("CAS, a message a frame", port, Talk("/v1/live", steps), hub, told),
            Server(
                "FastAPI, one by one", port, plain, Talk("/bench/plain/tell", plain.steps), told
            ),
        ]


@contextmanager
def _rival(
    trial: Trial, rival: rivals.Rival, made: Callable[[int, Path], tuple[list[str], Server]]
) -> Iterator[list[Server]]:
    program = rivals.for_trial(rival, trial)
    if program is None:
        yield []
        return
    with TemporaryDirectory(prefix="cas-bench-") as folder:
        arguments, server = made(stage.free_port(), Path(folder))
        command = [str(program.path), *arguments]
        with stage.running(*command, environment=program.environment) as child:
            stage.await_port(child, server.port)
            yield [server]


def _nats(port: int, folder: Path) -> tuple[list[str], Server]:
    settings = folder / "nats.conf"
    settings.write_text(
        f"listen: 127.0.0.1:{stage.free_port()}\n"
        f"websocket {{ listen: 127.0.0.1:{port}, no_tls: true }}\n"
    )
    connect = b'CONNECT {"verbose":false,"pedantic":false}\r\n'
    heard = [
        (_UPGRADED, b""),
        (b"INFO ", frame(BINARY, connect + b"SUB desk 1\r\nPING\r\n")),
        (b"PONG", b""),
    ]
    telling = [(_UPGRADED, b""), (b"INFO ", frame(BINARY, connect + b"PING\r\n")), (b"PONG", b"")]
    head = b"PUB desk %d\r\n" % EVENT_BYTES
    size = len(head) + EVENT_BYTES + 2
    before = frame(BINARY, b"x" * size)[:-size] + head
    server = Server("nats-server", port, Talk("/", heard), Talk("/", telling), before, b"\r\n")
    return ["-c", str(settings)], server


def _mosquitto(port: int, folder: Path) -> tuple[list[str], Server]:
    settings = folder / "mosquitto.conf"
    # Some versions end when their only listener is one of WebSockets.
    settings.write_text(
        f"listener {stage.free_port()} 127.0.0.1\nlistener {port} 127.0.0.1\nprotocol websockets\n"
        "allow_anonymous true\nmax_queued_messages 0\nset_tcp_nodelay true\n"
    )
    # CONNECT of MQTT 3.1.1 with a clean session, no name of its own and no keep-alive.
    connect = _packet(0x10, _text(b"MQTT") + b"\x04\x02\x00\x00" + _text(b""))
    subscribe = _packet(0x82, b"\x00\x01" + _text(_TOPIC) + b"\x00")
    heard = [(_UPGRADED, frame(BINARY, connect + subscribe)), (b"\x90\x03\x00\x01", b"")]
    telling = [(_UPGRADED, frame(BINARY, connect)), (b"\x20\x02", b"")]
    packet = _packet(0x30, _text(_TOPIC) + b"x" * EVENT_BYTES)
    before = frame(BINARY, packet)[:-EVENT_BYTES]
    server = Server("mosquitto", port, Talk("/", heard, "mqtt"), Talk("/", telling, "mqtt"), before)
    return ["-c", str(settings)], server


def _event_frame_head(opcode: int) -> bytes:
    return frame(opcode, b"x" * EVENT_BYTES)[:-EVENT_BYTES]


def _text(value: bytes) -> bytes:
    return len(value).to_bytes(2, "big") + value


def _packet(kind: int, rest: bytes) -> bytes:
    """One packet of MQTT; its length in groups of seven bits, the lowest first."""
    size, length = len(rest), b""
    while True:
        size, low = size >> 7, size & 0x7F
        length += bytes([low | (0x80 if size else 0)])
        if not size:
            return bytes([kind]) + length + rest
