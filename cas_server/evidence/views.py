"""The shapes of heads and proofs on the wire; hashes and signatures in hexadecimal."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from cas_server.evidence.head import TreeHead
from cas_server.kit.wire import Wire


class TreeHeadView(Wire):
    """The journal as it was once: `signature` (Ed25519) covers size, root, time and key."""

    size: int = Field(description="how many entries the tree has")
    root: str
    at: datetime
    key_id: str
    public_key: str
    signature: str

    @classmethod
    def of(cls, head: TreeHead) -> "TreeHeadView":
        return cls(
            size=head.size,
            root=head.root.hex(),
            at=head.at,
            key_id=head.key_id,
            public_key=head.public_key.hex(),
            signature=head.signature.hex(),
        )


class TreeHeads(Wire):
    """Heads, the smallest tree first; ask again above the last one for more."""

    heads: list[TreeHeadView]


class Proof(Wire):
    """The hashes of an RFC 9162 proof, in their order."""

    proof: list[str]


Row = dict[str, Any]


class RecordLine(Wire):
    """One journal entry: `leaf` is the very text that was hashed (form 1), `proof` its way up."""

    position: int
    leaf: str
    proof: list[str]


class RecordSections(Wire):
    """All that the database knows of one alarm; each row as its table holds it."""

    alarm: Row
    presses: list[Row] = Field(description="presses that joined this alarm")
    folded_presses: list[Row] = Field(description="unverified presses this alarm stands for")
    pictures: list[Row] = Field(description="without their content: its SHA-256")
    sounds: list[Row] = Field(description="without their content: its SHA-256")
    reporter_fixes: list[Row]
    decisions: list[Row] = Field(description="who was weighed for each ring, and why")
    offers: list[Row]
    responders: list[Row]
    escalations: list[Row]
    tracks: list[Row] = Field(description="where the Personil on the alarm were")
    pushes: list[Row]
    people: list[Row] = Field(description="the accounts that acted")
    journal: list[RecordLine]


class Record(Wire):
    """One alarm's record as `cas audit export` writes it and `cas audit verify --export` checks it.

    `manifest` is the SHA-256 of each section's canonical JSON (no spaces, keys sorted by code
    point, numbers as written, UTF-8); `signature` (Ed25519) covers the canonical JSON of all
    but `sections` and itself.
    """

    format: Literal["cas-record/1"]
    alarm_id: UUID
    made_at: datetime
    head: TreeHeadView
    unsealed_entries: int = Field(description="entries that no head covered yet")
    manifest: dict[str, str]
    public_key: str
    key_id: str
    signature: str
    sections: RecordSections
