"""The Merkle tree is that of RFC 6962, and its proofs prove what they should and nothing else."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from cas_server.evidence.tree import (
    EMPTY_ROOT,
    Edge,
    Node,
    Span,
    consistency_spans,
    extends,
    full_nodes,
    includes,
    inclusion_spans,
    leaf_hash,
    node_hash,
    span_hash,
)

# The root of RFC 6962's eight test leaves, as published with Certificate Transparency.
CT_LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                 "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
CT_ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def by_the_book(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(by_the_book(leaves[:split]), by_the_book(leaves[split:]))


def grown(leaves: list[bytes]) -> tuple[Edge, dict[Node, bytes]]:
    edge, known = Edge(), dict[Node, bytes]()
    for leaf in leaves:
        known[Node(0, edge.size)] = leaf_hash(leaf)
        known |= dict(edge.add(leaf_hash(leaf)))
    return edge, known


def numbered(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


def test_the_root_is_the_one_that_certificate_transparency_published() -> None:
    edge, _ = grown(CT_LEAVES)

    assert edge.root().hex() == CT_ROOT
    assert Edge().root() == EMPTY_ROOT


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_a_growing_edge_has_the_root_of_the_book(leaves: list[bytes]) -> None:
    edge, known = grown(leaves)

    assert edge.root() == by_the_book(leaves)
    assert span_hash(Span(0, len(leaves)), known) == by_the_book(leaves)


@given(st.data(), st.integers(1, 70))
def test_inclusion_is_proven_for_the_leaf_and_no_other(data: st.DataObject, size: int) -> None:
    leaves = numbered(size)
    edge, known = grown(leaves)
    position = data.draw(st.integers(0, size - 1))
    proof = [span_hash(span, known) for span in inclusion_spans(position, size)]
    leaf = leaf_hash(leaves[position])

    assert includes(edge.root(), size, position, leaf, proof)
    assert not includes(edge.root(), size, position, leaf_hash(b"forged"), proof)
    assert not includes(edge.root(), size, position + 1, leaf, proof)
    assert not includes(edge.root(), size, position, leaf, [*proof, leaf])
    if proof:
        assert not includes(edge.root(), size, position, leaf, proof[:-1])


@given(st.data(), st.integers(1, 70))
def test_consistency_is_proven_for_a_beginning_and_nothing_else(
    data: st.DataObject, second: int
) -> None:
    first = data.draw(st.integers(1, second))
    leaves = numbered(second)
    newer, known = grown(leaves)
    older, _ = grown(leaves[:first])
    other, _ = grown([b"forged", *leaves[1:first]])
    proof = [span_hash(span, known) for span in consistency_spans(first, second)]

    assert extends((first, older.root()), (second, newer.root()), proof)
    assert not extends((first, other.root()), (second, newer.root()), proof)
    assert not extends((first, older.root()), (second, other.root()), proof)
    assert not extends((first, older.root()), (second, newer.root()), [*proof, EMPTY_ROOT])


@given(st.integers(0, 500))
def test_an_edge_can_be_taken_up_again_from_what_is_kept(size: int) -> None:
    whole, known = grown(numbered(size))

    again = Edge(size, [known[node] for node in full_nodes(Span(0, size))])

    assert again.root() == whole.root()
