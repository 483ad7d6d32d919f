"""The shape a device registers itself in."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, field_validator

from cas_server.kit.wire import Wire
from cas_server.push.port import AddressType, Platform
from cas_server.push.subscription import is_public_key, is_secret

Address = Annotated[
    str, StringConstraints(min_length=10, max_length=4096, pattern=r"^[\x21-\x7e]+$")
]
Base64Url = StringConstraints(max_length=120, pattern=r"^[A-Za-z0-9_-]+=*$")


def _point(text: str) -> str:
    if not is_public_key(text):
        raise ValueError("must be the 65 bytes of a P-256 public key in base64url")
    return text


def _secret(text: str) -> str:
    if not is_secret(text):
        raise ValueError("must be 16 bytes in base64url")
    return text


class SubscriptionKeysView(Wire):
    """What a browser's PushSubscription calls its keys."""

    p256dh: Annotated[str, Base64Url, AfterValidator(_point)]
    auth: Annotated[str, Base64Url, AfterValidator(_secret)]


class DeviceView(Wire):
    """Where to push; `address_type` says what `address` is."""

    platform: Platform
    address_type: AddressType
    address: Annotated[
        Address, Field(description="token or id of Firebase; for web_push the endpoint")
    ]
    keys: Annotated[
        SubscriptionKeysView | None,
        Field(validate_default=True, description="those of the subscription, for web_push alone"),
    ] = None

    @field_validator("keys")
    @classmethod
    def _belong_to_browsers(
        cls, keys: SubscriptionKeysView | None, told: ValidationInfo
    ) -> SubscriptionKeysView | None:
        is_browser = told.data.get("address_type") is AddressType.WEB_PUSH
        if is_browser and keys is None:
            raise ValueError("web_push needs the keys of the subscription")
        if keys is not None and not is_browser:
            raise ValueError("only web_push has keys")
        return keys


class WakingView(Wire):
    """What a browser needs before it can be woken."""

    application_server_key: str
