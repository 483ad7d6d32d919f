"""Tickets: handed out to be handed back once and soon; kept by hash, with what they stand for."""

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from cas_server.db.session import Session

_ISSUE = "INSERT INTO ticket (key, purpose, payload, expires_at) VALUES ($1, $2, $3, $4)"
_TAKE = """
DELETE FROM ticket WHERE key = $1 AND purpose = $2 RETURNING payload::text, expires_at > $3 AS good
"""
_WITHDRAW = "DELETE FROM ticket WHERE purpose = $1"
_FORGET = "DELETE FROM ticket WHERE expires_at <= $1"


def _key(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


async def issue(
    session: Session, secret: bytes, purpose: str, payload: dict[str, Any], expires_at: datetime
) -> None:
    """Remember a ticket until `expires_at`."""
    said = msgspec.json.encode(payload).decode()
    await session.sql.execute(_ISSUE, _key(secret), purpose, said, expires_at)


async def withdraw(session: Session, purpose: str) -> None:
    """Nothing handed out for this purpose is good any more."""
    await session.sql.execute(_WITHDRAW, purpose)


async def take(
    session: Session, secret: bytes, purpose: str, now: datetime
) -> dict[str, Any] | None:
    """What a ticket stands for; None when it is unknown, used, over, or for something else."""
    row = await session.sql.fetchrow(_TAKE, _key(secret), purpose, now)
    await session.sql.execute(_FORGET, now)
    if row is None or not row["good"]:
        return None
    payload: dict[str, Any] = msgspec.json.decode(row["payload"])
    return payload
