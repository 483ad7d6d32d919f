"""The brake on guessing: tries are counted in PostgreSQL, so every process brakes together."""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from cas_server.db.session import Session
from cas_server.errors import CasError
from cas_server.kit.network import network_of

WINDOW = timedelta(minutes=5)

# Locking a username for everybody would let anyone lock an operator out by failing on purpose, so
# the tight limit holds per username and address together; the wide ones bound what many give.
TRIES_PER_USERNAME_AND_ADDRESS = 10
TRIES_PER_USERNAME = 50
TRIES_PER_ADDRESS = 100
# A mobile network puts thousands of phones behind one address, and many such in one network.
CODES_PER_ADDRESS = 300
CODES_PER_NETWORK = 1_000

_COUNT = """
INSERT INTO attempt AS a (key, since, tries)
SELECT key, $2, 1 FROM unnest($1::bytea[]) AS key ORDER BY key
ON CONFLICT (key) DO UPDATE SET
    tries = CASE WHEN a.since <= $3 THEN 1 ELSE a.tries + 1 END,
    since = CASE WHEN a.since <= $3 THEN $2 ELSE a.since END
RETURNING key, since, tries
"""

# Locked in the order of the keys, as _COUNT does, so that the two never wait for each other.
_UNCOUNT = """
UPDATE attempt SET tries = tries - 1
WHERE key IN (SELECT key FROM attempt WHERE key = ANY($1) ORDER BY key FOR UPDATE)
"""

_FORGET = """
DELETE FROM attempt
WHERE key IN (SELECT key FROM attempt WHERE since <= $1 FOR UPDATE SKIP LOCKED)
"""


class TooManyTries(CasError):
    """Tried too often; `retry_after_s` says when it is worth trying again."""

    code = "too_many_tries"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, retry_after: timedelta) -> None:
        self.retry_after_s = max(1, math.ceil(retry_after.total_seconds()))
        super().__init__(f"too many tries; try again in {self.retry_after_s} seconds")

    def facts(self) -> dict[str, str]:
        return {"retry_after_s": str(self.retry_after_s)}


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tries per WINDOW under one key."""

    key: bytes
    most: int

    @classmethod
    def of(cls, *parts: str, most: int) -> "Limit":
        return cls(hashlib.sha256("\0".join(parts).encode()).digest(), most)


def of_sign_in(username: str, address: str) -> list[Limit]:
    """What bounds guessing a password."""
    return [
        Limit.of("both", username, address, most=TRIES_PER_USERNAME_AND_ADDRESS),
        Limit.of("username", username, most=TRIES_PER_USERNAME),
        Limit.of("address", address, most=TRIES_PER_ADDRESS),
    ]


def of_codes(address: str) -> list[Limit]:
    """What bounds asking for many codes from one place; what they cost is bounded elsewhere."""
    return [
        Limit.of("codes", address, most=CODES_PER_ADDRESS),
        Limit.of("codes network", network_of(address), most=CODES_PER_NETWORK),
    ]


def key_of_network(address: str) -> bytes:
    """What is stored of the network that somebody asks from."""
    return Limit.of("network", network_of(address), most=0).key


async def count(session: Session, limits: list[Limit], now: datetime) -> None:
    """Count one try under every key; TooManyTries when one of them is used up."""
    most = {limit.key: limit.most for limit in limits}
    rows = await session.sql.fetch(_COUNT, list(most), now, now - WINDOW)
    used_up = [row["since"] + WINDOW - now for row in rows if row["tries"] > most[row["key"]]]
    if used_up:
        raise TooManyTries(max(used_up))


async def release(session: Session, limits: list[Limit], now: datetime) -> None:
    """Take back the try of somebody who got in: only failures count. Drop everybody's old ones."""
    await session.sql.execute(_UNCOUNT, [limit.key for limit in limits])
    await session.sql.execute(_FORGET, now - WINDOW)
