"""SQL of sign-ins: what an account stands at, and the sessions it has open."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.identity.queries import username_key
from cas_server.identity.roles import Role
from cas_server.identity.staff_views import SignIn
from cas_server.identity.stage import Stage

_STANDING = """
SELECT a.id, a.role, a.username, a.demo, a.password_hash, a.password_change_by,
       EXISTS (SELECT FROM totp t
               WHERE t.account_id = a.id AND t.secret_sealed IS NOT NULL) AS has_totp,
       EXISTS (SELECT FROM passkey p WHERE p.account_id = a.id) AS has_passkey
FROM account a WHERE a.disabled_at IS NULL AND
"""
_BY_USERNAME = f"{_STANDING} a.username = $1"
_BY_ID = f"{_STANDING} a.id = $1"
# Locked, so that what is decided by an account's factors still holds when it is written.
_BY_ID_LOCKED = f"{_BY_ID} FOR UPDATE OF a"

_OPEN = """
INSERT INTO credential (token_hash, account_id, scope, device, network, stage, created_at,
                        verified_at, last_used_at, expires_at, idle_after)
VALUES ($1, $2, 'session', $3, $4, $5, $6, $6, $6, $7, $8)
"""

# The old token ends in the statement that makes the new one, so there are never two or none.
_RENEW = """
UPDATE credential
SET token_hash = $2, stage = $3, verified_at = $4, last_used_at = $4,
    expires_at = CASE WHEN stage <> 'complete' AND $3 = 'complete' THEN $5 ELSE expires_at END
WHERE token_hash = $1 AND revoked_at IS NULL
RETURNING expires_at
"""

_EXCHANGE_HASH = """
UPDATE account SET password_hash = $2, password_change_by = NULL
WHERE id = $1 AND password_hash = $3
RETURNING id
"""

_OPEN_ONES = """
SELECT id, token_hash = $2 AS current, device, network, created_at, expires_at,
       coalesce(last_used_at, created_at) AS last_used_at
FROM credential
WHERE account_id = $1 AND scope = 'session' AND revoked_at IS NULL
  AND (expires_at IS NULL OR expires_at > $3)
  AND (idle_after IS NULL OR coalesce(last_used_at, created_at) + idle_after > $3)
ORDER BY last_used_at DESC NULLS LAST, id
"""

_END_ONE = """
UPDATE credential SET revoked_at = $3
WHERE account_id = $1 AND id = $2 AND scope = 'session' AND revoked_at IS NULL RETURNING id
"""

_END_OTHERS = """
WITH ended AS (
    UPDATE credential SET revoked_at = $3
    WHERE account_id = $1 AND token_hash <> $2 AND scope = 'session' AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > $3)
    RETURNING 1
) SELECT count(*) FROM ended
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides how an account signs in."""

    account_id: UUID
    role: Role
    username: str | None
    demo: bool
    password_hash: str | None
    password_change_by: datetime | None
    has_totp: bool
    has_passkey: bool

    @property
    def has_factor(self) -> bool:
        return self.has_totp or self.has_passkey


@dataclass(frozen=True, slots=True)
class NewSignIn:
    """A sign-in to be stored: the hash of a token, never the token."""

    token_hash: bytes
    account_id: UUID
    device: str
    network: str
    stage: Stage
    expires_at: datetime
    idle_after: timedelta | None


@dataclass(frozen=True, slots=True)
class Renewal:
    """A sign-in under a new token; `expires_at` counts when this completes it."""

    old_hash: bytes
    new_hash: bytes
    stage: Stage
    expires_at: datetime


async def by_username(session: ReadSession, username: str) -> Standing | None:
    """Who signs in under a username, or None; disabled accounts are as good as none."""
    return await _standing(session, _BY_USERNAME, username_key(username))


async def standing(session: ReadSession, account_id: UUID) -> Standing:
    found = await _standing(session, _BY_ID, account_id)
    assert found is not None, "asked only for whoever is signed in"
    return found


async def standing_locked(session: Session, account_id: UUID) -> Standing:
    """One at a time per account until the commit."""
    found = await _standing(session, _BY_ID_LOCKED, account_id)
    assert found is not None, "asked only for whoever is signed in"
    return found


async def _standing(session: ReadSession, statement: str, key: str | UUID) -> Standing | None:
    row = await session.sql.fetchrow(statement, key)
    if row is None:
        return None
    return Standing(
        account_id=row["id"],
        role=Role(row["role"]),
        username=row["username"],
        demo=row["demo"],
        password_hash=row["password_hash"],
        password_change_by=row["password_change_by"],
        has_totp=row["has_totp"],
        has_passkey=row["has_passkey"],
    )


async def open_sign_in(session: Session, new: NewSignIn, now: datetime) -> None:
    await session.sql.execute(
        _OPEN,
        new.token_hash,
        new.account_id,
        new.device,
        new.network,
        new.stage.value,
        now,
        new.expires_at,
        new.idle_after,
    )


async def renew(session: Session, renewal: Renewal, now: datetime) -> datetime | None:
    """When the renewed sign-in ends; None when it was ended meanwhile, and nothing is renewed."""
    expires_at: datetime | None = await session.sql.fetchval(
        _RENEW,
        renewal.old_hash,
        renewal.new_hash,
        renewal.stage.value,
        now,
        renewal.expires_at,
    )
    return expires_at


async def set_password(session: Session, account_id: UUID, new: str, old: str) -> bool:
    """Exchange one password hash for another; False when the old one is no longer there."""
    return await session.sql.fetchval(_EXCHANGE_HASH, account_id, new, old) is not None


async def open_ones(
    session: ReadSession, account_id: UUID, current: bytes, now: datetime
) -> list[SignIn]:
    """The sign-ins of an account that still open something, the last used first."""
    rows = await session.sql.fetch(_OPEN_ONES, account_id, current, now)
    return [SignIn(**row) for row in rows]


async def end_one(session: Session, account_id: UUID, sign_in_id: UUID, now: datetime) -> bool:
    """False when the account has no such open sign-in."""
    return await session.sql.fetchval(_END_ONE, account_id, sign_in_id, now) is not None


async def end_others(session: Session, account_id: UUID, current: bytes, now: datetime) -> int:
    """End every sign-in but this one; press credentials stay, for a press is never refused."""
    ended: int = await session.sql.fetchval(_END_OTHERS, account_id, current, now)
    return ended
