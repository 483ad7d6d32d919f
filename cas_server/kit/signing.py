"""The form of a signed press (RFC 9421), as the phone signs it and the server checks it.

Covered are the method, the path (which holds the alarm's own id) and, by its Content-Digest
(RFC 9530), the body; the signature's parameters add the phone's time, a nonce and the key's id.
"""

import base64
import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cas_server.kit import base64url


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


def new_nonce() -> str:
    """What makes every sending of a press its own."""
    return secrets.token_urlsafe(18)


def signing_headers(key: Ed25519PrivateKey, path: str, body: bytes, told: str) -> dict[str, str]:
    """The headers that sign a press of this body to this path; `told` are its parameters."""
    content_digest = digest(body)
    signed = key.sign(base("PUT", path, content_digest, told))
    return {
        "content-digest": content_digest,
        "signature-input": f"press={told}",
        "signature": f"press=:{base64.b64encode(signed).decode()}:",
    }


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half as a phone tells it."""
    return base64url.to_text(key.public_key().public_bytes_raw())
