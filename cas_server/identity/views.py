"""The shapes of accounts and sign-ins on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from cas_server.identity.roles import Role
from cas_server.identity.stage import Stage
from cas_server.kit.wire import Wire

Device = Annotated[str, Field(max_length=200, description="the app's own name for this device")]


Label = Annotated[
    str, Field(max_length=100, description="what people call this device: 'Chrome, Android'")
]


class Verification(StrEnum):
    """How sure it is who pressed.

    verified: signed with a key of a known account; bearer: a living sign-in or press credential,
    not signed; unverified: neither; desk: an operator pressed for a caller.
    """

    VERIFIED = "verified"
    BEARER = "bearer"
    UNVERIFIED = "unverified"
    DESK = "desk"


class Account(Wire):
    """Who is signed in."""

    account_id: UUID
    role: Role
    name: str
    satuan_id: UUID | None
    satuan_name: str | None
    holder_id: UUID | None = Field(description="the Personil, Masyarakat or Instansi they are")
    demo: bool
    consent_wanted: str | None = Field(
        description="version of /v1/consent-text to ask for; null when there is nothing to ask"
    )


class PasswordSignIn(Wire):
    """Staff sign in with their username, Personil with their NRP."""

    username: str = Field(min_length=1, max_length=100)
    # The upper limit keeps a giant password from keeping argon2 busy.
    password: str = Field(min_length=1, max_length=200)
    device: Device = ""


class Session(Wire):
    """A sign-in: the token is shown once and never again. Until `complete` it opens nothing."""

    token: str
    expires_at: datetime
    stage: Stage
    second_factors: list[Literal["totp", "passkey"]] = Field(description="what may be asked for")
    account: Account


class OidcOffer(Wire):
    """Whether this house has an OpenID provider."""

    offered: bool


class OidcSignIn(Wire):
    """The one-time code that the callback gave to the page."""

    code: str = Field(min_length=1, max_length=100)
    device: Device = ""


class CodeRequest(Wire):
    """Send a one-time code to this number."""

    phone: str = Field(min_length=5, max_length=30)
    device: Device = Field(min_length=1)


class CodeSent(Wire):
    """A code is on its way, whether or not the number is known."""

    code_id: UUID
    expires_at: datetime
    expires_in_s: int = Field(description="the same for phones whose clock is wrong")
    ask_again_after_s: int = Field(description="until then the message may still be on its way")
    scarce: bool = Field(
        description="too many codes are being asked for: for now, numbers new here get none"
    )


class CodeVerification(Wire):
    """The code as received, on the device that asked; `name` registers an unknown number."""

    code: str = Field(pattern="^[0-9]{6}$")
    device: Device
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    label: Label = ""
    role: Literal[Role.INSTANSI] | None = Field(
        None, description="sign in as the petugas of an Instansi: one number may be both"
    )


class SignedIn(Wire):
    """A sign-in and the credential that can only press: it outlives sign-in and sign-out."""

    token: str
    expires_at: datetime
    press_token: str
    account: Account
    awaiting_confirmation: bool = Field(
        description="a superior must confirm this device first; until then it can press, no more"
    )


class DeviceState(StrEnum):
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class OwnDevice(Wire):
    """A device this account was signed in on."""

    id: UUID
    name: str
    label: str = Field(description="what the device said of itself; empty when nothing")
    state: DeviceState
    asked_at: datetime
    decided_at: datetime | None


class DeviceActivation(Wire):
    """The code that was printed for the officer in advance."""

    code: str = Field(min_length=1, max_length=40)


class WaitingDevice(Wire):
    """A Personil's new device that waits for a superior's word."""

    id: UUID
    name: str
    label: str = Field(description="what the device said of itself; empty when nothing")
    asked_at: datetime
    personil: str
    satuan: str | None


class PressKeyRegistration(Wire):
    """The public half of a key pair that was made on this device and cannot leave it."""

    public_key: str = Field(
        min_length=43, max_length=44, description="32 bytes of Ed25519, base64url"
    )
    device: Device = ""


class PressKey(Wire):
    """The name a phone signs its presses under."""

    key_id: UUID
    created_at: datetime
