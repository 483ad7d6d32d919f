"""The port against a server that speaks FCM HTTP v1, in every way it can answer."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from cas_server.demo.fcm_answers import Behaviour
from cas_server.demo.fcm_post import Rule
from cas_server.demo.fcm_server import FcmServer
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from cas_server.push.fcm import CredentialsUnusable, Firebase, configured
from cas_server.push.message import Kind, Notice, PushMessage, compose
from cas_server.push.port import (
    AddressType,
    DeadToken,
    Delivered,
    Device,
    NoPush,
    NotConfigured,
    Platform,
    Refused,
    Retry,
)
from cas_server.push.retry_after import retry_after
from cas_server.settings import Settings

PHONE = Device(new_id(), new_id(), Platform.ANDROID, AddressType.FCM_TOKEN, "phone-of-budi")
ALARM_ID = new_id()


def offer() -> PushMessage:
    now = utc_now()
    notice = Notice(
        Kind.OFFER, ALARM_ID, 1, now, offer_id=new_id(), expires_at=now + timedelta(seconds=20)
    )
    message = compose(notice, now)
    assert message is not None
    return message


async def test_an_android_phone_gets_a_data_message_of_high_priority_and_short_life(
    fcm: FcmServer, port: Firebase
) -> None:
    message = offer()

    answer = await port.send(message, PHONE)

    (received,) = await fcm.post.fetch("phone-of-budi", 0, wait_s=5)
    assert answer == Delivered(f"projects/cas-simulasi/messages/{received.number}")
    assert received.message == {
        "token": "phone-of-budi",
        "data": message.data,
        "android": {
            "collapse_key": message.collapse_key,
            "priority": "high",
            "ttl": f"{int(message.ttl.total_seconds())}s",
        },
    }


async def test_a_device_known_by_its_installation_id_is_addressed_so(
    fcm: FcmServer, port: Firebase
) -> None:
    await port.send(offer(), replace(PHONE, address_type=AddressType.FID))

    (received,) = await fcm.post.fetch("phone-of-budi", 0, wait_s=5)
    assert received.message["fid"] == "phone-of-budi"
    assert "token" not in received.message


async def test_a_browser_gets_urgency_topic_and_time_to_live(
    fcm: FcmServer, port: Firebase
) -> None:
    message = offer()

    await port.send(message, replace(PHONE, platform=Platform.WEB))

    (received,) = await fcm.post.fetch("phone-of-budi", 0, wait_s=5)
    assert received.message["webpush"] == {
        "headers": {
            "TTL": str(int(message.ttl.total_seconds())),
            "Urgency": "high",
            "Topic": message.collapse_key,
        }
    }


async def test_an_iphone_gets_neutral_words_that_break_through(
    fcm: FcmServer, port: Firebase
) -> None:
    message = offer()

    await port.send(message, replace(PHONE, platform=Platform.IOS))

    (received,) = await fcm.post.fetch("phone-of-budi", 0, wait_s=5)
    apns = received.message["apns"]
    assert apns["headers"]["apns-priority"] == "10"
    assert apns["headers"]["apns-collapse-id"] == message.collapse_key
    assert int(apns["headers"]["apns-expiration"]) > utc_now().timestamp()
    assert apns["payload"]["aps"] == {
        "alert": {"title": message.text.title, "body": message.text.body},
        "sound": "default",
        "interruption-level": "time-sensitive",
    }


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (Behaviour.UNREGISTERED, DeadToken("NOT_FOUND: UnregisteredError")),
        (Behaviour.INVALID_TOKEN, DeadToken("INVALID_ARGUMENT: InvalidArgumentError")),
        (
            Behaviour.INVALID_MESSAGE,
            Refused(
                "INVALID_ARGUMENT: InvalidArgumentError: Request contains an invalid argument."
            ),
        ),
        (Behaviour.SENDER_ID_MISMATCH, Refused("PERMISSION_DENIED: SenderIdMismatchError")),
        (Behaviour.THIRD_PARTY_AUTH_ERROR, Refused("UNAUTHENTICATED: ThirdPartyAuthError")),
        (
            Behaviour.QUOTA_EXCEEDED,
            Retry(timedelta(seconds=7), "RESOURCE_EXHAUSTED: QuotaExceededError"),
        ),
        (
            Behaviour.PROJECT_QUOTA_EXCEEDED,
            Retry(timedelta(seconds=7), "RESOURCE_EXHAUSTED: ResourceExhaustedError"),
        ),
        (Behaviour.UNAVAILABLE, Retry(timedelta(seconds=7), "UNAVAILABLE: UnavailableError")),
        (Behaviour.INTERNAL, Retry(None, "INTERNAL: InternalError")),
        (Behaviour.BAD_GATEWAY, Retry(None, "UNKNOWN: UnknownError")),
        (Behaviour.UNAUTHENTICATED, Retry(None, "UNAUTHENTICATED: UnauthenticatedError")),
    ],
)
async def test_each_failure_becomes_one_answer_and_is_asked_once(
    fcm: FcmServer, port: Firebase, behaviour: Behaviour, expected: object
) -> None:
    fcm.post.behave(Rule(behaviour, seconds=7))

    answer = await port.send(offer(), PHONE)

    assert answer == expected
    assert len(fcm.post.asked.items) == 1


async def test_a_token_that_the_service_finds_malformed_is_dead(
    fcm: FcmServer, port: Firebase
) -> None:
    """Some 400s name the field instead of using the well-known sentence."""
    fcm.post.behave(Rule(Behaviour.INVALID_TOKEN_FIELD))

    assert isinstance(await port.send(offer(), PHONE), DeadToken)


async def test_one_phones_failure_is_not_anothers(fcm: FcmServer, port: Firebase) -> None:
    fcm.post.behave(Rule(Behaviour.UNREGISTERED), to="phone-of-budi")

    answers = await asyncio.gather(
        port.send(offer(), PHONE), port.send(offer(), replace(PHONE, address="phone-of-siti"))
    )

    assert isinstance(answers[0], DeadToken)
    assert isinstance(answers[1], Delivered)


async def test_a_service_that_hangs_is_left_after_the_time_out(
    fcm: FcmServer, credentials: Path
) -> None:
    fcm.post.behave(Rule(Behaviour.HANG), to="phone-of-budi")
    port = Firebase(credentials, timeout_s=0.5, fcm_url=fcm.url)

    answers = await asyncio.gather(
        port.send(offer(), PHONE), port.send(offer(), replace(PHONE, address="phone-of-siti"))
    )

    assert answers[0] == Retry(None, "no answer in time")
    assert isinstance(answers[1], Delivered)
    await port.close()


async def test_a_service_that_is_not_there_is_tried_again(credentials: Path) -> None:
    port = Firebase(credentials, timeout_s=5.0, fcm_url="http://127.0.0.1:9")

    assert await port.send(offer(), PHONE) == Retry(None, "UNAVAILABLE: UnavailableError")
    await port.close()


async def test_accepted_is_not_received(fcm: FcmServer, port: Firebase) -> None:
    fcm.post.behave(Rule(Behaviour.NEVER_DELIVERED))

    assert isinstance(await port.send(offer(), PHONE), Delivered)
    assert not fcm.post.inbox("phone-of-budi").items


async def test_many_messages_share_one_access_token(fcm: FcmServer, port: Firebase) -> None:
    answers = await asyncio.gather(*(port.send(offer(), PHONE) for _ in range(20)))

    assert all(isinstance(answer, Delivered) for answer in answers)
    assert len(fcm.post.sign_ins.items) == 1


async def test_a_slow_sign_in_holds_up_nothing_else(fcm: FcmServer, port: Firebase) -> None:
    """The slow server runs on this very loop: were the loop held up, it could not answer."""
    fcm.post.sign_in_behave(Rule(Behaviour.HANG, times=1))
    waiting = asyncio.create_task(port.send(offer(), PHONE))
    await fcm.post.sign_ins.after(0, wait_s=10)

    fcm.stop_hanging()

    assert isinstance(await waiting, Delivered)


async def test_a_sign_in_that_is_refused_is_shared_by_all_who_wait(
    fcm: FcmServer, port: Firebase
) -> None:
    fcm.post.sign_in_behave(Rule(Behaviour.UNAUTHENTICATED, times=1))

    answers = await asyncio.gather(*(port.send(offer(), PHONE) for _ in range(20)))

    assert all(isinstance(a, Retry) and "no access token" in a.why for a in answers)
    assert len(fcm.post.sign_ins.items) == 1


async def test_an_access_token_that_is_no_longer_accepted_is_replaced(
    fcm: FcmServer, port: Firebase
) -> None:
    await port.send(offer(), PHONE)
    fcm.revoke_access_tokens()

    assert await port.send(offer(), PHONE) == Retry(None, "UNAUTHENTICATED: UnauthenticatedError")
    assert isinstance(await port.send(offer(), PHONE), Delivered)
    assert len(fcm.post.sign_ins.items) == 2


async def test_a_browsers_or_apples_own_refusal_does_not_cost_the_access_token(
    fcm: FcmServer, port: Firebase
) -> None:
    fcm.post.behave(Rule(Behaviour.THIRD_PARTY_AUTH_ERROR, times=1))

    await port.send(offer(), PHONE)
    await port.send(offer(), PHONE)

    assert len(fcm.post.sign_ins.items) == 1


async def test_the_access_token_is_there_before_the_first_message(
    fcm: FcmServer, port: Firebase
) -> None:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(port.run())
        await fcm.post.sign_ins.after(0, wait_s=10)
        assert isinstance(await port.send(offer(), PHONE), Delivered)
        running.cancel()

    assert len(fcm.post.sign_ins.items) == 1


async def test_the_access_token_is_renewed_before_it_ends(
    fcm: FcmServer, credentials: Path
) -> None:
    ahead = timedelta()
    port = Firebase(credentials, timeout_s=5.0, fcm_url=fcm.url, clock=lambda: utc_now() + ahead)
    await port.send(offer(), PHONE)
    ahead = timedelta(minutes=55)

    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(port.run())
        second = await fcm.post.sign_ins.after(1, wait_s=10)
        running.cancel()

    assert second
    await port.close()


async def test_a_refused_access_token_is_replaced_at_once_while_the_port_runs(
    fcm: FcmServer, port: Firebase
) -> None:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(port.run())
        await port.send(offer(), PHONE)
        fcm.revoke_access_tokens()
        await port.send(offer(), PHONE)
        second = await fcm.post.sign_ins.after(1, wait_s=10)
        running.cancel()

    assert second


async def test_the_port_keeps_trying_to_sign_in_and_says_so(fcm: FcmServer, port: Firebase) -> None:
    fcm.post.sign_in_behave(Rule(Behaviour.UNAUTHENTICATED, times=1))

    with capture_logs() as lines:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(port.run())
            second = await fcm.post.sign_ins.after(1, wait_s=10)
            running.cancel()

    assert second
    assert [line["event"] for line in lines] == ["push.no_access_token"]


async def test_without_credentials_the_port_says_so_once_and_sends_nothing() -> None:
    port = configured(Settings())
    assert isinstance(port, NoPush)

    with capture_logs() as lines:
        running = asyncio.create_task(port.run())
        answers = [await port.send(offer(), PHONE) for _ in range(3)]
        await asyncio.wait({running}, timeout=0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    await port.close()

    assert answers == [NotConfigured()] * 3
    assert [line["event"] for line in lines] == ["push.not_configured"]


@pytest.mark.parametrize("content", [None, "", "{}", '{"type": "service_account"}'])
async def test_a_credentials_file_that_is_none_is_named_in_one_sentence(
    tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "firebase.json"
    if content is not None:
        file.write_text(content)

    with pytest.raises(CredentialsUnusable, match=r"firebase\.json"):
        configured(Settings(firebase_credentials=file))


async def test_settings_choose_firebase(fcm: FcmServer, credentials: Path) -> None:
    port = configured(
        Settings(
            firebase_credentials=credentials, fcm_url=fcm.url + "/", database_url=SecretStr("x")
        )
    )

    assert isinstance(await port.send(offer(), PHONE), Delivered)
    await port.close()


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("", None),
        ("soon", None),
        ("0", timedelta()),
        ("120", timedelta(minutes=2)),
        ("Sun, 01 Mar 2026 20:01:00 GMT", timedelta(minutes=1)),
        ("Sun, 01 Mar 2026 19:00:00 GMT", timedelta()),
    ],
)
def test_retry_after_comes_in_two_forms(stated: str, expected: timedelta | None) -> None:
    assert retry_after(stated, datetime(2026, 3, 1, 20, 0, tzinfo=UTC)) == expected
