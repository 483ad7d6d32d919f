"""Recovery codes: made ten at a time, shown once, kept as slow hashes."""

import asyncio
import secrets
from uuid import UUID

from cas_server.identity.passwords import derive

COUNT = 10
# Without letters and digits that look alike on paper.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUP = 5


def new_codes() -> list[str]:
    """Ten codes of 50 bits each, like k7m2q-w9xpd."""
    return [f"{_group()}-{_group()}" for _ in range(COUNT)]


def _group() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP))


def normal(typed: str) -> str:
    """A code as it was made, however it was typed."""
    return "".join(char for char in typed.lower() if char.isalnum())


async def hashed(account_id: UUID, typed: str) -> bytes:
    """What is stored of a code: argon2id, salted with the account, so one look finds it."""
    return await derive(normal(typed), account_id.bytes)


async def all_hashed(account_id: UUID, codes: list[str]) -> list[bytes]:
    return await asyncio.gather(*(hashed(account_id, code) for code in codes))
