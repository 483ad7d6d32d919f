"""The only file that talks to Firebase."""

import asyncio
from collections.abc import Generator
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import firebase_admin
import google.auth.exceptions
import httpx  # firebase-admin's own client, to give it a token without blocking
from firebase_admin import credentials, exceptions, messaging
from firebase_admin._retry import HttpxRetry

from cas_server.errors import CasError
from cas_server.kit.clock import Clock, utc_now
from cas_server.kit.ids import new_id
from cas_server.push.access import AccessToken
from cas_server.push.message import PushMessage
from cas_server.push.port import (
    AddressType,
    Answer,
    DeadToken,
    Delivered,
    Device,
    NoPush,
    Platform,
    PushPort,
    Refused,
    Retry,
)
from cas_server.push.retry_after import retry_after
from cas_server.settings import Settings

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"


class CredentialsUnusable(CasError):
    code = "push_credentials_unusable"
    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(self, file: Path, why: str) -> None:
        super().__init__(f"CAS_FIREBASE_CREDENTIALS: {file} is no service account file: {why}")


class _Bearer(httpx.Auth):
    """Adds the token we hold; firebase-admin's own would renew it on the loop, and ask thrice."""

    def __init__(self, token: AccessToken) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token.current}"
        yield request


class Firebase:
    """FCM HTTP v1. Made and used on one event loop."""

    def __init__(
        self,
        credentials_file: Path,
        *,
        timeout_s: float,
        fcm_url: str | None = None,
        clock: Clock = utc_now,
    ) -> None:
        certificate = _certificate(credentials_file)
        self._timeout_s = timeout_s
        self._clock = clock
        # firebase-admin would ask for the whole project; a lost token should only be able to push.
        account = certificate.get_credential().with_scopes([SCOPE])
        self._token = AccessToken(account, timeout_s, clock)
        self._app = firebase_admin.initialize_app(
            certificate, {"httpTimeout": timeout_s}, name=f"cas-{new_id()}"
        )
        self._service = messaging._get_messaging_service(self._app)
        self._client = self._service._async_client
        self._client.async_client.auth = _Bearer(self._token)
        # outbox/retry.py owns retries: inside, a 503 would be asked five times over seven seconds.
        for transport in self._client._mounts.values():
            transport._retry = HttpxRetry(max_retries=0)
        if fcm_url is not None:
            path = f"/v1/projects/{self._app.project_id}/messages:send"
            self._service._fcm_url = fcm_url.rstrip("/") + path

    async def run(self) -> None:
        """Keep the access token fresh."""
        await self._token.run()

    async def close(self) -> None:
        """Close the connections on the loop they belong to; firebase-admin would start another."""
        await self._client.aclose()
        await asyncio.to_thread(firebase_admin.delete_app, self._app)

    async def send(self, message: PushMessage, device: Device) -> Answer:
        """Ask once; what failed comes back as a value."""
        try:
            async with asyncio.timeout(self._timeout_s):
                token = await self._token.value()
                batch = await messaging.send_each_async(
                    [_encoded(message, device, self._clock())], dry_run=False, app=self._app
                )
        except TimeoutError:
            return Retry(None, "no answer in time")
        except google.auth.exceptions.GoogleAuthError as error:
            return Retry(None, f"no access token: {error.args[0]}")
        except (exceptions.FirebaseError, httpx.HTTPError) as error:
            return Retry(None, type(error).__name__)
        (response,) = batch.responses
        if response.success:
            return Delivered(response.message_id)
        answer = _judged(response.exception, self._clock())
        if isinstance(answer, Retry) and response.exception.code == exceptions.UNAUTHENTICATED:
            self._token.spoil(token)
        return answer


def _certificate(file: Path) -> Any:
    try:
        return credentials.Certificate(str(file))
    except (OSError, ValueError) as error:
        raise CredentialsUnusable(file, str(error)) from error


def configured(settings: Settings) -> PushPort:
    """Firebase when there are credentials, else a port that says there are none."""
    if settings.firebase_credentials is None:
        return NoPush()
    return Firebase(
        settings.firebase_credentials,
        timeout_s=settings.push_timeout_s,
        fcm_url=settings.fcm_url,
    )


def _encoded(message: PushMessage, device: Device, now: datetime) -> Any:
    encoded = messaging.Message(data=dict(message.data))
    match device.platform:
        case Platform.ANDROID:
            encoded.android = messaging.AndroidConfig(
                collapse_key=message.collapse_key, priority="high", ttl=message.ttl
            )
        case Platform.IOS:
            encoded.apns = _apns(message, now)
        case Platform.WEB:
            seconds = str(int(message.ttl.total_seconds()))
            encoded.webpush = messaging.WebpushConfig(
                headers={"TTL": seconds, "Urgency": "high", "Topic": message.collapse_key}
            )
    # Set here, not in the constructor: that warns of a token's deprecation with every message.
    setattr(encoded, "fid" if device.address_type is AddressType.FID else "token", device.address)
    return encoded


def _apns(message: PushMessage, now: datetime) -> Any:
    """An alert: iOS does not wake an app reliably for a message without one."""
    alert = messaging.ApsAlert(title=message.text.title, body=message.text.body)
    return messaging.APNSConfig(
        headers={
            "apns-priority": "10",
            "apns-collapse-id": message.collapse_key,
            "apns-expiration": str(int((now + message.ttl).timestamp())),
        },
        payload=messaging.APNSPayload(
            messaging.Aps(
                alert=alert,
                sound="default",
                custom_data={"interruption-level": "time-sensitive"},
            )
        ),
    )


def _judged(error: Any, now: datetime) -> Answer:
    why = f"{error.code}: {type(error).__name__}"
    match error:
        case messaging.UnregisteredError():
            return DeadToken(why)
        case exceptions.InvalidArgumentError():
            return DeadToken(why) if _blames_address(error) else Refused(f"{why}: {error}")
        # Not dead: with another project's credentials every phone would be forgotten at once.
        case messaging.SenderIdMismatchError() | messaging.ThirdPartyAuthError():
            return Refused(why)
        case _:
            headers = {} if error.http_response is None else error.http_response.headers
            return Retry(retry_after(headers.get("Retry-After", ""), now), why)


def _blames_address(error: Any) -> bool:
    """True when a 400 is about the address; it does not always name the field."""
    if "registration token" in str(error).lower():
        return True
    try:
        details = error.http_response.json()["error"]["details"]
        fields = [v["field"] for d in details for v in d.get("fieldViolations", [])]
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return any(field in ("message.token", "message.fid") for field in fields)
