"""Pure: envelope encryption. Key keys wrap data keys, data keys seal values, each in its place."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cas_server.kit.ids import new_id

Purpose = Literal["seal", "lookup"]

KEY_BYTES = 32
NONCE_BYTES = 12
FORMAT = b"\x01"
ID_BYTES = 16
HEAD_BYTES = len(FORMAT) + ID_BYTES


class WrongSeal(Exception):
    """A sealed value that was altered, or taken from another place: never the caller's fault."""


class UnknownDataKey(Exception):
    """Sealed with a data key that this ring does not hold."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands. It opens in no other column and in no other row."""

    column: str
    """As "account.phone"."""
    row_id: UUID

    def bound(self) -> bytes:
        return self.column.encode() + b"\0" + self.row_id.bytes


@dataclass(frozen=True, slots=True)
class KeyKey:
    """A key that only wraps data keys. Its id is made of it, so that no file has to name it."""

    secret: bytes

    @property
    def id(self) -> str:
        return hashlib.sha256(b"cas key id\0" + self.secret).hexdigest()[:12]

    def __repr__(self) -> str:
        return f"KeyKey({self.id})"


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it stands in the database."""

    id: UUID
    purpose: Purpose
    wrapped: bytes
    kek_id: str


def new_key_key() -> KeyKey:
    return KeyKey(secrets.token_bytes(KEY_BYTES))


def new_data_key(purpose: Purpose, kek: KeyKey) -> WrappedKey:
    """A data key that nobody has seen."""
    return wrap(new_id(), purpose, secrets.token_bytes(KEY_BYTES), kek)


def wrap(key_id: UUID, purpose: Purpose, secret: bytes, kek: KeyKey) -> WrappedKey:
    nonce = secrets.token_bytes(NONCE_BYTES)
    bound = Place(f"data_key.{purpose}", key_id).bound()
    return WrappedKey(
        key_id, purpose, nonce + AESGCM(kek.secret).encrypt(nonce, secret, bound), kek.id
    )


def unwrap(key: WrappedKey, keks: Sequence[KeyKey]) -> bytes | None:
    """The data key itself; None when the key that wrapped it is not among these."""
    kek = next((each for each in keks if each.id == key.kek_id), None)
    if kek is None:
        return None
    bound = Place(f"data_key.{key.purpose}", key.id).bound()
    try:
        return AESGCM(kek.secret).decrypt(
            key.wrapped[:NONCE_BYTES], key.wrapped[NONCE_BYTES:], bound
        )
    except InvalidTag as error:
        raise WrongSeal(f"the data key {key.id} was altered") from error


class Ring:
    """The data keys in the clear: seals with the newest, opens with any, finds by keyed hash."""

    def __init__(
        self, sealing: Mapping[UUID, bytes], newest: UUID, lookup: tuple[UUID, bytes]
    ) -> None:
        self._sealing = {key_id: AESGCM(secret) for key_id, secret in sealing.items()}
        self.finds_with, self._lookup = lookup
        self.newest = newest

    def seal(self, text: str, column: str, row_id: UUID) -> bytes:
        """Sealed for one place: format, key, nonce, ciphertext with its tag."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        bound = Place(column, row_id).bound()
        ciphertext = self._sealing[self.newest].encrypt(nonce, text.encode(), bound)
        return FORMAT + self.newest.bytes + nonce + ciphertext

    def open(self, sealed: bytes, column: str, row_id: UUID) -> str:
        """What was sealed for this place; WrongSeal when it was altered or belongs elsewhere."""
        key = self._sealing.get(key_id_of(sealed))
        if key is None:
            raise UnknownDataKey(str(key_id_of(sealed)))
        nonce, ciphertext = sealed[HEAD_BYTES:][:NONCE_BYTES], sealed[HEAD_BYTES + NONCE_BYTES :]
        try:
            return key.decrypt(nonce, ciphertext, Place(column, row_id).bound()).decode()
        except InvalidTag as error:
            raise WrongSeal(f"{column} of {row_id} was altered, or moved there") from error

    def maybe_open(self, sealed: bytes | None, column: str, row_id: UUID) -> str | None:
        return None if sealed is None else self.open(sealed, column, row_id)

    def maybe_seal(self, text: str | None, column: str, row_id: UUID) -> bytes | None:
        return None if text is None else self.seal(text, column, row_id)

    def hash(self, kind: str, text: str) -> bytes:
        """The same for the same text, and nothing to whoever lacks the key: to find by."""
        return hmac.digest(self._lookup, f"{kind}\0{text}".encode(), "sha256")


def key_id_of(sealed: bytes) -> UUID:
    """Which data key sealed it."""
    if sealed[:1] != FORMAT or len(sealed) < HEAD_BYTES + NONCE_BYTES:
        raise WrongSeal("this is no sealed value")
    return UUID(bytes=sealed[1:HEAD_BYTES])
