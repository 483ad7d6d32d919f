"""Pure: a press signed as RFC 9421 says, over exactly the parts that make it what it is.

Covered are the method, the path (which holds the alarm's own id) and, by its Content-Digest
(RFC 9530), the body; the signature's parameters add the phone's time, a nonce and the key's id.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

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


def digest(body: bytes) -> str:
    """A body's Content-Digest."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def parameters(key_id: UUID, nonce: str, at: datetime) -> str:
    """The parameters of a signature, as its Signature-Input says them."""
    return (
        f'("@method" "@path" "content-digest");created={int(at.timestamp())}'
        f';nonce="{nonce}";keyid="{key_id}";alg="ed25519"'
    )


def base(method: str, path: str, content_digest: str, told: str) -> bytes:
    """The bytes that are signed (RFC 9421, section 2.5)."""
    return (
        f'"@method": {method}\n"@path": {path}\n"content-digest": {content_digest}\n'
        f'"@signature-params": {told}'
    ).encode()
