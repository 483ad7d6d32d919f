"""The only file that talks to the push services of browsers: Web Push with VAPID, without Firebase.

Sealing is RFC 8291, the way there RFC 8030, who we are RFC 8292.
"""

import asyncio
import json
import time
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc import jwt
from joserfc.jwk import ECKey
from pydantic import AnyHttpUrl
from webpush import WebPush, WebPushSubscription
from webpush.types import WebPushKeys

from cas_server.kit.clock import Clock, utc_now
from cas_server.push import vapid
from cas_server.push.message import PushMessage
from cas_server.push.port import Answer, DeadToken, Delivered, Device, Refused, Retry
from cas_server.push.retry_after import retry_after
from cas_server.push.subscription import is_push_service, named
from cas_server.settings import Settings

TOKEN_LASTS_S = 12 * 3600
"""RFC 8292 allows at most 24 hours."""
ALIKE_BYTES = 512
"""Every message is as long as every other: the service that carries it cannot tell them apart."""
LONGEST_ID = 100
GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
NOT_NOW = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


class _Introduction:
    """Who is calling, in place of the library's own.

    That leaves the port out of the origin, and knows no contact but an address of mail.
    """

    def __init__(self, key: EllipticCurvePrivateKey) -> None:
        self._key = ECKey.import_key(_private(key))
        self._public = vapid.application_server_key(key)

    def get_authorization_header(
        self, endpoint: AnyHttpUrl, subscriber: str, expiration: int
    ) -> str:
        claims = {
            "aud": _origin(str(endpoint)),
            "exp": int(time.time()) + expiration,
            "sub": subscriber,
        }
        token = jwt.encode({"alg": "ES256", "typ": "JWT"}, claims, self._key)
        return f"vapid t={token}, k={self._public}"


class Browsers:
    """Web Push. Made and used on one event loop."""

    def __init__(self, settings: Settings, clock: Clock = utc_now) -> None:
        self._key_file = vapid.key_file(settings)
        self._timeout_s = settings.push_timeout_s
        self._contact = settings.push_contact or _contact(settings.reached_at)
        self._origins = named(settings.push_origins)
        self._clock = clock
        self._client = httpx2.AsyncClient(timeout=settings.push_timeout_s)

    async def run(self) -> None:
        """Have the key before the first alarm; without it there is a fault to mend, said once."""
        try:
            await asyncio.to_thread(lambda: self._sealer)
        except vapid.VapidKeyUnusable as fault:
            structlog.get_logger().warning("push.no_vapid_key", why=str(fault))
        await asyncio.Event().wait()

    async def close(self) -> None:
        await self._client.aclose()

    async def send(self, message: PushMessage, device: Device) -> Answer:
        """Ask once; what failed comes back as a value."""
        if not is_push_service(device.address, self._origins):
            return Refused("its address is at no known push service")
        try:
            sealed, headers = self._sealed(message, device)
        except vapid.VapidKeyUnusable as fault:
            return Retry(None, fault.code)
        try:
            # The client's own limit is for each read: a service that drips would hold us for ever.
            async with asyncio.timeout(self._timeout_s):
                answer = await self._client.post(device.address, content=sealed, headers=headers)
        except (httpx2.HTTPError, TimeoutError) as fault:
            return Retry(None, type(fault).__name__)
        return self._judged(answer)

    def _sealed(self, message: PushMessage, device: Device) -> tuple[bytes, dict[str, str]]:
        assert device.keys is not None, "the table and the route let no other web_push in"
        seconds = int(message.ttl.total_seconds())
        ready = self._sealer.get(
            json.dumps(dict(message.data)).ljust(ALIKE_BYTES),
            WebPushSubscription(
                endpoint=AnyHttpUrl(device.address),
                keys=WebPushKeys(p256dh=device.keys.p256dh, auth=device.keys.auth),
            ),
            # All of it each time: the library would keep the last one's.
            subscriber=self._contact,
            ttl=seconds,
            expiration=TOKEN_LASTS_S,
        )
        own = {"Urgency": "high", "Topic": message.collapse_key}
        return ready.encrypted, {**ready.headers, **own}

    @cached_property
    def _sealer(self) -> WebPush:
        key = vapid.found_or_made(self._key_file)
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        sealer = WebPush(_private(key), public)
        sealer.vapid = _Introduction(key)
        return sealer

    def _judged(self, answer: httpx2.Response) -> Answer:
        if answer.is_success:
            return Delivered(
                Path(urlsplit(answer.headers.get("Location", "")).path).name[:LONGEST_ID]
            )
        why = f"{answer.status_code} {answer.reason_phrase}".strip()
        if answer.status_code in GONE:
            return DeadToken(why)
        if answer.status_code in NOT_NOW or answer.is_server_error:
            return Retry(retry_after(answer.headers.get("Retry-After", ""), self._clock()), why)
        # Also 401 and 403: with another key every browser would be forgotten at once.
        return Refused(why)


def _private(key: EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _contact(reached_at: str) -> str:
    """A push service that has a complaint of us must reach somebody; at least where we are."""
    return f"mailto:admin@{urlsplit(reached_at).hostname}"
