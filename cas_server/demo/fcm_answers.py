"""Pure: what FCM HTTP v1 says, in its own shapes, and what it finds wrong with a message."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
LARGEST_DATA_BYTES = 4096
_DURATION = re.compile(r"(\d{1,7})(\.\d+)?s")
_LONGEST_TTL_S = 2_419_200
_TARGETS = ("token", "fid", "topic", "condition")


class Behaviour(StrEnum):
    """How the service can be told to answer."""

    WELL = "well"
    UNREGISTERED = "unregistered"
    INVALID_TOKEN = "invalid_token"  # noqa: S105 - a behaviour, not a credential
    INVALID_TOKEN_FIELD = "invalid_token_field"  # noqa: S105 - likewise
    INVALID_MESSAGE = "invalid_message"
    SENDER_ID_MISMATCH = "sender_id_mismatch"
    QUOTA_EXCEEDED = "quota_exceeded"
    PROJECT_QUOTA_EXCEEDED = "project_quota_exceeded"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"
    BAD_GATEWAY = "bad_gateway"
    UNAUTHENTICATED = "unauthenticated"
    THIRD_PARTY_AUTH_ERROR = "third_party_auth_error"
    NEVER_DELIVERED = "never_delivered"
    """200, and the phone hears nothing: what FCM may do at any time."""
    SLOW = "slow"
    HANG = "hang"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; `body` is JSON, or text where the real one is no JSON."""

    status: int
    body: Mapping[str, Any] | str
    retry_after_s: int | None = None


def _error(status: int, name: str, message: str, details: list[dict[str, Any]]) -> Answer:
    error = {"code": status, "message": message, "status": name, "details": details}
    return Answer(status, {"error": error})


def _fcm(code: str) -> dict[str, Any]:
    return {"@type": FCM_ERROR, "errorCode": code}


def invalid(field: str, why: str) -> Answer:
    """400, naming the field."""
    violations = {"@type": BAD_REQUEST, "fieldViolations": [{"field": field, "description": why}]}
    details = [_fcm("INVALID_ARGUMENT"), violations]
    return _error(400, "INVALID_ARGUMENT", why, details)


UNAUTHENTICATED = _error(
    401,
    "UNAUTHENTICATED",
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie "
    "or other valid authentication credential.",
    [{"@type": ERROR_INFO, "reason": "ACCESS_TOKEN_EXPIRED", "domain": "googleapis.com"}],
)

ANSWERS: Mapping[Behaviour, Answer] = {
    Behaviour.UNREGISTERED: _error(
        404, "NOT_FOUND", "Requested entity was not found.", [_fcm("UNREGISTERED")]
    ),
    # The real one comes in both forms: this sentence without a field, or the field without it.
    Behaviour.INVALID_TOKEN: _error(
        400,
        "INVALID_ARGUMENT",
        "The registration token is not a valid FCM registration token",
        [_fcm("INVALID_ARGUMENT")],
    ),
    Behaviour.INVALID_TOKEN_FIELD: invalid(
        "message.token", "Request contains an invalid argument."
    ),
    Behaviour.INVALID_MESSAGE: _error(
        400, "INVALID_ARGUMENT", "Request contains an invalid argument.", []
    ),
    Behaviour.SENDER_ID_MISMATCH: _error(
        403, "PERMISSION_DENIED", "SenderId mismatch", [_fcm("SENDER_ID_MISMATCH")]
    ),
    Behaviour.QUOTA_EXCEEDED: _error(
        429, "RESOURCE_EXHAUSTED", "Message rate quota exceeded.", [_fcm("QUOTA_EXCEEDED")]
    ),
    # The project's own quota is refused by another layer, without an FcmError.
    Behaviour.PROJECT_QUOTA_EXCEEDED: _error(
        429,
        "RESOURCE_EXHAUSTED",
        "Quota exceeded for quota metric 'Send requests' and limit 'Send requests per minute'.",
        [{"@type": ERROR_INFO, "reason": "RATE_LIMIT_EXCEEDED", "domain": "googleapis.com"}],
    ),
    Behaviour.UNAVAILABLE: _error(
        503, "UNAVAILABLE", "The service is currently unavailable.", [_fcm("UNAVAILABLE")]
    ),
    Behaviour.INTERNAL: _error(500, "INTERNAL", "Internal error encountered.", [_fcm("INTERNAL")]),
    Behaviour.BAD_GATEWAY: Answer(502, "<!DOCTYPE html><title>Error 502 (Server Error)</title>"),
    Behaviour.UNAUTHENTICATED: UNAUTHENTICATED,
    Behaviour.THIRD_PARTY_AUTH_ERROR: _error(
        401,
        "UNAUTHENTICATED",
        "Auth error from APNS or Web Push Service",
        [_fcm("THIRD_PARTY_AUTH_ERROR")],
    ),
}


def target(message: Mapping[str, Any]) -> str | None:
    """The address a message is for; None when it has none or several."""
    found = [message[key] for key in _TARGETS if message.get(key)]
    return str(found[0]) if len(found) == 1 else None


def ttl_s(message: Mapping[str, Any]) -> float:
    """How long the message is worth delivering: its Android, browser or Apple setting."""
    android = str(message.get("android", {}).get("ttl", ""))
    if match := _DURATION.fullmatch(android):
        return float(match[1])
    browser = str(message.get("webpush", {}).get("headers", {}).get("TTL", ""))
    return float(browser) if browser.isdecimal() else float(_LONGEST_TTL_S)


def collapse_key(message: Mapping[str, Any]) -> str | None:
    """What a newer message of the same key replaces while the phone has not fetched it."""
    key = (
        message.get("android", {}).get("collapse_key")
        or message.get("webpush", {}).get("headers", {}).get("Topic")
        or message.get("apns", {}).get("headers", {}).get("apns-collapse-id")
    )
    return str(key) if key else None


def fault(message: Mapping[str, Any]) -> Answer | None:
    """What is wrong with a message; None when FCM would take it."""
    if target(message) is None:
        return invalid("message", "Recipient of the message is not set.")
    return _fault_of_data(message.get("data", {})) or _fault_of_android(message.get("android", {}))


def _fault_of_data(data: Mapping[str, Any]) -> Answer | None:
    for key, value in data.items():
        if not isinstance(value, str):
            return invalid(f"message.data[{key}]", "Invalid value at 'message.data' (TYPE_STRING)")
        if key in ("from", "gcm") or key.startswith(("google", "gcm.")):
            return invalid(f"message.data[{key}]", f"Invalid data payload key: {key}")
    if sum(len(key.encode()) + len(value.encode()) for key, value in data.items()) > (
        LARGEST_DATA_BYTES
    ):
        return invalid("message", "Message is too big")
    return None


def _fault_of_android(android: Mapping[str, Any]) -> Answer | None:
    if android.get("priority", "normal") not in ("normal", "high"):
        return invalid("message.android.priority", "Invalid value at 'message.android.priority'")
    ttl = android.get("ttl", "0s")
    match = _DURATION.fullmatch(ttl) if isinstance(ttl, str) else None
    if match is None or int(match[1]) > _LONGEST_TTL_S:
        return invalid("message.android.ttl", "Invalid value at 'message.android.ttl' (Duration)")
    return None
