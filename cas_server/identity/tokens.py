"""Opaque bearer tokens: 256 random bits for the holder, a SHA-256 for the database."""

import hashlib
import secrets

PREFIX = "cas_"


def new_token() -> str:
    """A token nobody can guess; its prefix lets secret scanners find a leaked one."""
    return PREFIX + secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored and looked up. The token has 256 bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()
