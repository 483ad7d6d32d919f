"""Devices of those to be told, and what became of each message."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.identity.roles import Role
from cas_server.push.port import AddressType, Device, Platform, SubscriptionKeys

MOST_DEVICES = 10
"""A person has a few; more are left-overs of old installations, and each would be a push."""

_DEVICE = """
SELECT d.id, d.account_id, d.platform, d.address_type, d.address, d.p256dh, d.auth FROM device d
"""
_OF_ACCOUNT = f"{_DEVICE} JOIN account a ON a.id = d.account_id AND a.disabled_at IS NULL"

_GET = f"{_OF_ACCOUNT} WHERE d.id = $1"
_OF_PERSONIL = f"{_OF_ACCOUNT} WHERE a.holder_id = $1 AND a.role = $2"
_OF_THE_ACCOUNT = f"{_OF_ACCOUNT} WHERE a.id = $1"
_OF_STAFF_AT = f"{_OF_ACCOUNT} WHERE a.satuan_id = $1 AND a.role = $2"
_OF_STAFF_AT_PATH = f"{_OF_ACCOUNT} WHERE a.satuan_path = $1 AND a.role = $2"
_OF_DESKS = f"{_OF_ACCOUNT} WHERE a.satuan_path = ANY($1) AND a.role = $2 AND d.platform = 'web'"

# One address at a time: two phones that claim the same one must not meet in the unique constraint.
_LOCK_ADDRESS = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_TAKE_ADDRESS = "DELETE FROM device WHERE address_type = $1 AND address = $2 AND id <> $3"
# Another account's device changes hands only to whoever holds its address: that is the phone.
_PUT = """
INSERT INTO device (id, account_id, platform, address_type, address, created_at, p256dh, auth)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO UPDATE SET account_id = $2, platform = $3, address_type = $4, address = $5,
    created_at = $6, p256dh = $7, auth = $8
WHERE device.account_id = $2 OR (device.address_type, device.address) = ($4, $5)
"""
_DROP_OLDEST = """
DELETE FROM device WHERE id IN (
    SELECT id FROM device WHERE account_id = $1 ORDER BY created_at DESC, id OFFSET $2
)
"""
_DELETE = "DELETE FROM device WHERE id = $1 AND account_id = $2"
# Not by id alone: the phone may have registered a new address while we asked about the old one.
_FORGET = "DELETE FROM device WHERE id = $1 AND address_type = $2 AND address = $3"

_RECORD = """
INSERT INTO push_outcome (alarm_id, account_id, device_id, offer_id, at, outcome, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What the push service said of one message to one device."""

    alarm_id: UUID | None
    offer_id: UUID | None
    outcome: str
    detail: str


async def get(session: ReadSession, device_id: UUID) -> Device | None:
    """None when it was deleted, or its account disabled, since the job was written."""
    row = await session.sql.fetchrow(_GET, device_id)
    return _device(row) if row else None


async def of_personil(session: ReadSession, personil_id: UUID) -> list[Device]:
    """Every device of a Personil's account."""
    return _devices(await session.sql.fetch(_OF_PERSONIL, personil_id, Role.PERSONIL))


async def of_account(session: ReadSession, account_id: UUID) -> list[Device]:
    """Every device of an account."""
    return _devices(await session.sql.fetch(_OF_THE_ACCOUNT, account_id))


async def of_staff_at(session: ReadSession, satuan_id: UUID, role: Role) -> list[Device]:
    """Devices of those with the role at exactly this Satuan."""
    return _devices(await session.sql.fetch(_OF_STAFF_AT, satuan_id, role))


async def of_staff_at_path(session: ReadSession, satuan_path: str, role: Role) -> list[Device]:
    """The same for a Satuan named by its path; not those below: a Kapolres is not 28 Kapolsek."""
    return _devices(await session.sql.fetch(_OF_STAFF_AT_PATH, satuan_path, role))


async def of_desks(session: ReadSession, satuan_path: str) -> list[Device]:
    """Browsers of the operators who see what belongs to this Satuan: its own and those above."""
    steps = satuan_path.rstrip("/").split("/")
    seen_from = ["/".join(steps[: depth + 1]) + "/" for depth in range(len(steps))]
    return _devices(await session.sql.fetch(_OF_DESKS, seen_from, Role.OPERATOR))


async def put(session: Session, device: Device, now: datetime) -> bool:
    """Register a device; an address belongs to whoever registered it last.

    False when the id is that of another account's device with another address.
    """
    await session.sql.execute(_LOCK_ADDRESS, device.address)
    await session.sql.execute(_TAKE_ADDRESS, device.address_type, device.address, device.id)
    done = await session.sql.execute(
        _PUT,
        device.id,
        device.account_id,
        device.platform,
        device.address_type,
        device.address,
        now,
        device.keys and device.keys.p256dh,
        device.keys and device.keys.auth,
    )
    await session.sql.execute(_DROP_OLDEST, device.account_id, MOST_DEVICES)
    return str(done) != "INSERT 0 0"


async def delete(session: Session, device_id: UUID, account_id: UUID) -> None:
    """Forget one's own device; harmless when there is none."""
    await session.sql.execute(_DELETE, device_id, account_id)


async def forget(session: Session, device: Device) -> None:
    """Forget a device whose address is dead."""
    await session.sql.execute(_FORGET, device.id, device.address_type, device.address)


async def record(session: Session, device: Device, told: Told, at: datetime) -> None:
    """Write down what became of a message."""
    await session.sql.execute(
        _RECORD,
        told.alarm_id,
        device.account_id,
        device.id,
        told.offer_id,
        at,
        told.outcome,
        told.detail,
    )


def _devices(rows: list[Any]) -> list[Device]:
    return [_device(row) for row in rows]


def _device(row: Any) -> Device:
    return Device(
        id=row["id"],
        account_id=row["account_id"],
        platform=Platform(row["platform"]),
        address_type=AddressType(row["address_type"]),
        address=row["address"],
        keys=SubscriptionKeys(row["p256dh"], row["auth"]) if row["p256dh"] else None,
    )
