"""Pure: holds the journal against signed heads and says what was tampered with, and where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cas_server.evidence.head import TreeHead
from cas_server.evidence.leaf import Written, leaf_bytes
from cas_server.evidence.tree import Edge, Node, Span, leaf_hash, node_hash

HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was signed; what is None could not be told."""

    what: str
    position: int | None = None
    journal_id: int | None = None
    alarm_id: UUID | None = None
    at: datetime | None = None

    def __str__(self) -> str:
        place = (
            ("leaf", self.position),
            ("journal entry", self.journal_id),
            ("alarm", self.alarm_id),
            ("time", self.at.isoformat() if self.at else None),
        )
        where = ", ".join(f"{name} {value}" for name, value in place if value is not None)
        return f"{self.what} ({where})" if where else self.what


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf as the database shows it; `entry` is None when the journal has it no more."""

    position: int
    journal_id: int
    cluster: int
    hash: bytes
    entry: Written | None


@dataclass(frozen=True, slots=True)
class Unproven:
    """The first head that the tree does not lead to: something in this span was changed."""

    span: Span
    head: TreeHead


def about(what: str, leaf: Leaf) -> Finding:
    """A finding at a leaf, as exactly as it can be told."""
    entry = leaf.entry
    if entry is None:
        return Finding(what, leaf.position, leaf.journal_id)
    return Finding(what, leaf.position, entry.id, entry.alarm_id, entry.at)


def examine_heads(heads: Sequence[TreeHead], trusted_key: bytes | None) -> list[Finding]:
    """What is wrong with the heads themselves; `trusted_key` None trusts every key among them."""
    findings, roots = [], dict[int, bytes]()
    for head in heads:
        if not head.is_genuine():
            findings.append(_of_head("the signature is wrong", head))
        elif trusted_key is not None and head.public_key != trusted_key:
            findings.append(_of_head(f"signed by another key, {head.key_id}", head))
        elif roots.setdefault(head.size, head.root) != head.root:
            findings.append(_of_head("there are two different signed heads of this size", head))
    return findings


def _of_head(what: str, head: TreeHead) -> Finding:
    return Finding(f"head of {head.size} leaves: {what}", at=head.at)


class Audit:
    """Takes the leaves in their order, then tells what it found; keeps 32 bytes of each."""

    def __init__(self, heads: Iterable[TreeHead]) -> None:
        self.findings: list[Finding] = []
        self.unproven: Unproven | None = None
        self.proven = 0
        self._heads = sorted(heads, key=lambda head: head.size)
        self._due = 0
        self._edge = Edge()
        self._hashes = bytearray()
        self._gap = False
        self._last: Leaf | None = None
        # The newest entry that is as it was sealed: only such a one may accuse another.
        self._sound: tuple[int, Written] | None = None
        self._after_head = False
        self._highest_id = 0

    @property
    def size(self) -> int:
        """How many leaves there are, as far as they were taken."""
        return self._last.position + 1 if self._last else 0

    def take(self, leaf: Leaf) -> None:
        """The next leaf: its place, its entry, its order, and the heads that end with it."""
        self._check_place(leaf)
        self._check_entry(leaf)
        self._last = leaf
        self._highest_id = max(self._highest_id, leaf.journal_id)
        self._hashes += leaf.hash[:HASH_BYTES].ljust(HASH_BYTES, b"\0")
        if not self._gap and self.unproven is None:
            self._edge.add(leaf.hash)
            self._check_heads()

    def take_stray(self, entry: Written, cluster: int) -> bool:
        """An entry in no tree: True when it is only new, False when it was put in behind the mark.

        Transaction numbers begin anew in a restored database, so there the number alone says
        nothing.
        """
        if self._sound is None:
            return True
        its_cluster, last = self._sound
        # A transaction is chained whole or not at all.
        behind = entry.transaction_id <= last.transaction_id
        if not behind or (cluster != its_cluster and entry.id > self._highest_id):
            return True
        what = "an entry was put in among entries that were sealed before it"
        self.findings.append(Finding(what, None, entry.id, entry.alarm_id, entry.at))
        return False

    def finish(self) -> None:
        """All leaves were taken: are there heads of a larger tree?"""
        beyond = [head for head in self._heads if head.size > self.size]
        if beyond:
            largest = beyond[-1]
            what = (
                f"the end was cut off: {largest.size} leaves were signed on "
                f"{largest.at.isoformat()}, {self.size} are left; the last one left is named"
            )
            last = self._last
            self.findings.append(about(what, last) if last else Finding(what))

    def pending(self) -> int:
        """How many leaves at the end no head covers yet."""
        return self.size - (self._heads[-1].size if self._heads else 0)

    def hash_at(self, node: Node) -> bytes:
        """The hash of a full subtree over the leaves that were taken."""
        if node.level == 0:
            start = node.nth * HASH_BYTES
            return bytes(self._hashes[start : start + HASH_BYTES])
        below = (Node(node.level - 1, 2 * node.nth + side) for side in (0, 1))
        return node_hash(*(self.hash_at(child) for child in below))

    def _check_place(self, leaf: Leaf) -> None:
        if leaf.position == self.size:
            return
        self._gap = True
        lost = leaf.position - self.size
        what = f"{lost} leaves before this one are gone" if lost > 0 else "a leaf stands twice"
        self.findings.append(about(what, leaf))

    def _check_entry(self, leaf: Leaf) -> None:
        if leaf.entry is None:
            after = self._last.entry if self._last else None
            found = about("the entry was deleted; its leaf is still there", leaf)
            # All that is left to tell: it was written about when its neighbour was.
            self.findings.append(Finding(found.what, found.position, found.journal_id, None,
                                         after.at if after else None))  # fmt: skip
        elif leaf_hash(leaf_bytes(leaf.entry)) != leaf.hash:
            self.findings.append(about("the entry is not the one that was sealed", leaf))
        else:
            if self._is_behind(leaf.entry, leaf.cluster):
                self.findings.append(about("an entry was put in behind the mark, or moved", leaf))
            self._sound = (leaf.cluster, leaf.entry)

    def _is_behind(self, entry: Written, cluster: int) -> bool:
        if self._sound is None or self._sound[0] != cluster:
            return False
        _, before = self._sound
        if self._after_head:
            # A head is signed between two transactions, never in the midst of one.
            return entry.transaction_id <= before.transaction_id
        return (entry.transaction_id, entry.id) <= (before.transaction_id, before.id)

    def _check_heads(self) -> None:
        self._after_head = False
        while self._due < len(self._heads) and self._heads[self._due].size <= self._edge.size:
            head = self._heads[self._due]
            self._due += 1
            if head.size == self._edge.size and head.root != self._edge.root():
                self.unproven = Unproven(Span(self.proven, head.size), head)
                return
            self.proven = head.size
            self._after_head = head.size == self._edge.size
