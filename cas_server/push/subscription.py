"""Pure: which browsers' subscriptions are taken. The address is one that this server will call."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from cas_server.kit import base64url

KNOWN_HOSTS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "web.push.apple.com",
)
"""Of Chromium and its kin, Firefox, and Safari."""
KNOWN_KIN = (".notify.windows.com", ".push.apple.com", ".push.services.mozilla.com")

AUTH_BYTES = 16


def named(push_origins: str) -> tuple[str, ...]:
    """The origins of CAS_PUSH_ORIGINS, which are separated by commas."""
    return tuple(each.strip().rstrip("/") for each in push_origins.split(",") if each.strip())


def is_push_service(address: str, also: Sequence[str]) -> bool:
    """True for the known services over https, and for the origins named by whoever runs this.

    Anybody may name an address: without this, our server would call whatever its network reaches.
    """
    try:
        parts = urlsplit(address)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return False
    if "@" in parts.netloc or "\\" in address:
        return False
    if f"{parts.scheme}://{parts.netloc}" in also:
        return True
    is_known = host in KNOWN_HOSTS or host.endswith(KNOWN_KIN)
    return parts.scheme == "https" and port in (None, 443) and is_known


def is_public_key(p256dh: str) -> bool:
    """True for an uncompressed point on P-256."""
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), base64url.to_bytes(p256dh))
    except ValueError:
        return False
    return True


def is_secret(auth: str) -> bool:
    try:
        return len(base64url.to_bytes(auth)) == AUTH_BYTES
    except ValueError:
        return False
