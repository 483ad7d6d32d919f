"""The public keys that presses are signed with: made on a phone, told here once, never a secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cas_server.db.session import Database, Session
from cas_server.errors import Conflict, InvalidInput, NotFound
from cas_server.identity.subject import Subject, subject_of
from cas_server.identity.views import PressKey, PressKeyRegistration
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.kit import base64url
from cas_server.kit.ids import new_id

MOST_KEYS = 10
"""Per account; one more ends the oldest, so that a lost phone's key does not live for ever."""
MOST_NAMED = 20
"""Accounts of one device beyond this many make it no more suspect."""

_FIND = f"""
SELECT a.id, a.role, a.name, a.holder_id, a.satuan_id, a.satuan_path, a.demo,
       'press' AS scope, NULL::timestamptz AS expires_at, false AS unconfirmed,
       k.id AS key_id, k.public_key,
       ARRAY(SELECT DISTINCT o.account_id FROM press_key o
             WHERE o.device = k.device AND k.device <> '' LIMIT {MOST_NAMED}) AS device_accounts
FROM press_key k JOIN account a ON a.id = k.account_id
WHERE k.id = ANY ($1) AND k.revoked_at IS NULL AND a.disabled_at IS NULL
"""  # noqa: S608 - a constant of this module only
_REGISTER = """
INSERT INTO press_key (id, account_id, public_key, device, created_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (public_key) DO UPDATE SET device = excluded.device
WHERE press_key.account_id = excluded.account_id AND press_key.revoked_at IS NULL
RETURNING id, created_at
"""
_END_OLDEST = f"""
UPDATE press_key SET revoked_at = $2
WHERE id IN (SELECT id FROM press_key WHERE account_id = $1 AND revoked_at IS NULL
             ORDER BY created_at DESC, id DESC OFFSET {MOST_KEYS})
"""  # noqa: S608 - a constant of this module only
_REVOKE = """
UPDATE press_key SET revoked_at = coalesce(revoked_at, $3)
WHERE id = $1 AND account_id = $2 RETURNING id
"""


class KeyTaken(Conflict):
    code = "key_taken"

    def __init__(self) -> None:
        super().__init__("public_key: belongs to another account or was ended; make a new key pair")


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose key it is, and every account that has a key on the same device."""

    subject: Subject
    public_key: bytes
    device_accounts: tuple[UUID, ...]


async def find_all(database: Database, key_ids: Sequence[UUID]) -> list[Holder | None]:
    """The holders of living keys, in their order; None where nobody is."""
    async with database.statement() as sql:
        rows: list[Any] = await sql.fetch(_FIND, key_ids)
    holders = {
        row["key_id"]: Holder(subject_of(row), row["public_key"], tuple(row["device_accounts"]))
        for row in rows
    }
    return [holders.get(key_id) for key_id in key_ids]


async def register(
    session: Session, subject: Subject, asked: PressKeyRegistration, now: datetime
) -> PressKey:
    """Remember a public key; the same one again is answered the same."""
    public_key = _public_key(asked.public_key)
    values = (new_id(), subject.account_id, public_key, asked.device, now)
    row = await session.sql.fetchrow(_REGISTER, *values)
    if row is None:
        raise KeyTaken
    await session.sql.execute(_END_OLDEST, subject.account_id, now)
    event = Event("press_key.registered", actor_id=subject.account_id)
    await journal.append(session, now, event)
    return PressKey(key_id=row["id"], created_at=row["created_at"])


async def revoke(session: Session, subject: Subject, key_id: UUID, now: datetime) -> None:
    """End a key of one's own: what it signs from now on is unverified, and still heard."""
    if await session.sql.fetchval(_REVOKE, key_id, subject.account_id, now) is None:
        raise NotFound("press key", key_id)
    event = Event("press_key.revoked", actor_id=subject.account_id)
    await journal.append(session, now, event)


def _public_key(text: str) -> bytes:
    try:
        return Ed25519PublicKey.from_public_bytes(base64url.to_bytes(text)).public_bytes_raw()
    except ValueError as error:
        why = "must be the 32 bytes of an Ed25519 public key in base64url"
        raise InvalidInput("public_key", why) from error
