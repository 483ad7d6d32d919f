"""Bytes in a text that fits into addresses and headers: base64url without padding (RFC 4648, 5)."""

import base64


def to_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def to_bytes(text: str) -> bytes:
    """Raises ValueError for what is no base64."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
