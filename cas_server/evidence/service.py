"""Answers auditors: heads, and proofs from the nodes that are kept."""

from collections.abc import Sequence
from typing import ClassVar

from cas_server.db.session import ReadSession
from cas_server.errors import InvalidInput, NotFound
from cas_server.evidence import queries
from cas_server.evidence.head import TreeHead
from cas_server.evidence.tree import (
    Span,
    consistency_spans,
    full_nodes,
    inclusion_spans,
    span_hash,
)


class NoHeadYet(NotFound):
    code: ClassVar[str] = "no_head_yet"

    def __init__(self) -> None:
        super().__init__("signed tree head", "yet; the worker signs the first one within minutes")


async def latest_head(session: ReadSession) -> TreeHead:
    head = await queries.latest_head(session)
    if head is None:
        raise NoHeadYet
    return head


async def inclusion(session: ReadSession, position: int, size: int) -> list[bytes]:
    """What proves that the leaf at `position` is in the tree of `size` leaves."""
    if position >= size:
        raise InvalidInput("position", f"a tree of {size} leaves ends at {size - 1}")
    await _must_have(session, "size", size)
    return await _hashes(session, inclusion_spans(position, size))


async def inclusions(
    session: ReadSession, positions: Sequence[int], size: int
) -> list[list[bytes]]:
    """The same for many leaves of a tree that is known to be there, in one look."""
    spans = [inclusion_spans(position, size) for position in positions]
    wanted = {node for each in spans for span in each for node in full_nodes(span)}
    known = await queries.nodes(session, list(wanted))
    return [[span_hash(span, known) for span in each] for each in spans]


async def consistency(session: ReadSession, first: int, second: int) -> list[bytes]:
    """What proves that the tree of `second` leaves only added to that of `first`."""
    if first > second:
        raise InvalidInput("first", f"must not be larger than second ({second})")
    await _must_have(session, "second", second)
    return await _hashes(session, consistency_spans(first, second))


async def _must_have(session: ReadSession, field: str, size: int) -> None:
    present = await queries.size(session)
    if size > present:
        raise InvalidInput(field, f"the tree has {present} leaves by now")


async def _hashes(session: ReadSession, spans: list[Span]) -> list[bytes]:
    known = await queries.nodes(session, [node for span in spans for node in full_nodes(span)])
    return [span_hash(span, known) for span in spans]
