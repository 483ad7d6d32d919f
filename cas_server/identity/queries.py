"""SQL of accounts, credentials and one-time codes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.identity import consent
from cas_server.identity.roles import Role
from cas_server.identity.views import Account
from cas_server.kit.ids import new_id
from cas_server.vault.masks import mask_name, mask_phone
from cas_server.vault.sealing import Ring
from cas_server.vault.service import finding_ring, open_sealed

Scope = Literal["session", "press"]

SECRET_NAMES = frozenset({Role.MASYARAKAT})
"""Whose name is sealed, beside that of a petugas: an Instansi's account with a number is one.
Personil and staff are named to whoever works with them."""

_ACCOUNT_COLUMNS = (
    "id",
    "role",
    "name",
    "name_sealed",
    "username",
    "password_hash",
    "phone",
    "phone_sealed",
    "phone_hash",
    "holder_id",
    "satuan_id",
    "satuan_path",
    "demo",
    "created_at",
    "password_change_by",
    "manager",
)
_CREDENTIAL_COLUMNS = (
    "token_hash",
    "account_id",
    "scope",
    "device",
    "created_at",
    "expires_at",
    "verified_at",
)

_INSERT_ACCOUNT = f"""
INSERT INTO account ({", ".join(_ACCOUNT_COLUMNS)})
VALUES ({", ".join(f"${number + 1}" for number in range(len(_ACCOUNT_COLUMNS)))})
ON CONFLICT DO NOTHING
RETURNING id
"""  # noqa: S608 - only the column names above are put in

# satuan and consent stand above this slice; read here so that a client need not ask twice.
_ACCOUNT = """
SELECT a.id, a.role, a.name, a.name_sealed, a.satuan_id, s.name AS satuan_name, a.holder_id, a.demo,
       (SELECT max(version) FROM consent WHERE account_id = a.id) AS consented
FROM account a LEFT JOIN satuan s ON s.id = a.satuan_id
WHERE a.id = $1
"""

_HAS_ADMIN = """
SELECT EXISTS (SELECT FROM account WHERE role = 'admin' AND NOT demo AND disabled_at IS NULL)
"""

# A number may be a citizen's and a petugas's; $2 says which, NULL takes either.
_BY_PHONE = """
SELECT id, role, disabled_at IS NOT NULL AS disabled FROM account
WHERE phone_hash = $1 AND ($2::boolean IS NULL OR (role = 'instansi') = $2)
ORDER BY role = 'instansi', role = 'masyarakat' LIMIT 1
"""

_IDENTITY = "SELECT name, name_sealed, phone_sealed FROM account WHERE id = $1"

_REVOKE = "UPDATE credential SET revoked_at = $2 WHERE token_hash = $1 AND revoked_at IS NULL"

_LOCK_PHONE = "SELECT pg_advisory_xact_lock(hashtextextended('one_time_code ' || $1, 0))"

_CODES_SINCE = """
SELECT created_at FROM one_time_code WHERE phone_hash = $1 AND created_at > $2 ORDER BY created_at
"""

_INSERT_CODE = """
INSERT INTO one_time_code (id, phone_hash, phone_sealed, code_hash, device, created_at, expires_at)
VALUES ($1, $2, $3, '', $4, $5, $6)
"""

_SET_CODE = """
UPDATE one_time_code SET code_hash = $2
WHERE id = $1 AND used_at IS NULL AND expires_at > $3
RETURNING phone_sealed, expires_at
"""

# The try is counted whatever the code turns out to be; the caller commits also a wrong one.
_TRY_CODE = """
UPDATE one_time_code SET tries = tries + 1
WHERE id = $1 AND device = $2 AND used_at IS NULL AND expires_at > $3 AND tries < $4
RETURNING phone_sealed, code_hash, tries
"""

_USE_CODE = "UPDATE one_time_code SET used_at = $2 WHERE id = $1"


# A new password ends every sign-in, but no press credential: a press is never refused.
_CHANGE_HASH = """
WITH changed AS (
    UPDATE account SET password_hash = $2, password_change_by = $4
    WHERE username = $1 RETURNING id
), ended AS (
    UPDATE credential SET revoked_at = $3
    WHERE account_id IN (SELECT id FROM changed) AND scope = 'session' AND revoked_at IS NULL
)
SELECT count(*) FROM changed
"""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be made, named in full. Usernames are stored in lower case, phones as +62..."""

    role: Role
    name: str
    username: str | None = None
    password_hash: str | None = None
    phone: str | None = None
    holder_id: UUID | None = None
    satuan_id: UUID | None = None
    satuan_path: str = ""
    demo: bool = False
    password_change_by: datetime | None = None
    manager: bool = False
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A credential to be stored: the hash of a token, never the token."""

    token_hash: bytes
    account_id: UUID
    scope: Scope
    device: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class PhoneAccount:
    """The account behind a phone number."""

    account_id: UUID
    role: Role
    disabled: bool


@dataclass(frozen=True, slots=True)
class Identity:
    """Name and number in full."""

    name: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class CodeTry:
    """A code that may still be tried, this try counted."""

    phone: str
    code_hash: str
    tries: int


def username_key(username: str) -> str:
    """How a username is stored and looked up: a phone's keyboard likes to begin with a capital."""
    return username.strip().lower()


async def phone_hash(session: ReadSession, phone: str) -> bytes:
    """What a number is found by; it tells nothing to whoever has the table alone."""
    return (await finding_ring(session)).hash("phone", phone)


def shown_name(account: NewAccount) -> str:
    """The name as everybody may see it; that of staff and Personil is no secret."""
    return mask_name(account.name) if _has_secret_name(account) else account.name


def _has_secret_name(account: NewAccount) -> bool:
    of_petugas = account.role is Role.INSTANSI and account.phone is not None
    return of_petugas or account.role in SECRET_NAMES


async def _ring_for(session: Session, accounts: Iterable[NewAccount]) -> Ring | None:
    """None when these accounts have nothing to seal: staff can be made without the key."""
    secret = any(each.phone or each.role in SECRET_NAMES for each in accounts)
    return await finding_ring(session) if secret else None


def _account_record(ring: Ring | None, account: NewAccount, now: datetime) -> tuple[Any, ...]:
    secret, phone = _has_secret_name(account), account.phone
    return (
        account.id,
        account.role.value,
        shown_name(account),
        ring.seal(account.name, "account.name", account.id) if ring and secret else None,
        username_key(account.username) if account.username else None,
        account.password_hash,
        mask_phone(phone) if phone else None,
        ring.maybe_seal(phone, "account.phone", account.id) if ring else None,
        ring.hash("phone", phone) if ring and phone else None,
        account.holder_id,
        account.satuan_id,
        account.satuan_path,
        account.demo,
        now,
        account.password_change_by,
        account.manager,
    )


async def insert_account_once(session: Session, account: NewAccount, now: datetime) -> bool:
    """False, and nothing stored, when id, username or phone is taken."""
    record = _account_record(await _ring_for(session, [account]), account, now)
    made = await session.sql.fetchval(_INSERT_ACCOUNT, *record)
    return made is not None


async def copy_accounts(session: Session, accounts: Iterable[NewAccount], now: datetime) -> None:
    """Store many at once; the whole transaction fails when one is taken."""
    made = list(accounts)
    ring = await _ring_for(session, made)
    await session.sql.copy_records_to_table(
        "account",
        records=[_account_record(ring, account, now) for account in made],
        columns=_ACCOUNT_COLUMNS,
    )


async def copy_credentials(
    session: Session, credentials: Sequence[NewCredential], now: datetime
) -> None:
    await session.sql.copy_records_to_table(
        "credential",
        records=[
            (c.token_hash, c.account_id, c.scope, c.device, now, c.expires_at, now)
            for c in credentials
        ],
        columns=_CREDENTIAL_COLUMNS,
    )


async def account(session: ReadSession, account_id: UUID) -> Account:
    """The account as its owner sees it."""
    row = await session.sql.fetchrow(_ACCOUNT, account_id)
    assert row is not None, "asked only for accounts that were just found"
    name = await open_sealed(session, row["name_sealed"], "account.name", account_id)
    return Account(
        account_id=row["id"],
        role=Role(row["role"]),
        name=name or row["name"],
        satuan_id=row["satuan_id"],
        satuan_name=row["satuan_name"],
        holder_id=row["holder_id"],
        demo=row["demo"],
        consent_wanted=consent.wanted(Role(row["role"]), row["consented"]),
    )


async def identity(session: ReadSession, account_id: UUID) -> Identity | None:
    """Who an account is, in full: only for themselves, or after a reveal was written down."""
    row = await session.sql.fetchrow(_IDENTITY, account_id)
    if row is None:
        return None
    name = await open_sealed(session, row["name_sealed"], "account.name", account_id)
    phone = await open_sealed(session, row["phone_sealed"], "account.phone", account_id)
    return Identity(name or row["name"], phone)


async def has_admin(session: ReadSession) -> bool:
    """True when there is an admin who is not of the demo."""
    return bool(await session.sql.fetchval(_HAS_ADMIN))


async def by_phone(
    session: ReadSession, phone: str, *, petugas: bool | None = None
) -> PhoneAccount | None:
    """Whose account has this number, or None; `petugas` False or True: of this kind only."""
    row = await session.sql.fetchrow(_BY_PHONE, await phone_hash(session, phone), petugas)
    return PhoneAccount(row["id"], Role(row["role"]), row["disabled"]) if row else None


async def revoke(session: Session, token_hash: bytes, now: datetime) -> None:
    """End one credential; ending it again changes nothing."""
    await session.sql.execute(_REVOKE, token_hash, now)


async def set_one_time_password(
    session: Session, username: str, password_hash: str, now: datetime, change_by: datetime
) -> bool:
    """Give an account a password to be changed, end its sign-ins; False when there is no such."""
    values = (username_key(username), password_hash, now, change_by)
    return bool(await session.sql.fetchval(_CHANGE_HASH, *values))


async def lock_phone(session: Session, phone: str) -> None:
    """One at a time per number until the commit, so that counting its codes is not a race."""
    await session.sql.execute(_LOCK_PHONE, (await phone_hash(session, phone)).hex())


async def codes_since(session: ReadSession, phone: str, since: datetime) -> list[datetime]:
    """When codes were asked for this number, oldest first."""
    rows = await session.sql.fetch(_CODES_SINCE, await phone_hash(session, phone), since)
    return [row["created_at"] for row in rows]


async def insert_code(
    session: Session, code_id: UUID, phone: str, device: str, now: datetime, expires_at: datetime
) -> None:
    """A code to come: no hash yet, so nothing matches it."""
    ring = await finding_ring(session)
    sealed = ring.seal(phone, "one_time_code.phone", code_id)
    values = (ring.hash("phone", phone), sealed, device, now, expires_at)
    await session.sql.execute(_INSERT_CODE, code_id, *values)


async def set_code(
    session: Session, code_id: UUID, code_hash: str, now: datetime
) -> tuple[str, datetime] | None:
    """Give a code its hash: the number to send it to and its end, or None when it is over."""
    row = await session.sql.fetchrow(_SET_CODE, code_id, code_hash, now)
    return (await _phone_of_code(session, row, code_id), row["expires_at"]) if row else None


async def _phone_of_code(session: ReadSession, row: Any, code_id: UUID) -> str:
    phone = await open_sealed(session, row["phone_sealed"], "one_time_code.phone", code_id)
    assert phone is not None, "a code is always for a number"
    return phone


async def try_code(
    session: Session, code_id: UUID, device: str, most_tries: int, now: datetime
) -> CodeTry | None:
    """Count a try; None when it is over: used, expired, tried too often, or of another device."""
    row = await session.sql.fetchrow(_TRY_CODE, code_id, device, now, most_tries)
    if row is None:
        return None
    phone = await _phone_of_code(session, row, code_id)
    return CodeTry(phone, row["code_hash"], row["tries"])


async def use_code(session: Session, code_id: UUID, now: datetime) -> None:
    await session.sql.execute(_USE_CODE, code_id, now)
