"""Appends the journal to the tree behind the mark, signs heads and publishes them."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cas_server.db.bell import Bell
from cas_server.db.session import DATABASE_FAULTS, Database, Session
from cas_server.errors import CasError
from cas_server.evidence import completeness, keys, published, queries
from cas_server.evidence import head as heads
from cas_server.evidence.head import TreeHead
from cas_server.evidence.leaf import leaf_bytes
from cas_server.evidence.tree import leaf_hash
from cas_server.kit.clock import Clock
from cas_server.kit.ending import end_if_told
from cas_server.settings import Settings

AT_ONCE = 500
ROUND_S = 1.0
POLL_S = 15.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Batch:
    """How many entries were appended, and the transaction from which to look on."""

    count: int
    go_on_from: int


async def chain_batch(session: Session, from_transaction: int) -> Batch:
    """Append entries that are final and not in the tree yet, about AT_ONCE.

    Only one process does so at a time; the others do nothing. No lock that a press could meet is
    held: the journal is only read.
    """
    if not await queries.try_be_chainer(session):
        return Batch(0, from_transaction)
    entries, mark = await queries.unchained(session, from_transaction, AT_ONCE)
    if not entries:
        return Batch(0, mark)
    edge = await queries.edge(session)
    leaves, made = [], []
    for entry in entries:
        hash_ = leaf_hash(leaf_bytes(entry))
        leaves.append((edge.size, entry, hash_))
        made += edge.add(hash_)
    await queries.add(session, leaves, made)
    # Below the mark nothing can appear any more; in a full batch, below its last transaction.
    full = len(entries) >= AT_ONCE
    return Batch(len(entries), min(mark, entries[-1].transaction_id) if full else mark)


async def sign_head(session: Session, key: Ed25519PrivateKey, now: datetime) -> TreeHead | None:
    """Sign the tree as it is, if it has grown since the last head; the newest head."""
    latest = await queries.latest_head(session)
    edge = await queries.edge(session)
    if edge.size == (latest.size if latest else 0):
        return latest
    made = heads.sign(key, edge.size, edge.root(), now)
    await queries.add_head(session, made)
    return made


class Chain:
    """The journal's tree in one database, its key and its published file."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self._database = database
        self._clock = clock
        self._key_file = keys.key_file(settings)
        self._may_make_key = settings.evidence_key_file is None
        self._heads_file = keys.heads_file(settings)
        self._from_transaction = 0
        self._sealed_until: datetime | None = None

    async def extend(self) -> int:
        """Append all that is final; how many entries that was."""
        total = 0
        while True:
            async with self._database.transaction() as session:
                batch = await chain_batch(session, self._from_transaction)
            self._from_transaction = batch.go_on_from
            total += batch.count
            if batch.count < AT_ONCE:
                return total

    async def seal_records(self) -> None:
        """Write down what the records of newly closed alarms consist of."""
        now = self._clock()
        after = self._sealed_until or now - completeness.LOOKS_BACK
        async with self._database.transaction() as session:
            self._sealed_until = await completeness.seal_due(session, after, now)

    async def publish(self) -> TreeHead | None:
        """Sign a head if the tree has grown, and bring every head safely into the file."""
        key = await self._key()
        now = self._clock()
        async with self._database.transaction() as session:
            if not await queries.try_be_chainer(session):
                return None
            latest = await sign_head(session, key, now)
            waiting = await queries.unpublished(session)
        if waiting:
            # After its commit: a head in the file is always one that the database knows.
            await asyncio.to_thread(published.append, self._heads_file, waiting)
            async with self._database.transaction() as session:
                await queries.mark_published(session, [each.size for each in waiting], now)
        return latest

    async def _key(self) -> Ed25519PrivateKey:
        try:
            return await asyncio.to_thread(keys.load, self._key_file)
        except keys.KeyMissing:
            async with self._database.glance() as session:
                signed_before = await queries.latest_head(session) is not None
            if signed_before or not self._may_make_key:
                raise
        return await asyncio.to_thread(keys.make, self._key_file)


class ChainLoop:
    """Follows the journal; any number of processes may run one, and one at a time works."""

    def __init__(self, database: Database, bell: Bell, settings: Settings, clock: Clock) -> None:
        self._chain = Chain(database, settings, clock)
        self._ear = bell.ear()
        self._clock = clock
        self._every = timedelta(seconds=settings.evidence_head_every_s)

    async def run(self) -> None:
        """Chain what was written, and sign when a head is due; a fault is told and tried again."""
        due, grown = self._clock(), True
        while True:
            await self._try("records", self._chain.seal_records)
            grown = bool(await self._try("chain", self._chain.extend)) or grown
            if grown and self._clock() >= due:
                await self._try("head", self._chain.publish)
                due, grown = self._clock() + self._every, False
            # Rests between two looks, however busy it is: evidence may be a second late.
            await asyncio.sleep(ROUND_S)
            await self._ear.wait(POLL_S if not grown else (due - self._clock()).total_seconds())

    async def _try(self, what: str, act: Callable[[], Awaitable[object]]) -> object:
        try:
            return await act()
        except DATABASE_FAULTS as fault:
            end_if_told()
            # Not the words of a database fault: they may quote a row.
            why = str(fault) if isinstance(fault, CasError) else ""
            log.warning(f"evidence.{what}_failed", error=type(fault).__name__, why=why)
            return None
