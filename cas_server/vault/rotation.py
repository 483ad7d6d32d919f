"""New keys for old: a new data key seals everything anew, in batches that may be interrupted."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cas_server.db.session import Database, Session
from cas_server.kit.clock import utc_now
from cas_server.settings import Settings
from cas_server.vault import key_file, queries
from cas_server.vault.queries import FOUND_BY, SEALED, FoundBy, SealedColumn
from cas_server.vault.sealing import Ring, new_data_key, unwrap, wrap
from cas_server.vault.service import KeyLost, open_ring, vault_of

BATCH = 500

Progress = Callable[[str, int, int], None]
"""Which column, how many are done, how many there were."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """One data key as `cas keys status` tells it."""

    id: UUID
    purpose: str
    kek_id: str
    known: bool
    retired: bool
    sealed: int


async def status(database: Database, settings: Settings) -> list[KeyState]:
    """Every data key: what wraps it, whether that is at hand, and how much it seals."""
    known = {kek.id for kek in key_file.load(settings)}
    async with database.reading() as session:
        stored = await queries.data_keys(session.sql)
        counts: dict[UUID, int] = {}
        for column in SEALED:
            for key_id, number in (await queries.sealed_by(session.sql, column)).items():
                counts[key_id] = counts.get(key_id, 0) + number
    return [
        KeyState(
            each.key.id,
            each.key.purpose,
            each.key.kek_id,
            each.key.kek_id in known,
            each.retired,
            counts.get(each.key.id, 0),
        )
        for each in stored
    ]


async def rewrap(database: Database, settings: Settings) -> int:
    """Wrap every data key under the newest key key; how many were under an older one."""
    keks = key_file.load(settings)
    async with database.transaction() as session:
        await queries.lock(session)
        old = [
            each.key
            for each in await queries.data_keys(session.sql)
            if each.key.kek_id != keks[0].id
        ]
        opened = [(key, unwrap(key, keks)) for key in old]
        missing = [key.kek_id for key, secret in opened if secret is None]
        if missing:
            raise KeyLost(missing, key_file.where(settings))
        await queries.rewrap(
            session,
            [wrap(key.id, key.purpose, secret, keks[0]) for key, secret in opened if secret],
        )
    return len(old)


async def renew(database: Database, settings: Settings) -> None:
    """From now on seal with a new data key."""
    keks = key_file.load(settings)
    async with database.transaction() as session:
        await queries.lock(session)
        now = utc_now()
        await queries.retire(session, "seal", now)
        await queries.insert(session, [new_data_key("seal", keks[0])], now)


async def renew_lookup(database: Database, settings: Settings, progress: Progress) -> int:
    """Find people by hashes of a new key; how many there are. All of it or nothing.

    Sign-ins by number wait meanwhile, and are told to try again after some seconds; presses and
    the desk do not look anybody up by number and go on.
    """
    keks = key_file.load(settings)
    vault = vault_of(database)
    async with database.transaction() as session:
        await queries.lock(session)
        await queries.replace_lookup(session)
        now = utc_now()
        await queries.retire(session, "lookup", now)
        await queries.insert(session, [new_data_key("lookup", keks[0])], now)
        # From this session: what it has inserted is not committed yet.
        ring = open_ring(await queries.data_keys(session.sql), keks, key_file.where(settings))
        done = 0
        for column in FOUND_BY:
            done += await _rehash(session, ring, column, progress)
    await vault.refresh()
    return done


async def _rehash(session: Session, ring: Ring, column: FoundBy, progress: Progress) -> int:
    last, done = UUID(int=0), 0
    while held := await queries.some_hashed(session, column, last, BATCH):
        anew = [
            (row_id, ring.hash(column.kind, ring.open(sealed, column.of.place, row_id)))
            for row_id, sealed in held
        ]
        await queries.put_hashes(session, column, anew)
        last, done = held[-1][0], done + len(held)
        progress(f"{column.of.table}.{column.column}", done, 0)
    return done


async def reseal(database: Database, progress: Progress) -> int:
    """Seal anew whatever an older data key sealed; goes on where an interrupted one stopped."""
    ring = await vault_of(database).refresh()
    done = 0
    for column in SEALED:
        async with database.glance() as session:
            waiting = await queries.count_others(session.sql, column, ring.newest)
        last, done_here = UUID(int=0), 0
        while batch := await _reseal_some(database, ring, column, last):
            last, done_here = batch[-1], done_here + len(batch)
            progress(column.place, done_here, waiting)
        done += done_here
    return done


async def _reseal_some(
    database: Database, ring: Ring, column: SealedColumn, after: UUID
) -> list[UUID]:
    async with database.transaction() as session:
        held = await queries.some_others(session, column, ring.newest, after, BATCH)
        anew = [
            (row_id, ring.seal(ring.open(sealed, column.place, row_id), column.place, row_id))
            for row_id, sealed in held
        ]
        await queries.put_back(session, column, anew)
    return [row_id for row_id, _ in anew]
