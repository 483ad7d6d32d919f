"""The edge: headers, limits and clear refusals, with real sockets where it counts."""

import asyncio
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI, Request, Response
from pydantic import SecretStr, ValidationError

from cas_server.db.session import Database
from cas_server.settings import Settings
from cas_server.web import edge, patience
from tests.factories import make_regency, make_staff

ALL_OF_THEM = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("path", "policy"),
    [
        ("/v1/health/alive", "default-src 'none'"),
        ("/v1/nowhere", "default-src 'none'"),
        ("/komando/", "worker-src 'self' blob:"),
        ("/masyarakat/", "worker-src 'self'"),
        ("/", "default-src 'none'"),
    ],
)
async def test_every_answer_carries_the_headers_and_a_policy_of_its_own(
    client: httpx2.AsyncClient, path: str, policy: str
) -> None:
    answer = await client.get(path)

    assert ALL_OF_THEM.items() <= dict(answer.headers).items()
    assert policy in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "ws:" not in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers


async def test_over_tls_browsers_are_told_to_stay_there(app: FastAPI) -> None:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://cas") as client:
        answer = await client.get("/v1/health/alive")

    assert "max-age=63072000" in answer.headers["strict-transport-security"]
    assert answer.headers["cache-control"] == "no-store"


async def test_other_origins_are_given_no_leave(client: httpx2.AsyncClient) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}

    answers = [
        await client.options("/v1/sessions", headers=headers),
        await client.get("/v1/health/alive", headers=headers),
    ]

    assert [each for answer in answers for each in answer.headers if "access-control" in each] == []


async def test_a_fault_of_ours_shows_nothing_of_its_inside(
    app: FastAPI, client: httpx2.AsyncClient
) -> None:
    async def break_down(_: Request) -> Response:
        raise RuntimeError("secret inside")

    app.add_route("/v1/broken", break_down)
    answer = await client.get("/v1/broken")

    assert (answer.status_code, answer.json()["code"]) == (500, "failed")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_a_body_past_the_limit_is_refused_and_named(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/v1/sessions", content=b"x" * 1_000_001)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_a_body_that_never_ends_is_refused_in_time(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "BODY_WITHIN_S", 0.2)
    head = b"POST /v1/sessions HTTP/1.1\r\nHost: cas\r\nContent-Type: application/json\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head + b"Content-Length: 100\r\n\r\n{")

    async with asyncio.timeout(20):
        answer = await reader.read()

    writer.close()
    assert b"408" in answer.split(b"\r\n")[0]
    assert b"body_too_slow" in answer


@pytest.mark.parametrize("sent", [b"", b"GET /v1/health/alive HTTP/1.1\r\nHost: c"])
async def test_a_connection_that_does_not_say_what_it_wants_is_closed(
    port: int, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(patience, "HEADERS_WITHIN_S", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)

    async with asyncio.timeout(20):
        answer = await reader.read()

    writer.close()
    assert answer == b""


@pytest.mark.parametrize(("proxy", "believed"), [("127.0.0.9", True), ("127.0.0.1", False)])
async def test_only_a_trusted_proxy_says_who_is_asking(
    port: int, proxy: str, *, believed: bool
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(proxy, 0))
    writer.write(
        b"GET /v1/health/alive HTTP/1.1\r\nHost: cas\r\nConnection: close\r\n"
        b"X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n\r\n"
    )

    async with asyncio.timeout(20):
        answer = await reader.read()

    writer.close()
    assert b"200" in answer.split(b"\r\n")[0]
    assert (b"strict-transport-security" in answer) == believed


@pytest.mark.parametrize("value", ["*", "proxy.example", "10.0.0.0/33"])
def test_trusting_everybody_is_no_setting(value: str) -> None:
    with pytest.raises(ValidationError, match="trusted_proxies"):
        Settings(trusted_proxies=value)


def test_secrets_are_read_from_files_where_the_environment_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cas_database_url").write_text("postgresql://from-a-file\n")
    (tmp_path / "cas_sms_gateway_password").write_text("from-a-file")
    monkeypatch.setenv("CAS_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("CAS_SMS_GATEWAY_PASSWORD", "from-the-environment")
    monkeypatch.delenv("CAS_DATABASE_URL", raising=False)

    settings = Settings()

    assert settings.database_url == SecretStr("postgresql://from-a-file")
    assert settings.sms_gateway_password.get_secret_value() == "from-the-environment"


async def test_a_method_that_is_none_is_told_all_that_this_address_has(
    client: httpx2.AsyncClient,
) -> None:
    answers = [await client.request("PATCH", path) for path in ("/v1/duty", "/v1/account")]

    assert [answer.status_code for answer in answers] == [405, 405]
    assert [answer.headers["allow"] for answer in answers] == ["DELETE, GET, PUT", "DELETE, GET"]


async def test_a_number_is_no_time(client: httpx2.AsyncClient, database: Database) -> None:
    async with database.transaction() as session:
        operator = await make_staff(session, (await make_regency(session)).polres)

    answer = await client.get("/v1/alarms?open=false&before=0.5", headers=operator.bearer)

    assert (answer.status_code, answer.json()["field"]) == (422, "before")
