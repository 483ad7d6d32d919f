"""Reads a whole database in one snapshot and holds it against published heads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cas_server.db.session import Database, ReadSession
from cas_server.evidence import audit, completeness, queries
from cas_server.evidence.audit import Audit, Finding, Unproven
from cas_server.evidence.head import TreeHead
from cas_server.evidence.tree import Node, Span, folded, full_nodes, node_hash

AT_ONCE = 2_000
MOST_PLACES = 20

Progress = Callable[[int, int], None]
"""Called with how many leaves are done, of how many."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an audit came to. `proven` leaves stand under a signed head; `unsealed` ones do not yet.

    `newest` is the head that reaches furthest.
    """

    findings: Sequence[Finding]
    size: int
    proven: int
    unsealed: int
    newest: TreeHead | None
    only_own_heads: bool

    @property
    def is_sound(self) -> bool:
        return not self.findings


async def verify_database(
    database: Database,
    published: Sequence[TreeHead] | None,
    trusted_key: bytes | None,
    progress: Progress,
) -> Verdict:
    """Hold the journal against the published heads; with None, only against the database's own."""
    async with database.reading() as session:
        own = await queries.heads(session)
        heads, findings = _heads_to_trust(own, published, trusted_key)
        done = Audit(heads)
        await _take_leaves(session, done, progress)
        unsealed = await _take_strays(session, done)
        done.finish()
        if done.unproven is not None:
            findings += await _locate(session, done, done.unproven)
        findings += await completeness.check(session)
    return Verdict(
        findings=[*findings, *done.findings],
        size=done.size,
        proven=done.proven,
        unsealed=unsealed + max(done.pending(), 0),
        newest=max(heads, key=lambda head: head.size, default=None),
        only_own_heads=published is None,
    )


def _heads_to_trust(
    own: Sequence[TreeHead], published: Sequence[TreeHead] | None, trusted_key: bytes | None
) -> tuple[list[TreeHead], list[Finding]]:
    """Every genuine head; the published ones say which keys the database's own may bear."""
    told = [*(published or ()), *own]
    findings = audit.examine_heads(told, trusted_key)
    keys = {head.public_key for head in (own if published is None else published)}
    foreign = [head for head in own if head.public_key not in keys]
    findings += [
        Finding(
            f"head of {head.size} leaves: the database has it signed by key {head.key_id}, "
            "which has signed no published head",
            at=head.at,
        )
        for head in foreign
    ]
    trusted = [head for head in told if head.is_genuine() and head not in foreign]
    return [head for head in trusted if trusted_key in (None, head.public_key)], findings


async def _take_leaves(session: ReadSession, done: Audit, progress: Progress) -> None:
    total = await queries.size(session)
    position = 0
    while leaves := await queries.leaves(session, position, AT_ONCE):
        for leaf in leaves:
            done.take(leaf)
        position = leaves[-1].position + 1
        progress(position, total)


async def _take_strays(session: ReadSession, done: Audit) -> int:
    """How many entries are only too new to be in the tree."""
    here = await queries.cluster(session)
    return sum([done.take_stray(entry, here) for entry in await queries.strays(session)])


async def _locate(session: ReadSession, done: Audit, unproven: Unproven) -> list[Finding]:
    """Where leaves were rewritten: by the inner nodes if those are as signed, else by the heads."""
    tops = full_nodes(Span(0, unproven.head.size))
    known = await queries.nodes(session, tops)
    hashes = [known.get(node, b"") for node in tops]
    if folded(hashes) != unproven.head.root:
        return await _span_finding(session, unproven)
    suspects = [node for node in tops if done.hash_at(node) != known[node]]
    while suspects and suspects[0].level > 1:
        suspects = await _below(session, done, {node: known[node] for node in suspects}, known)
        if not suspects:
            return await _span_finding(session, unproven)
    spans = [Span(node.nth << node.level, (node.nth + 1) << node.level) for node in suspects]
    found = [await _name(session, span) for span in spans[:MOST_PLACES]]
    if len(spans) > MOST_PLACES:
        found.append(Finding(f"and {len(spans) - MOST_PLACES} more places after these"))
    return found or await _span_finding(session, unproven)


async def _below(
    session: ReadSession, done: Audit, suspects: dict[Node, bytes], known: dict[Node, bytes]
) -> list[Node]:
    """The children that differ from what was signed; empty when the nodes cannot be believed."""
    pairs = [
        (Node(node.level - 1, 2 * node.nth), Node(node.level - 1, 2 * node.nth + 1))
        for node in suspects
    ]
    known |= await queries.nodes(session, [child for pair in pairs for child in pair])
    differing = []
    for node, (left, right) in zip(suspects, pairs, strict=True):
        if node_hash(known.get(left, b""), known.get(right, b"")) != known[node]:
            return []
        differing += [child for child in (left, right) if done.hash_at(child) != known[child]]
    return differing


async def _span_finding(session: ReadSession, unproven: Unproven) -> list[Finding]:
    return [await _name(session, unproven.span)]


async def _name(session: ReadSession, span: Span) -> Finding:
    """Leaves that were rewritten, by the first of them and the time of the last."""
    what = f"leaves {span.start} to {span.end - 1} are not those that were signed"
    leaves = await queries.leaves(session, span.start, span.end - span.start)
    entries = [leaf.entry for leaf in leaves if leaf.entry and leaf.position < span.end]
    if not entries:
        return Finding(what, span.start)
    first, last = entries[0], entries[-1]
    alarms = {entry.alarm_id for entry in entries}
    alarm_id = alarms.pop() if len(alarms) == 1 else None
    between = f", written from {first.at.isoformat()} to {last.at.isoformat()}"
    numbers = f", journal entries {first.id} to {last.id}"
    return Finding(what + numbers + between, span.start, None, alarm_id, None)
