"""The shapes of heads and proofs on the wire; hashes and signatures in hexadecimal."""

from datetime import datetime

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
