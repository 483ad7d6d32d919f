"""Hash and check passwords with argon2id, on threads of their own so that the loop never waits."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.low_level import hash_secret_raw

# OWASP's second choice: 19 MiB twice over. The default of 64 MiB, times a few at once, would be a
# good part of the memory the whole server may use.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

# Two at once bound both memory and processor: a storm of sign-ins queues up here while presses,
# which need no password, go by.
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")

# Checked when the username is unknown, so that the answer takes as long as for a known one.
_OF_NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$iSfrAZcyGsCjZhvJMc09IQ"
    "$wb4AI0TmLIhFaG0kBMclq+5Z+wq7M+aE/XFVUSbNxMQ"
)


async def hash_password(password: str) -> str:
    """What to store for a password; the parameters are part of it."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def matches(password: str, stored: str | None) -> bool:
    """True when the password is the stored one; without a stored one False, just as slowly."""
    loop = asyncio.get_running_loop()
    same = await loop.run_in_executor(_THREADS, _matches, password, stored or _OF_NOBODY)
    return same and stored is not None


async def derive(secret: str, salt: bytes) -> bytes:
    """A slow hash that is the same every time, for secrets that are found by it."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_THREADS, _derive, secret, salt)


def _derive(secret: str, salt: bytes) -> bytes:
    return hash_secret_raw(
        secret.encode(),
        salt,
        time_cost=_HASHER.time_cost,
        memory_cost=_HASHER.memory_cost,
        parallelism=_HASHER.parallelism,
        hash_len=32,
        type=Type.ID,
    )


def _matches(password: str, stored: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
