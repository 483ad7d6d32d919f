"""Names and tokens of the crowd, so that a load can make them up by itself."""

import hashlib
from datetime import datetime
from typing import Literal
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cas_server.db.pool import connect
from cas_server.kit.clock import utc_now
from cas_server.kit.signing import new_nonce, parameters, signing_headers

Way = Literal["signed", "bearer", "unverified"]
"""How a press proves who presses: by a phone's key, by its press credential alone, not at all."""

OPERATOR_TOKEN = "cas_bench_operator"  # noqa: S105 - of a database that is gone afterwards


def citizen_token(number: int) -> str:
    """The press credential of the n-th citizen, from 1."""
    return f"cas_bench_citizen_{number}"


def citizen_account(number: int) -> UUID:
    """The account of the n-th citizen."""
    return _of(f"account of citizen {number}")


def citizen_key(number: int) -> tuple[UUID, Ed25519PrivateKey]:
    """The n-th citizen's press key and its name, the same in every process."""
    seed = hashlib.sha256(f"cas bench press key {number}".encode()).digest()
    return _of(f"press key {number}"), Ed25519PrivateKey.from_private_bytes(seed)


def proof(way: Way, citizen: int, path: str, body: bytes) -> dict[str, str]:
    """The headers by which the n-th citizen proves who presses; signed anew at every sending."""
    if way == "bearer":
        return {"authorization": f"Bearer {citizen_token(citizen)}"}
    if way == "unverified":
        return {}
    key_id, key = citizen_key(citizen)
    told = parameters(key_id, new_nonce(), utc_now())
    return signing_headers(key, path, body, told)


def proof_lines(way: Way, citizen: int, path: str, body: bytes) -> str:
    """The same as lines of a request."""
    proved = proof(way, citizen, path, body)
    return "".join(f"{name}: {value}\r\n" for name, value in proved.items())


async def give_keys(dsn: str, citizens: int) -> None:
    """Register the press key of every citizen, each on a phone of its own."""
    records = []
    for number in range(1, citizens + 1):
        key_id, key = citizen_key(number)
        public = key.public_key().public_bytes_raw()
        records.append((key_id, citizen_account(number), public, f"phone {number}"))
    columns = ("id", "account_id", "public_key", "device")
    connection = await connect(dsn)
    await connection.copy_records_to_table("press_key", records=records, columns=columns)
    await connection.execute("ANALYZE press_key")
    await connection.close()


def _of(text: str) -> UUID:
    """As the md5()::uuid of SQL."""
    return UUID(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())


def personil_token(number: int) -> str:
    """The session of the n-th Personil, from 1."""
    return f"cas_bench_personil_{number}"


def fix_frame(lat: float, lon: float, at: datetime) -> str:
    """A Personil's position as it goes over the socket."""
    return (
        f'{{"type":"fix","lat":{lat:.6f},"lon":{lon:.6f},"accuracy_m":10,"speed_mps":4,'
        f'"fixed_at":"{at.isoformat()}"}}'
    )
