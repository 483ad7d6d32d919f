"""SQL of the devices that people signed in on, and of the Personil whose number it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.identity.queries import PhoneAccount
from cas_server.identity.roles import Role
from cas_server.identity.views import DeviceState, OwnDevice, WaitingDevice

# Asked again after a refusal, it waits again: the officer may have his phone back.
_MEET = """
INSERT INTO known_device AS known (id, account_id, name, state, asked_at, label)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (account_id, name) DO UPDATE SET
    label = excluded.label,
    state = CASE WHEN known.state = 'refused' THEN excluded.state ELSE known.state END,
    asked_at = CASE WHEN known.state = 'refused' THEN excluded.asked_at ELSE known.asked_at END
RETURNING id, state, asked_at = $5 AS is_new, EXISTS (
    SELECT FROM known_device other WHERE other.account_id = $2 AND other.name <> $3) AS has_others
"""

_OF_ACCOUNT = """
SELECT id, name, label, state, asked_at, decided_at FROM known_device
WHERE account_id = $1 ORDER BY asked_at DESC
"""

_WAITING = """
SELECT d.id, d.name, d.label, d.asked_at, a.name AS personil, s.name AS satuan
FROM known_device d JOIN account a ON a.id = d.account_id LEFT JOIN satuan s ON s.id = a.satuan_id
WHERE d.state = 'waiting' AND a.role = 'personil' AND starts_with(a.satuan_path, $1)
ORDER BY d.asked_at
"""

_LOCK = """
SELECT d.id, d.account_id, d.name, d.state, a.satuan_path
FROM known_device d JOIN account a ON a.id = d.account_id
WHERE d.id = $1 AND a.role = 'personil' AND starts_with(a.satuan_path, $2)
FOR UPDATE OF d
"""

_DECIDE = "UPDATE known_device SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1"

_CONFIRM_OWN = """
UPDATE known_device d SET state = 'confirmed', decided_by = d.account_id, decided_at = $2
FROM credential c
WHERE c.token_hash = $1 AND d.account_id = c.account_id AND d.name = c.device
  AND d.state = 'waiting'
RETURNING d.id
"""

_DISOWN = """
UPDATE known_device d SET state = 'refused', decided_by = $2, decided_at = $3
FROM account a WHERE d.id = $1 AND d.account_id = $2 AND a.id = d.account_id
RETURNING d.id, d.account_id, d.name, d.state, a.satuan_path
"""

_END_KEYS = """
UPDATE press_key SET revoked_at = $3
WHERE account_id = $1 AND device = $2 AND revoked_at IS NULL
"""

_END = """
UPDATE credential SET revoked_at = $3
WHERE account_id = $1 AND device = $2 AND revoked_at IS NULL
"""

_OF_PERSONIL = """
SELECT id, disabled_at IS NOT NULL AS disabled FROM account
WHERE holder_id = $1 AND role = 'personil'
"""


@dataclass(frozen=True, slots=True)
class SeenDevice:
    """A device as it names itself: once for machines, once for people."""

    name: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Met:
    """A device somebody has just signed in on."""

    id: UUID
    state: DeviceState
    is_new: bool
    has_others: bool
    """Whether the account has devices that should be told."""


@dataclass(frozen=True, slots=True)
class Locked:
    """A device whose turn it is, held until the commit."""

    id: UUID
    account_id: UUID
    name: str
    state: DeviceState
    satuan_path: str


async def meet(session: Session, device_id: UUID, account_id: UUID, device: SeenDevice,
               state: DeviceState, now: datetime) -> Met:  # fmt: skip
    """Note a device of an account; a known one stays what it is."""
    row = await session.sql.fetchrow(
        _MEET, device_id, account_id, device.name, state, now, device.label
    )
    assert row is not None, "an upsert returns its row"
    return Met(row["id"], DeviceState(row["state"]), row["is_new"], row["has_others"])


async def of_account(session: ReadSession, account_id: UUID) -> list[OwnDevice]:
    """Where this account was signed in, newest first."""
    return [OwnDevice(**_named(row)) for row in await session.sql.fetch(_OF_ACCOUNT, account_id)]


async def waiting_below(session: ReadSession, satuan_path: str) -> list[WaitingDevice]:
    """Devices of Personil at this Satuan and below that wait for a superior, longest first."""
    return [WaitingDevice(**dict(row)) for row in await session.sql.fetch(_WAITING, satuan_path)]


async def lock(session: Session, device_id: UUID, satuan_path: str) -> Locked | None:
    """A Personil's device below this Satuan, held until the commit; None when there is none."""
    row = await session.sql.fetchrow(_LOCK, device_id, satuan_path)
    return Locked(**_named(row)) if row else None


async def decide(
    session: Session, device_id: UUID, state: DeviceState, by: UUID, now: datetime
) -> None:
    await session.sql.execute(_DECIDE, device_id, state, by, now)


async def confirm_own(session: Session, token_hash: bytes, now: datetime) -> UUID | None:
    """Confirm the waiting device that a sign-in was made on; None when it does not wait."""
    device_id: UUID | None = await session.sql.fetchval(_CONFIRM_OWN, token_hash, now)
    return device_id


async def disown(
    session: Session, device_id: UUID, account_id: UUID, now: datetime
) -> Locked | None:
    """Refuse a device of one's own; None when the account has no such device."""
    row = await session.sql.fetchrow(_DISOWN, device_id, account_id, now)
    return Locked(**_named(row)) if row else None


async def end_press_keys(session: Session, device: Locked, now: datetime) -> None:
    """What was signed on this device is nobody's any more; it is still heard."""
    await session.sql.execute(_END_KEYS, device.account_id, device.name, now)


async def end_credentials(session: Session, device: Locked, now: datetime) -> None:
    """Nothing that was handed out on this device opens anything any more."""
    await session.sql.execute(_END, device.account_id, device.name, now)


async def account_of_personil(session: ReadSession, personil_id: UUID) -> PhoneAccount | None:
    """The account of a Personil, or None."""
    row = await session.sql.fetchrow(_OF_PERSONIL, personil_id)
    return PhoneAccount(row["id"], Role.PERSONIL, row["disabled"]) if row else None


def _named(row: Any) -> dict[str, Any]:
    return {**row, "state": DeviceState(row["state"])}
