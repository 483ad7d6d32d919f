"""Pure: the form of a record: its manifest, its signature, and the file it becomes.

The document (schemas/record.schema.json) holds `sections`, the SHA-256 of each one's canonical JSON
(`evidence/leaf.py`) in `manifest`, and a signature over the canonical JSON of all else than the
sections and the signature itself. `journal` holds the very leaves that were hashed into the tree.
"""

import hashlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cas_server.evidence import head as heads
from cas_server.evidence.leaf import canonical

FORMAT = "cas-record/1"

Document = dict[str, Any]


def signed(statement: Document, sections: dict[str, Any], key: Ed25519PrivateKey) -> Document:
    """The document over these sections, with the key's word for it."""
    public_key = key.public_key().public_bytes_raw()
    said = {
        **statement,
        "manifest": {name: digest(section) for name, section in sections.items()},
        "public_key": public_key.hex(),
        "key_id": heads.key_id(public_key),
    }
    signature = key.sign(canonical(said).encode())
    return {**said, "signature": signature.hex(), "sections": sections}


def digest(section: Any) -> str:
    return hashlib.sha256(canonical(section).encode()).hexdigest()


def text_of(document: Document) -> str:
    """The file: one line for each row, so that people can read it as well."""
    parts = []
    for name, value in document.items():
        blocks = name == "sections" and ",\n".join(_block(*pair) for pair in value.items())
        text = "{\n" + blocks + "\n}" if blocks else canonical(value)
        parts.append(f"{canonical(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _block(name: str, section: Any) -> str:
    if not isinstance(section, list) or not section:
        return f"  {canonical(name)}: {canonical(section)}"
    rows = ",\n".join(f"    {canonical(row)}" for row in section)
    return f"  {canonical(name)}: [\n{rows}\n  ]"
