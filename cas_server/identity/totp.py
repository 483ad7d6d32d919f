"""Pure: codes of an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds)."""

import hmac
import re
import secrets
from base64 import b32decode, b32encode
from datetime import datetime

import pyotp

ISSUER = "CAS"
SECRET_BYTES = 20
STEP_S = 30
# A phone's clock may be off by a step; every further step gives a guesser another code.
STEPS_AROUND = (0, -1, 1)

_SIX_DIGITS = re.compile("[0-9]{6}")


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def as_text(secret: bytes) -> str:
    """The secret as people type it into an app."""
    return b32encode(secret).decode()


def from_text(text: str) -> bytes:
    """The secret that was written so."""
    return b32decode(text)


def uri(secret: bytes, username: str) -> str:
    """What an app reads from a QR code."""
    return pyotp.TOTP(as_text(secret)).provisioning_uri(name=username, issuer_name=ISSUER)


def step_of(secret: bytes, code: str, now: datetime) -> int | None:
    """Which step's code this is; None when it is none of those about now."""
    typed = code.replace(" ", "")
    if not _SIX_DIGITS.fullmatch(typed):
        return None
    app, current = pyotp.TOTP(as_text(secret)), int(now.timestamp()) // STEP_S
    for step in (current + off for off in STEPS_AROUND):
        if hmac.compare_digest(app.generate_otp(step), typed):
            return step
    return None
