"""Pure: the Merkle tree of RFC 6962 (RFC 9162): hashes, growing, and both kinds of proof.

A node is named by its level (0 is a leaf) and by which one it is on that level. Only nodes over
a full 2^level leaves are ever kept; what hangs over the right edge is folded when it is asked for.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

EMPTY_ROOT = hashlib.sha256(b"").digest()


class Node(NamedTuple):
    """The place of one full subtree."""

    level: int
    nth: int


class Span(NamedTuple):
    """Leaves from `start` up to and without `end`; its hash is one step of a proof."""

    start: int
    end: int


def leaf_hash(leaf: bytes) -> bytes:
    """The zero keeps a leaf from ever passing for an inner node."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def full_nodes(span: Span) -> list[Node]:
    """The full subtrees that a span consists of, from left to right, ever smaller.

    Every span of a proof starts at a multiple of its own largest subtree.
    """
    nodes, at = [], span.start
    while at < span.end:
        level = (span.end - at).bit_length() - 1
        nodes.append(Node(level, at >> level))
        at += 1 << level
    return nodes


def folded(hashes: Sequence[bytes]) -> bytes:
    """The hash over full subtrees of one span, as `full_nodes` names them."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def span_hash(span: Span, known: Mapping[Node, bytes]) -> bytes:
    return folded([known[node] for node in full_nodes(span)])


class Edge:
    """The right edge of a growing tree: one hash for each full subtree it consists of."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self._hashes = list(hashes)
        assert len(self._hashes) == size.bit_count(), "one hash for each full subtree"

    def add(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Append a leaf's hash; the inner nodes that became full by it, the lowest first."""
        made, hash_, level, index = [], leaf, 0, self.size
        while index & 1:
            hash_ = node_hash(self._hashes.pop(), hash_)
            level, index = level + 1, index >> 1
            made.append((Node(level, index), hash_))
        self._hashes.append(hash_)
        self.size += 1
        return made

    def root(self) -> bytes:
        return folded(self._hashes)


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def inclusion_spans(position: int, size: int) -> list[Span]:
    """What proves that the leaf at `position` is in the tree of `size`, nearest first."""
    assert 0 <= position < size, "only a leaf of the tree can be proven"
    start, end, spans = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if position < middle:
            spans.append(Span(middle, end))
            end = middle
        else:
            spans.append(Span(start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(first: int, second: int) -> list[Span]:
    """What proves that the tree of `first` leaves is the beginning of that of `second`."""
    assert 0 < first <= second, "an empty tree is the beginning of every tree"
    start, end, spans, whole = 0, second, [], True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            spans.append(Span(middle, end))
            end = middle
        else:
            spans.append(Span(start, middle))
            start, whole = middle, False
    # The verifier knows the first tree's root, and needs no other word for it.
    if not whole:
        spans.append(Span(start, end))
    return spans[::-1]


def includes(root: bytes, size: int, position: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """True when `proof` shows that a leaf with this hash stands at `position` under `root`."""
    if not 0 <= position < size:
        return False
    spans = inclusion_spans(position, size)
    if len(spans) != len(proof):
        return False
    hash_ = leaf
    for span, other in zip(spans, proof, strict=True):
        before = span.start < position
        hash_ = node_hash(other, hash_) if before else node_hash(hash_, other)
    return hash_ == root


def extends(first: tuple[int, bytes], second: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """True when `proof` shows that the second tree (size, root) only added to the first."""
    (first_size, first_root), (second_size, second_root) = first, second
    if not 0 < first_size <= second_size:
        return first_size == 0 and not proof
    spans, rest = consistency_spans(first_size, second_size), list(proof)
    if len(spans) != len(rest):
        return False
    if len(spans) == 0 or spans[0].end != first_size or spans[0].start == 0:
        # The first tree is a full subtree of the second: its root takes part itself.
        older = newer = first_root
    else:
        older = newer = rest.pop(0)
        spans = spans[1:]
    for span, other in zip(spans, rest, strict=True):
        if span.start < first_size:
            older, newer = node_hash(other, older), node_hash(other, newer)
        else:
            newer = node_hash(newer, other)
    return older == first_root and newer == second_root
