"""Pure: tree heads, how they are signed, and the line in which they are published.

What is signed is these five lines in ASCII, each closed by a newline:

    cas-journal-head/1
    the number of leaves
    the root, in hexadecimal
    the time, UTC with microseconds, e.g. 2026-08-17T03:04:05.000006Z
    the key's id: the first 16 hexadecimal digits of the SHA-256 of the public key's 32 bytes
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The tree as it was once, under a signature: whoever keeps it can prove what was there."""

    size: int
    root: bytes
    at: datetime
    public_key: bytes
    signature: bytes

    @property
    def key_id(self) -> str:
        return key_id(self.public_key)

    def is_genuine(self) -> bool:
        """True when its own key has signed it; whether to trust that key is asked elsewhere."""
        said = _said(self.size, self.root, self.at, self.key_id)
        return verifies(self.public_key, self.signature, said)


def key_id(public_key: bytes) -> str:
    return hashlib.sha256(public_key).hexdigest()[:16]


def verifies(public_key: bytes, signature: bytes, said: bytes) -> bool:
    """True when the key's owner has signed these bytes."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def sign(key: Ed25519PrivateKey, size: int, root: bytes, at: datetime) -> TreeHead:
    """A head that this key vouches for."""
    public_key = key.public_key().public_bytes_raw()
    said = _said(size, root, at, key_id(public_key))
    return TreeHead(size, root, at, public_key, key.sign(said))


def _said(size: int, root: bytes, at: datetime, by: str) -> bytes:
    return f"cas-journal-head/1\n{size}\n{root.hex()}\n{told(at)}\n{by}\n".encode()


def told(at: datetime) -> str:
    """A time as it stands in what is signed."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def line(head: TreeHead) -> str:
    """One line of the published file."""
    facts = {
        "size": head.size,
        "root": head.root.hex(),
        "at": told(head.at),
        "key_id": head.key_id,
        "public_key": head.public_key.hex(),
        "signature": head.signature.hex(),
    }
    return json.dumps(facts)


def of_line(text: str) -> TreeHead:
    """A head of the published file; ValueError, KeyError or TypeError when it is none."""
    facts = json.loads(text)
    return TreeHead(
        size=int(facts["size"]),
        root=bytes.fromhex(facts["root"]),
        at=datetime.fromisoformat(facts["at"]),
        public_key=bytes.fromhex(facts["public_key"]),
        signature=bytes.fromhex(facts["signature"]),
    )


def of_lines(lines: Iterable[str]) -> tuple[list[TreeHead], list[int]]:
    """The heads of a published file, in their order, and the numbers of lines that hold none.

    A power cut may leave half a line; its head is then published again on the next.
    """
    heads, unreadable = [], []
    for number, text in enumerate(lines, start=1):
        try:
            heads += [of_line(text)] if text.strip() else []
        except (ValueError, KeyError, TypeError):
            unreadable.append(number)
    return heads, unreadable
