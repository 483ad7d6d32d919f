"""Text messages: through a gateway, into the log of a demo, or not at all."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
import pytest
import structlog
from pydantic import SecretStr

from cas_server.identity import sms
from cas_server.outbox.retry import Again, Done, GiveUp
from cas_server.settings import Settings


class Gateway:
    """A small HTTP server with the gateway's one route; answers what it is told to."""

    def __init__(self) -> None:
        self.answer = "202 Accepted\r\n"
        self.heads: list[str] = []
        self.bodies: list[dict[str, object]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
        self.heads.append(head)
        self.bodies.append(msgspec.json.decode(await reader.readexactly(length)))
        answer = f"HTTP/1.1 {self.answer}content-length: 0\r\nconnection: close\r\n\r\n"
        writer.write(answer.encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def gateway_and_port() -> AsyncIterator[tuple[Gateway, sms.SmsPort]]:
    gateway = Gateway()
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", 0)
    host, number = server.sockets[0].getsockname()
    port = sms.open_port(
        Settings(
            sms_gateway_url=f"http://{host}:{number}/message",
            sms_gateway_user="cas",
            sms_gateway_password=SecretStr("kunci"),
        )
    )
    async with server:
        yield gateway, port
    await port.close()


async def test_the_gateway_is_asked_with_its_password_to_send_one_message_at_once() -> None:
    async with gateway_and_port() as (gateway, port):
        assert await port.send("+6281234567890", "Kode") == Done()

    assert gateway.heads[0].startswith("POST /message HTTP/1.1")
    assert base64.b64encode(b"cas:kunci").decode() in gateway.heads[0]
    assert gateway.bodies == [
        {
            "message": "Kode",
            "phoneNumbers": ["+6281234567890"],
            "priority": 100,
            "withDeliveryReport": False,
        }
    ]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (
            "429 Too Many\r\nretry-after: 7\r\n",
            Again("the gateway answered 429", timedelta(seconds=7)),
        ),
        ("503 Away\r\n", Again("the gateway answered 503")),
        ("401 No\r\n", GiveUp("the gateway answered 401")),
        ("400 Bad\r\n", GiveUp("the gateway answered 400")),
    ],
)
async def test_what_the_gateway_answers_decides_whether_to_try_again(
    answer: str, outcome: Again | GiveUp
) -> None:
    async with gateway_and_port() as (gateway, port):
        gateway.answer = answer

        assert await port.send("+6281234567890", "Kode") == outcome


async def test_a_gateway_that_is_away_is_tried_again() -> None:
    async with gateway_and_port() as (_, port):
        pass
    port = sms.HttpGatewaySms(Settings(sms_gateway_url="http://127.0.0.1:9/message"))

    assert await port.send("+6281234567890", "Kode") == Again("ConnectError")

    await port.close()


async def test_a_demo_shows_the_message_in_the_log_but_not_the_number() -> None:
    port = sms.open_port(Settings(demo=True))

    with structlog.testing.capture_logs() as lines:
        assert await port.send("+6281234567890", "Kode 123456") == Done()

    await port.close()
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
    assert isinstance(await port.send("+6281234567890", "Kode"), GiveUp)
    await port.close()
