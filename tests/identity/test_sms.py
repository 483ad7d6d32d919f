"""Text messages: through a gateway with all its faults, into the log of a demo, or not at all."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
import pytest
import structlog
from pydantic import SecretStr

from cas_server.identity import sms
from cas_server.identity.sms import TextMessage
from cas_server.kit.ids import new_id
from cas_server.outbox.retry import Again, Done, GiveUp
from cas_server.settings import Settings

PASSWORD = "kunci"  # noqa: S105 - of the gateway below


def text_message(text: str = "Kode 123456") -> TextMessage:
    return TextMessage(new_id(), "+6281234567890", text, timedelta(minutes=4, seconds=30))


@dataclass
class Gateway:
    """A small HTTP server that does what android-sms-gateway does, and its faults on demand.

    `fault` is sent instead of an answer; with `deaf`, it hears and never answers; `state` is what
    has become of every message it has.
    """

    fault: bytes = b""
    deaf: bool = False
    state: str = "Pending"
    heads: list[str] = field(default_factory=list)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        length = head.lower().partition("content-length: ")[2].partition("\r\n")[0]
        body = await reader.readexactly(int(length or 0))
        if self.deaf:
            await self.let_go.wait()
        writer.write(self.fault or self.answer(head, body))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    def answer(self, head: str, body: bytes) -> bytes:
        if base64.b64encode(f"cas:{PASSWORD}".encode()).decode() not in head:
            return http("401 Unauthorized")
        method, path, _ = head.split(" ", 2)
        if method == "GET":
            if path.rpartition("/")[2] not in self.messages:
                return http("404 Not Found")
            return http("200 OK", msgspec.json.encode({"id": "x", "state": self.state}))
        asked = msgspec.json.decode(body)
        if asked["id"] in self.messages:
            return http("409 Conflict")
        self.messages[asked["id"]] = asked
        told = {"id": asked["id"], "state": "Pending", "recipients": [], "isEncrypted": False}
        return http("202 Accepted", msgspec.json.encode(told))

    def settings(self, password: str = PASSWORD, timeout_s: float = 10.0) -> Settings:
        return Settings(
            sms_gateway_url=self.url,
            sms_gateway_user="cas",
            sms_gateway_password=SecretStr(password),
            sms_timeout_s=timeout_s,
        )


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def open_gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", 0)
    host, number = server.sockets[0].getsockname()
    gateway.url = f"http://{host}:{number}/message"
    async with server:
        yield gateway
        gateway.let_go.set()


@asynccontextmanager
async def port_of(settings: Settings) -> AsyncIterator[sms.SmsPort]:
    port = sms.open_port(settings)
    yield port
    await port.close()


async def test_the_gateway_is_asked_to_send_one_message_at_once_and_not_after_its_use() -> None:
    message = text_message()
    async with open_gateway() as gateway, port_of(gateway.settings()) as port:
        assert await port.send(message) == Done()

    assert gateway.heads[0].startswith("POST /message HTTP/1.1")
    assert gateway.messages[str(message.id)] == {
        "id": str(message.id),
        "textMessage": {"text": "Kode 123456"},
        "phoneNumbers": ["+6281234567890"],
        "ttl": 270,
        "priority": 100,
        "withDeliveryReport": False,
    }


async def test_a_message_that_the_gateway_has_already_is_not_sent_twice() -> None:
    message = text_message()
    async with open_gateway() as gateway, port_of(gateway.settings()) as port:
        assert [await port.send(message), await port.send(message)] == [Done(), Done()]

    assert len(gateway.messages) == 1


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (
            http("429 Too Many", b"", "retry-after: 7"),
            Again("the gateway answered 429", timedelta(seconds=7)),
        ),
        (
            http("429 Too Many", b"", "retry-after: Mon, 1 Jan 2024 00:00:00 GMT"),
            Again("the gateway answered 429"),
        ),
        (http("500 Broken", b"java.lang.Exception"), Again("the gateway answered 500")),
        (http("400 Bad", b"{}"), GiveUp("the gateway answered 400")),
        (http("302 Found", b"", "location: http://login/"), GiveUp("the gateway answered 302")),
        (http("200 OK", b"<html>Wi-Fi"), Again("the gateway's answer is no receipt")),
        (http("200 OK", b"[]"), Again("the gateway's answer is no receipt")),
        (b"\x00\xff garbage\r\n\r\n", Again("RemoteProtocolError")),
        (b"HTTP/1.1 202 Accepted\r\ncontent-length: 99\r\n\r\n{", Again("RemoteProtocolError")),
    ],
)
async def test_what_the_gateway_answers_decides_whether_to_try_again(
    fault: bytes, outcome: Again | GiveUp
) -> None:
    async with open_gateway() as gateway, port_of(gateway.settings()) as port:
        gateway.fault = fault

        assert await port.send(text_message()) == outcome


@pytest.mark.parametrize(
    ("state", "fate"),
    [
        ("Pending", Again("the gateway's phone has not sent it", sms.ASK_AGAIN_AFTER)),
        ("Processed", Again("the gateway's phone has not sent it", sms.ASK_AGAIN_AFTER)),
        ("Sent", Done()),
        ("Delivered", Done()),
        ("Failed", GiveUp("the gateway's phone could not send it: no signal, or no credit?")),
    ],
)
async def test_what_became_of_a_message_is_asked_of_the_gateway(
    state: str, fate: Done | Again | GiveUp
) -> None:
    message = text_message()
    async with open_gateway() as gateway, port_of(gateway.settings()) as port:
        await port.send(message)
        gateway.state = state

        assert await port.fate(message.id) == fate


async def test_a_gateway_that_cannot_tell_what_became_of_a_message_is_asked_again() -> None:
    message = text_message()
    async with open_gateway() as gateway, port_of(gateway.settings()) as port:
        await port.send(message)
        gateway.fault = http("200 OK", b"<html>Wi-Fi")

        assert isinstance(await port.fate(message.id), Again)
        gateway.fault = b""
        assert await port.fate(new_id()) == Done()


async def test_a_wrong_password_is_given_up() -> None:
    async with open_gateway() as gateway, port_of(gateway.settings("salah")) as port:
        assert await port.send(text_message()) == GiveUp("the gateway answered 401")


async def test_a_gateway_that_hears_and_never_answers_is_not_waited_for() -> None:
    async with open_gateway() as gateway, port_of(gateway.settings(timeout_s=0.2)) as port:
        gateway.deaf = True

        assert await port.send(text_message()) in (Again("ReadTimeout"), Again("TimeoutError"))


async def test_a_gateway_that_is_away_is_tried_again() -> None:
    async with port_of(Settings(sms_gateway_url="http://127.0.0.1:9/message")) as port:
        assert await port.send(text_message()) == Again("ConnectError")


async def test_the_doctor_tells_what_is_wrong_with_the_gateway_and_sends_nothing() -> None:
    async with open_gateway() as gateway:
        well = await asyncio.to_thread(sms.fault_of_gateway, gateway.settings())
        refused = await asyncio.to_thread(sms.fault_of_gateway, gateway.settings("salah"))
        gateway.fault = http("200 OK", b"<html>Wi-Fi")
        portal = await asyncio.to_thread(sms.fault_of_gateway, gateway.settings())
    away = await asyncio.to_thread(sms.fault_of_gateway, gateway.settings())

    assert well is None
    assert refused == "refuses CAS_SMS_GATEWAY_USER and _PASSWORD"
    assert portal == "answers 200 where an android-sms-gateway answers 404"
    assert away is not None
    assert away.startswith("does not answer: ")
    assert gateway.messages == {}


async def test_a_demo_shows_the_message_in_the_log_but_not_the_number() -> None:
    async with port_of(Settings(demo=True)) as port:
        with structlog.testing.capture_logs() as lines:
            assert await port.send(text_message()) == Done()

    [line] = lines
    assert line["text"] == "Kode 123456"
    assert "81234567890" not in str(line)


def test_outside_a_demo_no_code_is_ever_shown_in_the_log() -> None:
    with pytest.raises(sms.ConsoleRefused):
        sms.ConsoleSms(Settings(demo=False))


async def test_without_a_gateway_it_is_said_once_and_every_message_is_given_up() -> None:
    with structlog.testing.capture_logs() as lines:
        port = sms.open_port(Settings(demo=False))

    assert [line["event"] for line in lines] == ["sms.not_configured"]
    assert isinstance(await port.send(text_message()), GiveUp)
    await port.close()
