"""What the rest of the slice knows of a push service: one port, and what it can answer."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import structlog

from cas_server.push.message import PushMessage


class Platform(StrEnum):
    ANDROID = "android"
    IOS = "ios"
    WEB = "web"


class AddressType(StrEnum):
    FCM_TOKEN = "fcm_token"  # noqa: S105 - the name of a type of address
    FID = "fid"
    WEB_PUSH = "web_push"


@dataclass(frozen=True, slots=True)
class SubscriptionKeys:
    """What a message to a browser is sealed with (RFC 8291), both in base64url."""

    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class Device:
    """Where a message goes."""

    id: UUID
    account_id: UUID
    platform: Platform
    address_type: AddressType
    address: str
    """The token or id of Firebase; of a browser the https address of its subscription."""
    keys: SubscriptionKeys | None = None
    """A browser's."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The service will try; only the app's own receipt says that the phone has it."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now; `after` is the service's own wish, if it stated one."""

    after: timedelta | None
    why: str


@dataclass(frozen=True, slots=True)
class DeadToken:
    """Nobody is at this address any more."""

    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The service will never take this message to this device."""

    why: str


@dataclass(frozen=True, slots=True)
class NotConfigured:
    """There is no push service here."""


Answer = Delivered | Retry | DeadToken | Refused | NotConfigured


class PushPort(Protocol):
    """A push service. `run` keeps it ready for ever and belongs in the process's task group."""

    async def send(self, message: PushMessage, device: Device) -> Answer: ...

    async def run(self) -> None: ...

    async def close(self) -> None: ...


class NoPush:
    """Without credentials: sockets still work, phones that sleep are not woken."""

    async def send(self, message: PushMessage, device: Device) -> Answer:  # noqa: ARG002 - the port's shape
        return NotConfigured()

    async def run(self) -> None:
        """Say so once, then there is nothing to keep ready."""
        structlog.get_logger().warning("push.not_configured", set="CAS_FIREBASE_CREDENTIALS")
        await asyncio.Event().wait()

    async def close(self) -> None:
        return None
