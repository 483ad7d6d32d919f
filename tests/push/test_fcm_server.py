"""The test service itself: it must be as strict, and as forgetful, as the real one."""

import asyncio
import json
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import google.auth.crypt
import google.auth.jwt
import httpx2
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from cas_server.demo.fcm_answers import LARGEST_DATA_BYTES, Behaviour
from cas_server.demo.fcm_post import MOST_WAITING, Post, Rule
from cas_server.demo.fcm_server import GRANT, FcmServer

SEND = "/v1/projects/cas-simulasi/messages:send"
MESSAGE = {"token": "phone", "data": {"kind": "offer"}}


@pytest_asyncio.fixture
async def http(fcm: FcmServer) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=fcm.url, timeout=20) as client:
        yield client


def assertion(fcm: FcmServer, *, key: str | None = None, **changed: Any) -> dict[str, str]:
    account = fcm.account.service_account
    if key is not None:
        account = {**account, "private_key": key}
    now = datetime.now(UTC)
    claims = {
        "iss": account["client_email"],
        "aud": account["token_uri"],
        "scope": "https://www.googleapis.com/auth/firebase.messaging",
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(hours=1)).timestamp()),
        **changed,
    }
    signer = google.auth.crypt.RSASigner.from_service_account_info(account)  # type: ignore[no-untyped-call]  # it has none
    signed = google.auth.jwt.encode(signer, claims)  # type: ignore[no-untyped-call]  # it has none
    return {"grant_type": GRANT, "assertion": signed.decode()}


@pytest_asyncio.fixture
async def signed_in(fcm: FcmServer, http: httpx2.AsyncClient) -> httpx2.AsyncClient:
    answer = await http.post("/token", data=assertion(fcm))
    http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return http


async def test_a_signed_assertion_buys_an_access_token(
    fcm: FcmServer, http: httpx2.AsyncClient
) -> None:
    answer = await http.post("/token", data=assertion(fcm))

    assert answer.status_code == 200
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "somebody@else"},
        {"aud": "https://example.org/token"},
        {"scope": "https://www.googleapis.com/auth/datastore"},
        {"exp": 1},
    ],
)
async def test_a_wrong_claim_buys_nothing(
    fcm: FcmServer, http: httpx2.AsyncClient, changed: dict[str, Any]
) -> None:
    answer = await http.post("/token", data=assertion(fcm, **changed))

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"


async def test_an_assertion_signed_by_another_key_buys_nothing(
    fcm: FcmServer, http: httpx2.AsyncClient
) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

    for form in (
        assertion(fcm, key=other.decode()),
        {"grant_type": "password"},
        {"grant_type": GRANT},
    ):
        assert (await http.post("/token", data=form)).status_code == 400


async def test_nothing_is_sent_without_an_access_token(http: httpx2.AsyncClient) -> None:
    for headers in ({}, {"Authorization": "Bearer made-up"}):
        answer = await http.post(SEND, json={"message": MESSAGE}, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["status"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"data": {"kind": "offer"}}, "message"),
        ({"token": "phone", "topic": "all"}, "message"),
        ({"token": "phone", "data": {"version": 3}}, "message.data[version]"),
        ({"token": "phone", "data": {"from": "me"}}, "message.data[from]"),
        ({"token": "phone", "data": {"x": "x" * LARGEST_DATA_BYTES}}, "message"),
        ({"token": "phone", "android": {"ttl": 20}}, "message.android.ttl"),
        ({"token": "phone", "android": {"ttl": "5000000s"}}, "message.android.ttl"),
        ({"token": "phone", "android": {"priority": "HIGH!"}}, "message.android.priority"),
    ],
)
async def test_a_faulty_message_is_refused_by_its_field(
    signed_in: httpx2.AsyncClient, message: dict[str, Any], field: str
) -> None:
    answer = await signed_in.post(SEND, json={"message": message})

    assert answer.status_code == 400
    details = answer.json()["error"]["details"]
    assert details[1]["fieldViolations"][0]["field"] == field


@pytest.mark.parametrize(
    ("behaviour", "status", "retry_after"),
    [
        ("unregistered", 404, None),
        ("invalid_token", 400, None),
        ("sender_id_mismatch", 403, None),
        ("quota_exceeded", 429, "9"),
        ("unavailable", 503, "9"),
        ("internal", 500, None),
        ("bad_gateway", 502, None),
        ("unauthenticated", 401, None),
    ],
)
async def test_it_fails_as_it_is_told(
    signed_in: httpx2.AsyncClient, behaviour: str, status: int, retry_after: str | None
) -> None:
    await signed_in.post("/control", json={"behaviour": behaviour, "times": 1, "seconds": 9})

    failed = await signed_in.post(SEND, json={"message": MESSAGE})
    then = await signed_in.post(SEND, json={"message": MESSAGE})

    assert failed.status_code == status
    assert failed.headers.get("Retry-After") == retry_after
    assert then.status_code == 200


async def test_it_is_well_again_when_told_so(signed_in: httpx2.AsyncClient) -> None:
    await signed_in.post("/control", json={"behaviour": "internal"})
    await signed_in.post("/control", json={"behaviour": "unavailable", "sign_in": True})
    await signed_in.delete("/control")

    assert (await signed_in.post(SEND, json={"message": MESSAGE})).status_code == 200


async def test_it_may_be_slow(signed_in: httpx2.AsyncClient) -> None:
    await signed_in.post("/control", json={"behaviour": "slow", "seconds": 0})

    assert (await signed_in.post(SEND, json={"message": MESSAGE})).status_code == 200


async def test_a_phone_that_waits_is_told_at_once(signed_in: httpx2.AsyncClient) -> None:
    waiting = asyncio.create_task(signed_in.get("/inbox/phone?wait_s=15"))

    await signed_in.post(SEND, json={"message": MESSAGE})

    (received,) = (await waiting).json()["messages"]
    assert received["message"] == MESSAGE
    again = await signed_in.get(f"/inbox/phone?after={received['number']}&wait_s=0")
    assert again.json() == {"messages": []}


async def test_what_was_asked_can_be_read(signed_in: httpx2.AsyncClient) -> None:
    await signed_in.post("/control", json={"behaviour": "never_delivered", "to": "phone"})
    await signed_in.post(SEND, json={"message": MESSAGE})

    (asked,) = (await signed_in.get("/asked")).json()["asked"]
    assert (asked["to"], asked["behaviour"]) == ("phone", "never_delivered")
    assert (await signed_in.get("/inbox/phone?wait_s=0")).json() == {"messages": []}


async def test_a_newer_message_of_the_same_key_replaces_one_that_waits() -> None:
    post = Post()

    for key in ("a-1", "a-1", "a-2"):
        message = {"token": "phone", "android": {"collapse_key": key}}
        post.deliver(post.note("phone", Behaviour.WELL, message))

    assert [item.number for item in await post.fetch("phone", 0, wait_s=1)] == [2, 3]


@pytest.mark.parametrize(
    "lived", [{"android": {"ttl": "0s"}}, {"webpush": {"headers": {"TTL": "0"}}}]
)
async def test_a_message_past_its_time_is_not_delivered(lived: dict[str, Any]) -> None:
    post = Post()

    post.deliver(post.note("phone", Behaviour.WELL, {"token": "phone", **lived}))

    assert await post.fetch("phone", 0, wait_s=0) == []


async def test_a_phone_that_is_away_for_long_loses_the_oldest() -> None:
    post = Post()

    for _ in range(MOST_WAITING + 1):
        post.deliver(post.note("phone", Behaviour.WELL, MESSAGE))

    numbers = [item.number for item in await post.fetch("phone", 0, wait_s=1)]
    assert numbers == list(range(2, MOST_WAITING + 2))


async def test_a_phones_own_rule_goes_before_everybodys() -> None:
    post = Post()
    post.behave(Rule(Behaviour.INTERNAL))
    post.behave(Rule(Behaviour.UNREGISTERED, times=1), to="phone")

    met = [post.rule_for(to).behaviour for to in ("phone", "phone", "other")]

    assert met == [Behaviour.UNREGISTERED, Behaviour.INTERNAL, Behaviour.INTERNAL]


def test_it_runs_by_itself_and_leaves_its_address(tmp_path: Path) -> None:
    folder = tmp_path / "push"
    command = [sys.executable, "-m", "cas_server.demo.fcm_server", "--folder", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own
        assert process.stdout is not None
        try:
            address = json.loads(process.stdout.readline())
            asked = httpx2.get(f"{address['url']}/asked")
        finally:
            process.terminate()

    assert asked.json() == {"asked": []}
    assert json.loads((folder / "fcm.json").read_text()) == address
    credentials = Path(address["credentials"])
    assert json.loads(credentials.read_text())["token_uri"] == f"{address['url']}/token"
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o600
