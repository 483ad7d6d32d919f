"""Gathers one alarm's complete record in one snapshot, proven under a head and signed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cas_server.db.session import ReadSession
from cas_server.errors import NotFound
from cas_server.evidence import head as heads
from cas_server.evidence import queries, record_queries, service
from cas_server.evidence.audit import Leaf
from cas_server.evidence.leaf import leaf_bytes, parsed
from cas_server.evidence.record_form import FORMAT, Document, signed


async def gather(
    session: ReadSession, alarm_id: UUID, key: Ed25519PrivateKey, now: datetime
) -> Document:
    """The signed record of an alarm; its entries that no head covers yet are counted."""
    head = await service.latest_head(session)
    sections: dict[str, Any] = {
        name: [parsed(row) for row in await record_queries.section(session, name, alarm_id)]
        for name in record_queries.SECTIONS
    }
    if not sections["alarm"]:
        raise NotFound("alarm", alarm_id)
    [sections["alarm"]] = sections["alarm"]
    leaves = await queries.of_alarm(session, alarm_id)
    sealed = [leaf for leaf in leaves if leaf.position < head.size]
    proofs = await service.inclusions(session, [leaf.position for leaf in sealed], head.size)
    sections["journal"] = [_line(*pair) for pair in zip(sealed, proofs, strict=True)]
    unsealed = len(leaves) - len(sealed) + await queries.unchained_of(session, alarm_id)
    return signed(
        {
            "format": FORMAT,
            "alarm_id": str(alarm_id),
            "made_at": heads.told(now),
            "head": parsed(heads.line(head)),
            "unsealed_entries": unsealed,
        },
        sections,
        key,
    )


def _line(leaf: Leaf, proof: list[bytes]) -> dict[str, Any]:
    text = leaf_bytes(leaf.entry).decode() if leaf.entry else ""
    return {"position": leaf.position, "leaf": text, "proof": [hash_.hex() for hash_ in proof]}
