"""Text messages: one port, sent through an Android phone's gateway or, in a demo, into the log."""

from datetime import timedelta
from http import HTTPStatus
from typing import Protocol

import httpx2
import structlog

from cas_server.errors import CasError
from cas_server.outbox.retry import Again, Done, GiveUp, Outcome
from cas_server.settings import Settings

TIMEOUT_S = 10.0
ABOVE_ALL_LIMITS = 100
"""The gateway's priority from which a message is sent at once, past its own pauses."""

log = structlog.get_logger()


class SmsPort(Protocol):
    """Sends one text message and says what became of it; never raises."""

    async def send(self, phone: str, text: str) -> Outcome: ...

    async def close(self) -> None: ...


class ConsoleRefused(CasError):
    code = "console_sms_refused"
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__("text messages are shown in the log only with CAS_DEMO=true")


class ConsoleSms:
    """Shows the message in the server's log: for a demo with invented people only."""

    def __init__(self, settings: Settings) -> None:
        if not settings.demo:
            raise ConsoleRefused

    async def send(self, phone: str, text: str) -> Outcome:
        log.info("sms.shown", phone=f"...{phone[-4:]}", text=text)
        return Done()

    async def close(self) -> None:
        return None


class NoSms:
    """No way to send: said at the start, and in the journal for every message."""

    def __init__(self) -> None:
        log.warning("sms.not_configured", mend="set CAS_SMS_GATEWAY_URL, _USER and _PASSWORD")

    async def send(self, phone: str, text: str) -> Outcome:  # noqa: ARG002 - the port's shape
        return GiveUp("no text message gateway is configured")

    async def close(self) -> None:
        return None


class HttpGatewaySms:
    """android-sms-gateway: POST to its /message with basic authentication."""

    def __init__(self, settings: Settings) -> None:
        assert settings.sms_gateway_url is not None
        self._url = settings.sms_gateway_url
        password = settings.sms_gateway_password.get_secret_value()
        self._client = httpx2.AsyncClient(
            auth=(settings.sms_gateway_user, password), timeout=TIMEOUT_S
        )

    async def send(self, phone: str, text: str) -> Outcome:
        body = {
            "message": text,
            "phoneNumbers": [phone],
            "priority": ABOVE_ALL_LIMITS,
            "withDeliveryReport": False,
        }
        try:
            answer = await self._client.post(self._url, json=body)
        except httpx2.HTTPError as error:
            return Again(type(error).__name__)
        if answer.is_success:
            return Done()
        why = f"the gateway answered {answer.status_code}"
        if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or answer.is_server_error:
            return Again(why, after=_retry_after(answer))
        return GiveUp(why)

    async def close(self) -> None:
        await self._client.aclose()


def _retry_after(answer: httpx2.Response) -> timedelta | None:
    seconds = answer.headers.get("retry-after", "")
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() else None


def open_port(settings: Settings) -> SmsPort:
    """The gateway if there is one, else the log in a demo, else none."""
    if settings.sms_gateway_url is not None:
        return HttpGatewaySms(settings)
    return ConsoleSms(settings) if settings.demo else NoSms()
