"""Browsers are woken through a push service that opens what it is brought."""

import asyncio
import stat
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from starlette.responses import Response

from cas_server.kit import key_file
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from cas_server.push import vapid
from cas_server.push.message import Kind, Notice, PushMessage, compose
from cas_server.push.port import (
    AddressType,
    Answer,
    DeadToken,
    Delivered,
    Device,
    Platform,
    Refused,
    Retry,
    SubscriptionKeys,
)
from cas_server.push.subscription import is_push_service
from cas_server.push.web_push import Browsers
from cas_server.settings import Settings

from .push_service import PushService, Subscription, open_sealed, raw, serving

ALARM_ID = new_id()


def about(kind: Kind = Kind.DESK) -> PushMessage:
    message = compose(Notice(kind, ALARM_ID, 3, utc_now()), utc_now())
    assert message is not None
    return message


def device_of(subscription: Subscription) -> Device:
    keys = SubscriptionKeys(**subscription.keys)
    kind = AddressType.WEB_PUSH
    return Device(new_id(), new_id(), Platform.WEB, kind, subscription.endpoint, keys)


@pytest_asyncio.fixture
async def service() -> AsyncIterator[PushService]:
    async with serving() as service:
        yield service


@pytest.fixture
def settings(service: PushService, tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, push_origins=service.url, push_timeout_s=5.0)


@pytest_asyncio.fixture
async def browsers(settings: Settings) -> AsyncIterator[Browsers]:
    browsers = Browsers(settings)
    yield browsers
    await browsers.close()


@pytest.fixture
def subscription(service: PushService, settings: Settings) -> Subscription:
    key = vapid.found_or_made(vapid.key_file(settings))
    return service.subscribe(vapid.application_server_key(key))


def test_the_services_way_of_opening_agrees_with_the_example_of_the_standard() -> None:
    private = int.from_bytes(raw("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"))
    body = raw(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )

    told = open_sealed(
        body, ec.derive_private_key(private, ec.SECP256R1()), raw("BTBZMqHH6r4Tts7J_aSIgg")
    )

    assert told == b"When I grow up, I want to be a watermelon"


async def test_a_browser_can_open_what_was_sent_and_is_told_nothing_more_than_a_phone(
    browsers: Browsers, subscription: Subscription
) -> None:
    message = about()

    assert await browsers.send(message, device_of(subscription)) == Delivered("m-1")

    pushed = subscription.pushed.get_nowait()
    assert pushed.told == message.data
    assert pushed.headers["urgency"] == "high"
    assert pushed.headers["topic"] == message.collapse_key
    assert int(pushed.headers["ttl"]) == int(message.ttl.total_seconds())


async def test_the_service_cannot_tell_messages_apart_by_their_length(
    browsers: Browsers, subscription: Subscription
) -> None:
    for kind in Kind:
        await browsers.send(about(kind), device_of(subscription))

    pushed = [subscription.pushed.get_nowait() for _ in Kind]
    assert {each.told["kind"] for each in pushed} == set(Kind)
    assert len({each.length for each in pushed}) == 1


async def test_each_message_has_its_own_time_to_live(
    browsers: Browsers, subscription: Subscription
) -> None:
    for seconds in (90, 7):
        message = replace(about(), ttl=timedelta(seconds=seconds))
        await browsers.send(message, device_of(subscription))

    assert [subscription.pushed.get_nowait().headers["ttl"] for _ in range(2)] == ["90", "7"]


async def test_a_browser_that_subscribed_under_another_key_is_kept_and_not_woken(
    service: PushService, browsers: Browsers
) -> None:
    other = vapid.application_server_key(ec.generate_private_key(ec.SECP256R1()))

    answer = await browsers.send(about(), device_of(service.subscribe(other)))

    assert answer == Refused("403 Forbidden")


async def test_a_browser_that_has_unsubscribed_is_dead(
    service: PushService, browsers: Browsers, subscription: Subscription
) -> None:
    service.unsubscribe(subscription)

    assert await browsers.send(about(), device_of(subscription)) == DeadToken("410 Gone")


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (404, {}, DeadToken("404 Not Found")),
        (400, {}, Refused("400 Bad Request")),
        (307, {"Location": "http://127.0.0.1:9/"}, Refused("307 Temporary Redirect")),
        (429, {"Retry-After": "7"}, Retry(timedelta(seconds=7), "429 Too Many Requests")),
        (503, {}, Retry(None, "503 Service Unavailable")),
    ],
)
async def test_what_a_service_answers_is_heeded(
    service: PushService,
    browsers: Browsers,
    subscription: Subscription,
    status: int,
    headers: dict[str, str],
    expected: Answer,
) -> None:
    service.refusals.append(Response(status_code=status, headers=headers))

    assert await browsers.send(about(), device_of(subscription)) == expected


async def test_a_service_that_is_not_there_is_asked_again(
    service: PushService, settings: Settings, browsers: Browsers, subscription: Subscription
) -> None:
    nobody = subscription.endpoint.replace(service.url, "http://127.0.0.1:9")
    there = settings.model_copy(update={"push_origins": f"{service.url}, http://127.0.0.1:9"})
    port = Browsers(there)

    answer = await port.send(about(), replace(device_of(subscription), address=nobody))
    refused = await browsers.send(about(), replace(device_of(subscription), address=nobody))

    await port.close()
    assert answer == Retry(None, "ConnectError")
    assert isinstance(refused, Refused), "only origins that were named are called at all"


async def test_a_key_that_others_may_read_is_not_used_and_said_so(
    settings: Settings, browsers: Browsers, subscription: Subscription
) -> None:
    file = vapid.key_file(settings)
    file.chmod(0o644)

    assert await browsers.send(about(), device_of(subscription)) == Retry(
        None, "vapid_key_unusable"
    )
    with pytest.raises(vapid.VapidKeyUnusable, match="chmod 600"):
        vapid.found_or_made(file)


def test_a_key_of_another_kind_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "vapid.pem"
    key_file.write_new(file, ed25519.Ed25519PrivateKey.generate())
    before = file.read_bytes()

    with pytest.raises(vapid.VapidKeyUnusable, match="another kind"):
        vapid.found_or_made(file)
    assert file.read_bytes() == before


async def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "vapid.pem"

    found = await asyncio.gather(*(asyncio.to_thread(vapid.found_or_made, file) for _ in range(8)))

    assert len({vapid.application_server_key(key) for key in found}) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["vapid.pem"]


@pytest.mark.parametrize(
    ("address", "is_known"),
    [
        ("https://fcm.googleapis.com/fcm/send/abc", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/abc", True),
        ("https://db5p.notify.windows.com/w/?token=abc", True),
        ("https://web.push.apple.com/abc", True),
        ("https://push.polri.example/abc", True),
        ("http://fcm.googleapis.com/fcm/send/abc", False),
        ("https://fcm.googleapis.com:8443/fcm/send/abc", False),
        ("https://fcm.googleapis.com.evil.example/abc", False),
        ("https://evil.example/fcm.googleapis.com", False),
        ("https://fcm.googleapis.com@evil.example/abc", False),
        ("https://evilnotify.windows.com/abc", False),
        ("https://push.polri.example:9/abc", False),
        ("http://push.polri.example/abc", False),
        ("http://169.254.169.254/latest/meta-data", False),
        ("https://[::1/abc", False),
        ("https://fcm.googleapis.com:x/abc", False),
    ],
)
def test_only_push_services_are_called(address: str, *, is_known: bool) -> None:
    assert is_push_service(address, ("https://push.polri.example",)) is is_known
