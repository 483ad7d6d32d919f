"""SQL of the tree over the journal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from cas_server.db.session import ReadSession, Session
from cas_server.evidence.audit import Leaf
from cas_server.evidence.head import TreeHead
from cas_server.evidence.leaf import Written
from cas_server.evidence.tree import Edge, Node, Span, full_nodes

# Nothing else takes this lock, so nothing but another chainer ever waits or is refused.
_ONE_CHAINER = "SELECT pg_try_advisory_xact_lock(4202)"

# Whole transactions only: so none is ever half under a head.
# A number not yet given out in this cluster was written in another one: final as well.
_UNCHAINED = """
WITH seen AS MATERIALIZED (
    SELECT pg_snapshot_xmin(pg_current_snapshot()) AS mark,
           pg_snapshot_xmax(pg_current_snapshot()) AS coming
)
SELECT j.id, j.transaction_id::text::bigint AS transaction_id, j.at, j.kind, j.alarm_id, j.actor_id,
       j.satuan_path, j.payload::text, mark::text::bigint AS mark
FROM seen LEFT JOIN LATERAL (
    SELECT * FROM journal
    WHERE transaction_id >= $1::text::xid8
      AND (transaction_id < seen.mark OR transaction_id >= seen.coming)
      AND NOT EXISTS (SELECT FROM journal_leaf l WHERE l.journal_id = journal.id)
    ORDER BY transaction_id FETCH FIRST $2 ROWS WITH TIES
) j ON true
ORDER BY j.transaction_id, j.id
"""

_SIZE = "SELECT coalesce(max(position) + 1, 0) FROM journal_leaf"

_NODES = """
SELECT 0 AS level, position AS index, hash FROM journal_leaf
WHERE position = ANY($1::bigint[])
UNION ALL
SELECT n.level, n.index, n.hash
FROM unnest($2::smallint[], $3::bigint[]) AS wanted (level, index)
JOIN tree_node n USING (level, index)
"""

_ADD_LEAVES = """
INSERT INTO journal_leaf (position, journal_id, transaction_id, cluster, hash)
SELECT position, journal_id, transaction_id::text::xid8, system_identifier, hash
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[])
     AS leaf (position, journal_id, transaction_id, hash), pg_control_system()
"""

_ADD_NODES = """
INSERT INTO tree_node (level, index, hash)
SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])
"""

_HEAD_COLUMNS = "size, root, at, public_key, signature"
_ADD_HEAD = f"""
INSERT INTO tree_head ({_HEAD_COLUMNS}) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""  # noqa: S608 - only the column names above are put in
_LATEST = f"SELECT {_HEAD_COLUMNS} FROM tree_head ORDER BY size DESC LIMIT 1"  # noqa: S608 - as above
_HEADS = f"""
SELECT {_HEAD_COLUMNS} FROM tree_head WHERE size > $1 ORDER BY size LIMIT $2
"""  # noqa: S608 - as above
_UNPUBLISHED = f"""
SELECT {_HEAD_COLUMNS} FROM tree_head WHERE published_at IS NULL ORDER BY size
"""  # noqa: S608 - as above
_PUBLISHED = "UPDATE tree_head SET published_at = $2 WHERE size = ANY($1::bigint[])"

_WRITTEN = """
SELECT l.position, l.journal_id, l.transaction_id::text::bigint AS leaf_transaction_id, l.cluster,
       l.hash, j.id, j.transaction_id::text::bigint AS transaction_id, j.at, j.kind, j.alarm_id,
       j.actor_id, j.satuan_path, j.payload::text
FROM journal_leaf l LEFT JOIN journal j ON j.id = l.journal_id
WHERE l.position >= $1 ORDER BY l.position LIMIT $2
"""
_OF_ALARM = """
SELECT l.position, l.journal_id, l.transaction_id::text::bigint AS leaf_transaction_id, l.cluster,
       l.hash, j.id, j.transaction_id::text::bigint AS transaction_id, j.at, j.kind, j.alarm_id,
       j.actor_id, j.satuan_path, j.payload::text
FROM journal j JOIN journal_leaf l ON l.journal_id = j.id
WHERE j.alarm_id = $1 ORDER BY l.position
"""

_UNCHAINED_OF = """
SELECT count(*) FROM journal j WHERE alarm_id = $1
  AND NOT EXISTS (SELECT FROM journal_leaf l WHERE l.journal_id = j.id)
"""

_STRAY = """
SELECT j.id, j.transaction_id::text::bigint AS transaction_id, j.at, j.kind, j.alarm_id, j.actor_id,
       j.satuan_path, j.payload::text
FROM journal j WHERE NOT EXISTS (SELECT FROM journal_leaf l WHERE l.journal_id = j.id)
ORDER BY j.transaction_id, j.id
"""


async def try_be_chainer(session: Session) -> bool:
    """True for one at a time, until this transaction ends; nobody ever waits."""
    return bool(await session.sql.fetchval(_ONE_CHAINER))


async def unchained(
    session: ReadSession, from_transaction: int, most: int
) -> tuple[list[Written], int]:
    """Final entries that are in no tree yet, and the mark they lie below.

    About `most` of them, for a transaction is never divided.
    """
    rows = await session.sql.fetch(_UNCHAINED, str(from_transaction), most)
    return [_written(row) for row in rows if row["id"] is not None], int(rows[0]["mark"])


async def size(session: ReadSession) -> int:
    """How many leaves the tree has."""
    return int(await session.sql.fetchval(_SIZE))


async def edge(session: ReadSession) -> Edge:
    """The right edge of the tree as it is."""
    count = await size(session)
    wanted = full_nodes(Span(0, count))
    known = await nodes(session, wanted)
    return Edge(count, [known[node] for node in wanted])


async def nodes(session: ReadSession, wanted: Sequence[Node]) -> dict[Node, bytes]:
    """The hashes of full subtrees; what is not there is left out."""
    inner = [node for node in wanted if node.level > 0]
    rows = await session.sql.fetch(
        _NODES,
        [node.nth for node in wanted if node.level == 0],
        [node.level for node in inner],
        [node.nth for node in inner],
    )
    return {Node(row["level"], row["index"]): row["hash"] for row in rows}


async def add(
    session: Session,
    placed: Sequence[tuple[int, Written, bytes]],
    made: Sequence[tuple[Node, bytes]],
) -> None:
    """Append leaves (position, entry, hash) and the inner nodes that became full."""
    await session.sql.execute(
        _ADD_LEAVES,
        [position for position, _, _ in placed],
        [entry.id for _, entry, _ in placed],
        [entry.transaction_id for _, entry, _ in placed],
        [hash_ for _, _, hash_ in placed],
    )
    await session.sql.execute(
        _ADD_NODES,
        [node.level for node, _ in made],
        [node.nth for node, _ in made],
        [hash_ for _, hash_ in made],
    )


async def add_head(session: Session, head: TreeHead) -> None:
    await session.sql.execute(
        _ADD_HEAD, head.size, head.root, head.at, head.public_key, head.signature
    )


async def latest_head(session: ReadSession) -> TreeHead | None:
    """The head of the largest tree, or None before the first."""
    row = await session.sql.fetchrow(_LATEST)
    return _head(row) if row else None


async def heads(session: ReadSession, above: int = 0, most: int | None = None) -> list[TreeHead]:
    """Heads of trees with more than `above` leaves, the smallest first."""
    return [_head(row) for row in await session.sql.fetch(_HEADS, above, most)]


async def unpublished(session: ReadSession) -> list[TreeHead]:
    """Heads that were signed but are not yet known to be in the published file."""
    return [_head(row) for row in await session.sql.fetch(_UNPUBLISHED)]


async def mark_published(session: Session, sizes: Sequence[int], now: datetime) -> None:
    await session.sql.execute(_PUBLISHED, list(sizes), now)


async def leaves(session: ReadSession, position: int, most: int) -> list[Leaf]:
    """Leaves from `position` on, with their entries."""
    return [_leaf(row) for row in await session.sql.fetch(_WRITTEN, position, most)]


async def of_alarm(session: ReadSession, alarm_id: UUID) -> list[Leaf]:
    """The leaves of one alarm's entries, in the order of the tree."""
    return [_leaf(row) for row in await session.sql.fetch(_OF_ALARM, alarm_id)]


async def strays(session: ReadSession) -> list[Written]:
    """Entries that stand in no tree: the newest ones, and any that were put in by hand."""
    return [_written(row) for row in await session.sql.fetch(_STRAY, timeout=None)]


def _written(row: Any) -> Written:
    return Written(
        id=row["id"],
        transaction_id=row["transaction_id"],
        at=row["at"],
        kind=row["kind"],
        alarm_id=row["alarm_id"],
        actor_id=row["actor_id"],
        satuan_path=row["satuan_path"],
        payload=row["payload"],
    )


def _leaf(row: Any) -> Leaf:
    return Leaf(
        position=row["position"],
        journal_id=row["journal_id"],
        cluster=row["cluster"],
        hash=row["hash"],
        entry=_written(row) if row["id"] is not None else None,
    )


def _head(row: Any) -> TreeHead:
    return TreeHead(row["size"], row["root"], row["at"], row["public_key"], row["signature"])


async def cluster(session: ReadSession) -> int:
    """Which PostgreSQL this is: its system identifier."""
    return int(await session.sql.fetchval("SELECT system_identifier FROM pg_control_system()"))


async def unchained_of(session: ReadSession, alarm_id: UUID) -> int:
    """How many entries of an alarm are in no tree yet."""
    return int(await session.sql.fetchval(_UNCHAINED_OF, alarm_id))
