"""Text messages: one port, sent through an Android phone's gateway or, in a demo, into the log."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Protocol
from uuid import UUID

import httpx2
import structlog

from cas_server.errors import CasError
from cas_server.kit.ids import new_id
from cas_server.outbox.retry import Again, Done, GiveUp, Outcome
from cas_server.settings import Settings

ASK_AGAIN_AFTER = timedelta(seconds=15)
"""A phone sends within seconds or has no signal; asked eight times this is the life of a code."""
ABOVE_ALL_LIMITS = 100
"""The gateway's priority from which a message is sent at once, past its own pauses."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TextMessage:
    """What is to be sent. A gateway sends the same `id` once, however often it is asked."""

    id: UUID
    phone: str
    text: str
    useful_for: timedelta
    """A phone that was without a signal must not send it, and be charged for it, after that."""


class SmsPort(Protocol):
    """Sends one text message and says what became of it; never raises.

    To send is to hand it over; `fate` tells whether it left, where `tells_fate`.
    """

    tells_fate: bool

    async def send(self, message: TextMessage) -> Outcome: ...

    async def fate(self, message_id: UUID) -> Outcome: ...

    async def close(self) -> None: ...


class ConsoleRefused(CasError):
    code = "console_sms_refused"
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__("text messages are shown in the log only with CAS_DEMO=true")


class ConsoleSms:
    """Shows the message in the server's log: for a demo with invented people only."""

    tells_fate = False

    def __init__(self, settings: Settings) -> None:
        if not settings.demo:
            raise ConsoleRefused

    async def send(self, message: TextMessage) -> Outcome:
        log.info("sms.shown", phone=f"...{message.phone[-4:]}", text=message.text)
        return Done()

    async def fate(self, message_id: UUID) -> Outcome:  # noqa: ARG002 - the port's shape
        return Done()

    async def close(self) -> None:
        return None


class NoSms:
    """No way to send: said at the start, and in the journal for every message."""

    tells_fate = False

    def __init__(self) -> None:
        log.warning("sms.not_configured", mend="set CAS_SMS_GATEWAY_URL, _USER and _PASSWORD")

    async def send(self, message: TextMessage) -> Outcome:  # noqa: ARG002 - the port's shape
        return GiveUp("no text message gateway is configured")

    async def fate(self, message_id: UUID) -> Outcome:  # noqa: ARG002 - the port's shape
        return Done()

    async def close(self) -> None:
        return None


class HttpGatewaySms:
    """android-sms-gateway: POST to its /message with basic authentication."""

    tells_fate = True

    def __init__(self, settings: Settings) -> None:
        assert settings.sms_gateway_url is not None
        self._url = settings.sms_gateway_url.rstrip("/")
        self._timeout_s = settings.sms_timeout_s
        self._client = httpx2.AsyncClient(auth=_sign_in(settings), timeout=settings.sms_timeout_s)

    async def send(self, message: TextMessage) -> Outcome:
        body = {
            "id": str(message.id),
            "textMessage": {"text": message.text},
            "phoneNumbers": [message.phone],
            "ttl": max(1, int(message.useful_for.total_seconds())),
            "priority": ABOVE_ALL_LIMITS,
            "withDeliveryReport": False,
        }
        answer = await self._ask("POST", self._url, body)
        return answer if isinstance(answer, Again) else _outcome(answer)

    async def fate(self, message_id: UUID) -> Outcome:
        answer = await self._ask("GET", f"{self._url}/{message_id}")
        return answer if isinstance(answer, Again) else _fate(answer)

    async def _ask(
        self, method: str, url: str, body: dict[str, Any] | None = None
    ) -> httpx2.Response | Again:
        try:
            # The client's own limit is for each read: a gateway that drips would hold us for ever.
            async with asyncio.timeout(self._timeout_s):
                return await self._client.request(method, url, json=body)
        except (httpx2.HTTPError, TimeoutError) as error:
            return Again(type(error).__name__)

    async def close(self) -> None:
        await self._client.aclose()


def _sign_in(settings: Settings) -> tuple[str, str]:
    return settings.sms_gateway_user, settings.sms_gateway_password.get_secret_value()


def _outcome(answer: httpx2.Response) -> Outcome:
    if answer.status_code == HTTPStatus.CONFLICT:
        # It has a message of this id: we asked before, and its answer was lost.
        return Done()
    if answer.is_success:
        return Done() if _is_receipt(answer) else Again("the gateway's answer is no receipt")
    why = f"the gateway answered {answer.status_code}"
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or answer.is_server_error:
        return Again(why, after=_retry_after(answer))
    return GiveUp(why)


def _fate(answer: httpx2.Response) -> Outcome:
    """The `state` of a message: Pending, Processed, Sent, Delivered or Failed."""
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return Done()  # long gone there
    told = _told(answer) if answer.is_success else None
    if told is None:
        return Again(f"the gateway answered {answer.status_code}", after=ASK_AGAIN_AFTER)
    state = told.get("state")
    if state == "Failed":
        return GiveUp("the gateway's phone could not send it: no signal, or no credit?")
    if state in {"Sent", "Delivered"}:
        return Done()
    return Again("the gateway's phone has not sent it", after=ASK_AGAIN_AFTER)


def _is_receipt(answer: httpx2.Response) -> bool:
    """A captive portal or a wrong address also answers 200, and has sent nothing."""
    told = _told(answer)
    return told is not None and "id" in told


def _told(answer: httpx2.Response) -> dict[str, Any] | None:
    """The answer's JSON object; None when it is none."""
    try:
        told = answer.json()
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _retry_after(answer: httpx2.Response) -> timedelta | None:
    seconds = answer.headers.get("retry-after", "")
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() else None


def open_port(settings: Settings) -> SmsPort:
    """The gateway if there is one, else the log in a demo, else none."""
    if settings.sms_gateway_url is not None:
        return HttpGatewaySms(settings)
    return ConsoleSms(settings) if settings.demo else NoSms()


def fault_of_gateway(settings: Settings) -> str | None:
    """What is wrong with the gateway, or None. Asks for a message that it cannot have: no cost."""
    assert settings.sms_gateway_url is not None
    address = f"{settings.sms_gateway_url.rstrip('/')}/{new_id()}"
    try:
        answer = httpx2.get(address, auth=_sign_in(settings), timeout=settings.sms_timeout_s)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return f"does not answer: {str(error) or type(error).__name__}"
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return None
    if answer.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return "refuses CAS_SMS_GATEWAY_USER and _PASSWORD"
    return f"answers {answer.status_code} where an android-sms-gateway answers 404"
