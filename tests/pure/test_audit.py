"""Whatever is done to the sealed journal is found; what nobody touched is never accused."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from cas_server.evidence.audit import Audit, Finding, Leaf, examine_heads
from cas_server.evidence.head import TreeHead, line, of_lines, sign
from cas_server.evidence.leaf import Written, leaf_bytes
from cas_server.evidence.tree import Edge, leaf_hash
from cas_server.kit.ids import new_id

START = datetime(2026, 8, 17, 3, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
ALARMS = [new_id() for _ in range(3)]
HERE = 7


@dataclass
class Sealed:
    """A journal as its leaves show it, and the heads that were published."""

    leaves: list[Leaf]
    heads: list[TreeHead] = field(default_factory=list)

    def findings(self) -> list[Finding]:
        audit = Audit(self.heads)
        for leaf in self.leaves:
            audit.take(leaf)
        audit.finish()
        found = [*examine_heads(self.heads, None), *audit.findings]
        return [*found, Finding("unproven")] if audit.unproven else found


def entry(number: int, transaction: int) -> Written:
    return Written(
        id=number,
        transaction_id=transaction,
        at=START + timedelta(seconds=number, microseconds=number),
        kind="alarm.raised",
        alarm_id=ALARMS[number % 3] if number % 4 else None,
        actor_id=None,
        satuan_path="bjn/kota/",
        payload=f'{{"number": {number}, "é": [1.10, null, "\\"kutip\\""]}}',
    )


def leaf_of(position: int, written: Written) -> Leaf:
    return Leaf(position, written.id, HERE, leaf_hash(leaf_bytes(written)), written)


@st.composite
def journals(draw: st.DrawFn) -> Sealed:
    count = draw(st.integers(2, 40))
    steps = draw(st.lists(st.integers(0, 2), min_size=count, max_size=count))
    leaves, transaction = [], 100
    for number, step in enumerate(steps):
        transaction += step
        leaves.append(leaf_of(number, entry(number + 1, transaction)))
    # Heads are signed between transactions, never in the midst of one.
    between = [size for size in range(1, count) if steps[size]]
    sizes = draw(st.sets(st.sampled_from(between), max_size=4)) if between else set()
    sizes |= {count}
    heads, edge = [], Edge()
    for leaf in leaves:
        edge.add(leaf.hash)
        if edge.size in sizes:
            heads.append(sign(KEY, edge.size, edge.root(), START))
    return Sealed(leaves, heads)


def renumbered(entries: list[Written]) -> list[Leaf]:
    """What a superuser makes who knows how leaves are computed."""
    return [leaf_of(position, written) for position, written in enumerate(entries)]


def entries_of(sealed: Sealed) -> list[Written]:
    return [leaf.entry for leaf in sealed.leaves if leaf.entry]


CHANGES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"kind": "alarm.closed"},
        {"at": START - timedelta(days=1)},
        {"alarm_id": new_id()},
        {"actor_id": new_id()},
        {"satuan_path": None},
        {"payload": '{"number": 1, "é": [1.1, null]}'},
        {"payload": "{}"},
        {"transaction_id": 99},
        {"id": 1_000},
    ]
)


@given(journals())
def test_an_untouched_journal_is_never_accused(sealed: Sealed) -> None:
    assert sealed.findings() == []


@given(journals(), st.data())
def test_a_changed_entry_is_found_and_named(sealed: Sealed, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(sealed.leaves) - 1))
    leaf = sealed.leaves[at]
    assert leaf.entry is not None
    sealed.leaves[at] = replace(leaf, entry=replace(leaf.entry, **data.draw(CHANGES)))

    [finding] = sealed.findings()

    assert finding.position == at


@given(journals(), st.data())
def test_a_changed_entry_with_its_leaf_made_anew_is_found(
    sealed: Sealed, data: st.DataObject
) -> None:
    entries = entries_of(sealed)
    at = data.draw(st.integers(0, len(entries) - 1))
    entries[at] = replace(entries[at], **data.draw(CHANGES))
    sealed.leaves = renumbered(entries)

    assert sealed.findings()


@given(journals(), st.data())
def test_a_deleted_entry_is_found_and_named(sealed: Sealed, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(sealed.leaves) - 1))
    sealed.leaves[at] = replace(sealed.leaves[at], entry=None)

    [finding] = sealed.findings()

    assert (finding.position, finding.journal_id) == (at, at + 1)


@given(journals(), st.data())
def test_entries_deleted_together_with_their_leaves_are_found(
    sealed: Sealed, data: st.DataObject
) -> None:
    gone = data.draw(st.sets(st.integers(0, len(sealed.leaves) - 1), min_size=1))
    left = [leaf for leaf in sealed.leaves if leaf.position not in gone]

    plain = Sealed(left, sealed.heads).findings()
    skilled = Sealed(renumbered([leaf.entry for leaf in left if leaf.entry]), sealed.heads)

    assert plain
    assert skilled.findings()


@given(journals(), st.data())
def test_an_entry_put_in_is_found(sealed: Sealed, data: st.DataObject) -> None:
    entries = entries_of(sealed)
    at = data.draw(st.integers(0, len(entries) - 1))
    entries.insert(at, entry(500, entries[at].transaction_id))

    assert Sealed(renumbered(entries), sealed.heads).findings()


@given(journals(), st.data())
def test_two_entries_that_changed_places_are_found(sealed: Sealed, data: st.DataObject) -> None:
    one, other = sorted(data.draw(st.sets(st.integers(0, len(sealed.leaves) - 1), min_size=2,
                                          max_size=2)))  # fmt: skip
    entries = entries_of(sealed)
    entries[one], entries[other] = entries[other], entries[one]

    assert Sealed(renumbered(entries), sealed.heads).findings()


@given(journals(), st.data())
def test_a_cut_off_end_is_found_also_when_other_entries_grew_over_it(
    sealed: Sealed, data: st.DataObject
) -> None:
    kept = data.draw(st.integers(0, len(sealed.leaves) - 1))
    entries = entries_of(sealed)[:kept]
    regrown = [entry(900 + number, 900 + number) for number in range(60 - kept)]

    cut = Sealed(sealed.leaves[:kept], sealed.heads).findings()

    assert any("cut off" in finding.what for finding in cut)
    assert Sealed(renumbered([*entries, *regrown]), sealed.heads).findings()


@given(journals())
def test_an_entry_among_older_transactions_is_no_newcomer(sealed: Sealed) -> None:
    audit = Audit(sealed.heads)
    for leaf in sealed.leaves:
        audit.take(leaf)
    newest = entries_of(sealed)[-1].transaction_id

    assert audit.take_stray(entry(700, newest + 1), HERE)
    assert not audit.take_stray(entry(700, newest), HERE)
    assert audit.take_stray(entry(700, 3), HERE + 1)  # another cluster counts anew
    assert not audit.take_stray(entry(700, 50), HERE)


def test_heads_that_contradict_each_other_or_are_forged_are_found() -> None:
    honest, rival = sign(KEY, 5, b"a" * 32, START), sign(KEY, 5, b"b" * 32, START)
    forged = replace(honest, size=6)
    stranger = sign(Ed25519PrivateKey.generate(), 7, b"a" * 32, START)

    assert examine_heads([honest, honest], honest.public_key) == []
    assert len(examine_heads([honest, rival], None)) == 1
    assert len(examine_heads([forged], None)) == 1
    assert len(examine_heads([stranger], honest.public_key)) == 1


def test_a_published_line_reads_back_and_half_a_line_is_skipped() -> None:
    head = sign(KEY, 5, b"a" * 32, START)

    heads, unreadable = of_lines([line(head), line(head)[:50], "", line(head)])

    assert (heads, unreadable) == ([head, head], [2])
    assert heads[0].is_genuine()


def test_the_bytes_of_a_leaf_are_as_documented() -> None:
    assert leaf_bytes(entry(1, 5)).decode() == (
        '{"v":1,"id":1,"transaction_id":5,"at":"2026-08-17T03:00:01.000001Z",'
        f'"kind":"alarm.raised","alarm_id":"{ALARMS[1]}","actor_id":null,'
        '"satuan_path":"bjn/kota/","payload":{"number":1,"é":[1.10,null,"\\"kutip\\""]}}'
    )
