"""The shapes of second factors, passwords and open sign-ins on the wire."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from cas_server.identity.views import Device, Session
from cas_server.kit.wire import Wire

# Any password may be typed as the old one; what a new one must be is said field by field.
Password = Annotated[str, Field(min_length=1, max_length=200)]


class FactorProof(Wire):
    """A code of the authenticator app, or one recovery code."""

    kind: Literal["totp", "recovery_code"]
    code: str = Field(min_length=1, max_length=40)


class StepUp(Wire):
    """Prove again who is there: the password, or a code of the authenticator app."""

    kind: Literal["password", "totp"]
    secret: Password


class PasswordChange(Wire):
    """The new password needs the old one; 12 to 128 characters, and not a well-known one."""

    old: Password
    new: Password


class PasswordChanged(Wire):
    """This sign-in goes on under a new token; all others have ended."""

    session: Session
    ended_sign_ins: int


class TotpOffer(Wire):
    """For the authenticator app: the same secret as text and as a link for a QR code."""

    secret: str
    uri: str


class TotpConfirmation(Wire):
    """The first code of the app shows that it has the secret."""

    code: str = Field(min_length=6, max_length=8)


class FactorAdded(Wire):
    """This sign-in goes on under a new token. Recovery codes come with the first factor only."""

    session: Session
    recovery_codes: list[str]


class RecoveryCodes(Wire):
    """Ten codes, shown this once; each opens the account one time."""

    recovery_codes: list[str]


class PasskeyOptions(Wire):
    """For the browser's navigator.credentials, as WebAuthn writes it in JSON."""

    options: dict[str, Any]


class NewPasskey(Wire):
    """A passkey just made; `credential` is the browser's PublicKeyCredential.toJSON()."""

    name: str = Field(min_length=1, max_length=100)
    credential: dict[str, Any]


class PasskeyProof(Wire):
    """The answer of a passkey to a challenge, as PublicKeyCredential.toJSON() writes it."""

    credential: dict[str, Any]


class PasskeySignIn(Wire):
    """The answer of a passkey to a challenge, as PublicKeyCredential.toJSON() writes it."""

    credential: dict[str, Any]
    device: Device = ""


class Passkey(Wire):
    """One passkey of the account."""

    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None


class Factors(Wire):
    """The second factors of the account."""

    totp: bool
    passkeys: list[Passkey]
    recovery_codes_left: int


class SignIn(Wire):
    """One open sign-in of the account; `last_used_at` is right to the minute."""

    id: UUID
    current: bool
    device: str
    network: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime | None


class EndedSignIns(Wire):
    """How many sign-ins were ended."""

    ended: int
