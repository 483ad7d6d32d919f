"""Pure: reads what a signed press claims, and says whether the signature holds."""

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cas_server.kit.signing import base, digest

# One order, one algorithm, no optional parts: whatever else the standard allows is not understood.
_INPUT = re.compile(
    r'press=(\("@method" "@path" "content-digest"\);created=(\d{1,11})'
    r';nonce="([A-Za-z0-9_-]{16,64})";keyid="([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"'
    r';alg="ed25519")'
)
_SIGNATURE = re.compile(r"press=:([A-Za-z0-9+/]{86}==):")
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")
# The latest second that a calendar holds everywhere.
_LAST_SECOND = 253_402_214_400


@dataclass(frozen=True, slots=True)
class Signed:
    """What a request claims: which key signed it, when by the phone's clock, and over what."""

    key_id: UUID
    at: datetime
    nonce: str
    parameters: str
    digest: str
    signature: bytes


def read(headers: Mapping[str, str]) -> Signed | None:
    """The claim in the headers; None when there is none that can be understood."""
    told = _INPUT.fullmatch(headers.get("signature-input", "").strip())
    signature = _SIGNATURE.fullmatch(headers.get("signature", "").strip())
    digest = headers.get("content-digest", "").strip()
    if told is None or signature is None or _DIGEST.fullmatch(digest) is None:
        return None
    parameters, created, nonce, key_id = told.groups()
    return Signed(
        key_id=UUID(key_id),
        at=datetime.fromtimestamp(min(int(created), _LAST_SECOND), UTC),
        nonce=nonce,
        parameters=parameters,
        digest=digest,
        signature=base64.b64decode(signature[1]),
    )


def is_claimed(headers: Mapping[str, str]) -> bool:
    """True when a request says that it is signed, well or badly."""
    return "signature" in headers or "signature-input" in headers


def holds(signed: Signed, public_key: bytes, method: str, path: str, body: bytes) -> bool:
    """True when this key signed this very request."""
    if not hmac.compare_digest(signed.digest, digest(body)):
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(public_key)
        key.verify(signed.signature, base(method, path, signed.digest, signed.parameters))
    except (InvalidSignature, ValueError):
        return False
    return True
