"""Names and tokens of the crowd, so that a load can make them up by itself."""

import base64
import hashlib
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cas_server.identity import signature
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id

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


def signing_head(key_id: UUID, key: Ed25519PrivateKey, path: str, body: bytes) -> str:
    """The header lines that sign a press, as a phone does at every sending."""
    told = signature.parameters(key_id, new_id().hex, utc_now())
    digest = signature.digest(body)
    signed = base64.b64encode(key.sign(signature.base("PUT", path, digest, told))).decode()
    return (
        f"content-digest: {digest}\r\nsignature-input: press={told}\r\n"
        f"signature: press=:{signed}:\r\n"
    )


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
