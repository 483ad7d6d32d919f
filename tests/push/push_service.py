"""A browser's push service that listens on this machine, and opens what it is brought.

It shares no code with the sender: sealed bodies are opened by RFC 8291 and RFC 8188, the sender's
word on who it is (RFC 8292) is checked, and a fault is answered as the real services answer it.
"""

import asyncio
import base64
import contextlib
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import uvicorn
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

SALT_BYTES, SIZE_BYTES = 16, 4
LONGEST_TOKEN_S = 24 * 3600


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text(raw_bytes: bytes) -> str:
    return base64.urlsafe_b64encode(raw_bytes).decode().rstrip("=")


def open_sealed(body: bytes, private: ec.EllipticCurvePrivateKey, auth: bytes) -> bytes:
    """What a browser does with a body of the coding aes128gcm."""
    salt, rest = body[:SALT_BYTES], body[SALT_BYTES + SIZE_BYTES :]
    senders, sealed = rest[1 : 1 + rest[0]], rest[1 + rest[0] :]
    there = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), senders)
    ours = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    material = HKDF(hashes.SHA256(), 32, auth, b"WebPush: info\0" + ours + senders).derive(
        private.exchange(ec.ECDH(), there)
    )

    def derived(what: bytes, length: int) -> bytes:
        return HKDF(hashes.SHA256(), length, salt, b"Content-Encoding: " + what + b"\0").derive(
            material
        )

    padded = AESGCM(derived(b"aes128gcm", 16)).decrypt(derived(b"nonce", 12), sealed, None)
    told, mark = padded.rstrip(b"\0")[:-1], padded.rstrip(b"\0")[-1:]
    assert mark == b"\2", "the last record is marked as such"
    return told


@dataclass(frozen=True, slots=True)
class Pushed:
    """One message that came, opened."""

    headers: dict[str, str]
    length: int
    told: dict[str, Any]


@dataclass(slots=True)
class Subscription:
    """What a browser holds: where it is reached, and the keys that open what comes."""

    endpoint: str
    application_server_key: str
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = field(default_factory=lambda: os.urandom(16))
    pushed: asyncio.Queue[Pushed] = field(default_factory=asyncio.Queue)
    """What came, opened, in order."""

    @property
    def p256dh(self) -> str:
        public = self.private.public_key()
        return text(public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": self.p256dh, "auth": text(self.auth)}


class PushService:
    """Takes what is sent to its subscriptions."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.refusals: list[Response] = []
        """Given as the next answers, first to last, in place of taking a message."""
        self._subscriptions: dict[str, Subscription] = {}
        self.app = Starlette(routes=[Route("/push/{id}", self._push, methods=["POST"])])

    def subscribe(self, application_server_key: str) -> Subscription:
        """As `pushManager.subscribe` does."""
        id_ = text(os.urandom(12))
        made = Subscription(f"{self.url}/push/{id_}", application_server_key)
        self._subscriptions[id_] = made
        return made

    def unsubscribe(self, subscription: Subscription) -> None:
        del self._subscriptions[subscription.endpoint.rsplit("/", 1)[1]]

    async def _push(self, request: Request) -> Response:
        body = await request.body()
        if self.refusals:
            return self.refusals.pop(0)
        subscription = self._subscriptions.get(request.path_params["id"])
        if subscription is None:
            return Response(status_code=HTTPStatus.GONE)
        if not self._is_known(request.headers.get("authorization", ""), subscription):
            return Response(status_code=HTTPStatus.FORBIDDEN)
        if request.headers["content-encoding"] != "aes128gcm":
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        try:
            told = open_sealed(body, subscription.private, subscription.auth)
        except (InvalidTag, ValueError):
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        subscription.pushed.put_nowait(Pushed(dict(request.headers), len(body), json.loads(told)))
        return Response(status_code=HTTPStatus.CREATED, headers={"Location": "/message/m-1"})

    def _is_known(self, authorization: str, subscription: Subscription) -> bool:
        scheme, _, rest = authorization.partition(" ")
        told = dict(part.strip().split("=", 1) for part in rest.split(","))
        if scheme != "vapid" or told["k"] != subscription.application_server_key:
            return False
        point = raw(told["k"])
        key = ECKey.import_key(
            {"kty": "EC", "crv": "P-256", "x": text(point[1:33]), "y": text(point[33:])}
        )
        try:
            claims = jwt.decode(told["t"], key, algorithms=["ES256"]).claims
        except JoseError:
            return False
        is_here = claims["aud"] == self.url
        is_fresh = 0 < claims["exp"] - time.time() <= LONGEST_TOKEN_S
        is_reachable = str(claims["sub"]).startswith(("mailto:", "https://"))
        return bool(is_here and is_fresh and is_reachable)


class _Quiet(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[str]:
    """On this machine only, for as long as the block lasts; at this address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        http = _Quiet(uvicorn.Config(app, lifespan="off", log_config=None))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(http.serve(sockets=[listener]))
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
            http.should_exit = True


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[PushService]:
    """A service of its own, for as long as the block lasts."""
    service = PushService("")
    async with listening(service.app) as service.url:
        yield service
