"""Pure: checks a record that stands alone, with published heads or only its own signature."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar
from uuid import UUID

from cas_server.errors import CasError
from cas_server.evidence import head as heads
from cas_server.evidence.audit import Finding, examine_heads
from cas_server.evidence.head import TreeHead, verifies
from cas_server.evidence.leaf import canonical, parsed
from cas_server.evidence.record_form import FORMAT, Document, digest
from cas_server.evidence.tree import includes, leaf_hash

NOT_SIGNED = ("sections", "signature")


class NoRecord(CasError):
    code: ClassVar[str] = "no_record"

    def __init__(self, why: str) -> None:
        super().__init__(f"this is no record of an alarm: {why}")


def read(text: str) -> Document:
    """The document of a file; NoRecord when it is something else."""
    try:
        document = parsed(text)
    except ValueError as failure:
        raise NoRecord("it is not JSON, or cut off") from failure
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise NoRecord(f"its format is not {FORMAT}")
    return document


def check(
    document: Document, published: Sequence[TreeHead] | None, trusted_key: bytes | None
) -> list[Finding]:
    """What is not as it was signed; empty when the record is whole."""
    try:
        head = heads.of_line(canonical(document["head"]))
        findings = [*_signature(document, published, trusted_key), *_sections(document)]
        findings += _head(head, published, trusted_key)
        return [*findings, *_journal(document, head)]
    except (KeyError, ValueError, TypeError, AttributeError) as failure:
        return [Finding(f"a part is missing or has another shape ({type(failure).__name__})")]


def _signature(
    document: Document, published: Sequence[TreeHead] | None, trusted_key: bytes | None
) -> Iterator[Finding]:
    public_key = bytes.fromhex(document["public_key"])
    said = {name: value for name, value in document.items() if name not in NOT_SIGNED}
    if not verifies(public_key, bytes.fromhex(document["signature"]), canonical(said).encode()):
        yield Finding("the record's signature is wrong: its frame or its list of parts was changed")
    if trusted_key is not None:
        believed = {trusted_key}
    else:
        believed = {public_key} if published is None else {head.public_key for head in published}
    if public_key not in believed:
        yield Finding(f"the record is signed by a key that nobody published, {document['key_id']}")


def _sections(document: Document) -> Iterator[Finding]:
    sections, manifest = document["sections"], document["manifest"]
    for name in sorted(sections.keys() | manifest.keys()):
        if name not in sections:
            yield Finding(f"the part '{name}' is gone")
        elif manifest.get(name) != digest(sections[name]):
            yield Finding(f"the part '{name}' was changed after it was signed")


def _head(
    head: TreeHead, published: Sequence[TreeHead] | None, trusted_key: bytes | None
) -> Iterator[Finding]:
    yield from examine_heads([head], trusted_key)
    if published is None:
        return
    told = {(one.size, one.root) for one in published if one.is_genuine()}
    if (head.size, head.root) not in told:
        yield Finding(f"its head of {head.size} leaves is none of the published ones")


def _journal(document: Document, head: TreeHead) -> Iterator[Finding]:
    before = -1
    for row in document["sections"]["journal"]:
        position, leaf = int(row["position"]), parsed(row["leaf"])
        found = _place(position, leaf)
        proof = [bytes.fromhex(text) for text in row["proof"]]
        if not includes(head.root, head.size, position, leaf_hash(row["leaf"].encode()), proof):
            yield Finding("this entry is not the one that was sealed", **found)
        if leaf["alarm_id"] != document["alarm_id"]:
            yield Finding("this entry is of another alarm", **found)
        if position <= before:
            yield Finding("this entry stands out of order", **found)
        before = position


def _place(position: int, leaf: dict[str, Any]) -> dict[str, Any]:
    alarm_id = UUID(leaf["alarm_id"]) if leaf["alarm_id"] else None
    return {"position": position, "journal_id": int(leaf["id"]), "alarm_id": alarm_id}
