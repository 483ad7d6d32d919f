"""SQL of second factors: authenticator apps, passkeys, recovery codes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.identity import totp
from cas_server.vault.service import open_sealed, ring_of

PLACE = "totp.secret"

_OFFER_TOTP = """
INSERT INTO totp (account_id, pending_sealed) VALUES ($1, $2)
ON CONFLICT (account_id) DO UPDATE SET pending_sealed = $2
"""
_PENDING_TOTP = "SELECT pending_sealed FROM totp WHERE account_id = $1"
_CONFIRM_TOTP = """
UPDATE totp SET secret_sealed = pending_sealed, pending_sealed = NULL, last_step = $2
WHERE account_id = $1 AND pending_sealed = $3 RETURNING account_id
"""
_HAS_TOTP = "SELECT EXISTS (SELECT FROM totp WHERE account_id = $1 AND secret_sealed IS NOT NULL)"
_TOTP_SECRET = "SELECT secret_sealed FROM totp WHERE account_id = $1"  # noqa: S105 - a statement
_USE_STEP = """
UPDATE totp SET last_step = $2 WHERE account_id = $1 AND last_step < $2 RETURNING account_id
"""
_DROP_TOTP = """
DELETE FROM totp WHERE account_id = $1 AND secret_sealed IS NOT NULL RETURNING account_id
"""

_DROP_RECOVERY = "DELETE FROM recovery_code WHERE account_id = $1"
_STORE_RECOVERY = """
INSERT INTO recovery_code (account_id, code_hash) SELECT $1, unnest($2::bytea[])
"""
_USE_RECOVERY = """
DELETE FROM recovery_code WHERE account_id = $1 AND code_hash = $2 RETURNING account_id
"""
_COUNT_RECOVERY = "SELECT count(*) FROM recovery_code WHERE account_id = $1"

_STORE_PASSKEY = """
INSERT INTO passkey (id, account_id, public_key, sign_count, name, created_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING id
"""
_PASSKEYS = """
SELECT id, account_id, public_key, sign_count, name, created_at, last_used_at
FROM passkey WHERE account_id = $1 ORDER BY created_at, id
"""
_PASSKEY = """
SELECT k.id, account_id, public_key, sign_count, k.name, k.created_at, last_used_at
FROM passkey k JOIN account a ON a.id = k.account_id
WHERE k.id = $1 AND a.disabled_at IS NULL
FOR UPDATE OF k
"""
_USE_PASSKEY = "UPDATE passkey SET sign_count = $2, last_used_at = $3 WHERE id = $1"
_DROP_PASSKEY = "DELETE FROM passkey WHERE account_id = $1 AND id = $2 RETURNING id"


@dataclass(frozen=True, slots=True)
class PendingTotp:
    """A secret that waits for its first code; as it is sealed, it is told from a later one."""

    secret: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class StoredPasskey:
    """The public half of a passkey, and whose it is."""

    id: bytes
    account_id: UUID
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime
    last_used_at: datetime | None = None


async def offer_totp(session: Session, account_id: UUID, secret: bytes) -> None:
    """Remember a secret until its first code; a confirmed one stays valid until then."""
    sealed = (await ring_of(session)).seal(totp.as_text(secret), PLACE, account_id)
    await session.sql.execute(_OFFER_TOTP, account_id, sealed)


async def pending_totp(session: ReadSession, account_id: UUID) -> PendingTotp | None:
    sealed: bytes | None = await session.sql.fetchval(_PENDING_TOTP, account_id)
    text = await open_sealed(session, sealed, PLACE, account_id)
    return None if sealed is None or text is None else PendingTotp(totp.from_text(text), sealed)


async def confirm_totp(session: Session, account_id: UUID, pending: PendingTotp, step: int) -> bool:
    """The pending secret becomes the one that counts, its first code used; False if it is gone."""
    return await session.sql.fetchval(_CONFIRM_TOTP, account_id, step, pending.sealed) is not None


async def has_totp(session: ReadSession, account_id: UUID) -> bool:
    there: bool = await session.sql.fetchval(_HAS_TOTP, account_id)
    return there


async def totp_secret(session: ReadSession, account_id: UUID) -> bytes | None:
    sealed: bytes | None = await session.sql.fetchval(_TOTP_SECRET, account_id)
    text = await open_sealed(session, sealed, PLACE, account_id)
    return None if text is None else totp.from_text(text)


async def use_step(session: Session, account_id: UUID, step: int) -> bool:
    """False when a code of this step, or of a later one, was used before."""
    return await session.sql.fetchval(_USE_STEP, account_id, step) is not None


async def drop_totp(session: Session, account_id: UUID) -> bool:
    return await session.sql.fetchval(_DROP_TOTP, account_id) is not None


async def replace_recovery(session: Session, account_id: UUID, hashes: list[bytes]) -> None:
    """Only the newest set is good."""
    await session.sql.execute(_DROP_RECOVERY, account_id)
    await session.sql.execute(_STORE_RECOVERY, account_id, hashes)


async def use_recovery(session: Session, account_id: UUID, code_hash: bytes) -> bool:
    """True once for each code."""
    return await session.sql.fetchval(_USE_RECOVERY, account_id, code_hash) is not None


async def recovery_left(session: ReadSession, account_id: UUID) -> int:
    left: int = await session.sql.fetchval(_COUNT_RECOVERY, account_id)
    return left


async def store_passkey(session: Session, new: StoredPasskey) -> bool:
    """False when this passkey is known already."""
    values = (new.id, new.account_id, new.public_key, new.sign_count, new.name, new.created_at)
    return await session.sql.fetchval(_STORE_PASSKEY, *values) is not None


async def passkeys(session: ReadSession, account_id: UUID) -> list[StoredPasskey]:
    return [StoredPasskey(**row) for row in await session.sql.fetch(_PASSKEYS, account_id)]


async def passkey(session: Session, passkey_id: bytes) -> StoredPasskey | None:
    """Locked, so that its counter is checked by one at a time."""
    row = await session.sql.fetchrow(_PASSKEY, passkey_id)
    return StoredPasskey(**row) if row else None


async def use_passkey(session: Session, passkey_id: bytes, count: int, now: datetime) -> None:
    await session.sql.execute(_USE_PASSKEY, passkey_id, count, now)


async def drop_passkey(session: Session, account_id: UUID, passkey_id: bytes) -> bool:
    return await session.sql.fetchval(_DROP_PASSKEY, account_id, passkey_id) is not None
