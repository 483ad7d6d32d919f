"""The vault: one ring of open data keys for a process, kept fresh."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import structlog

from cas_server.db.bell import Bell
from cas_server.db.pool import create_pool
from cas_server.db.session import DATABASE_FAULTS, Database, ReadSession
from cas_server.kit.clock import utc_now
from cas_server.kit.ending import end_if_told
from cas_server.settings import Settings
from cas_server.vault import key_file, queries
from cas_server.vault.key_file import WHAT_IS_LOST, KeyProblem, NoKey
from cas_server.vault.queries import Stored
from cas_server.vault.sealing import KeyKey, Ring, UnknownDataKey, new_data_key, unwrap

FRESH_FOR_S = 60.0
"""After a rotation another process seals with the old key for so long: it is still read."""

log = structlog.get_logger()


class KeyLost(KeyProblem):
    """The data keys are here, but the key that wraps them is not."""

    code = "key_lost"

    def __init__(self, missing: Sequence[str], source: str) -> None:
        super().__init__(
            f"this database needs the key {', '.join(sorted(set(missing)))}, which is not in "
            f"{source}: put it back; {WHAT_IS_LOST}"
        )


class Vault:
    """Opens the data keys of one database with the key keys of this process."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._ring: Ring | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def ring(self) -> Ring:
        """The ring; read again once it is old, by one caller while the others use the old one."""
        if self._ring is None:
            async with self._reading:
                return self._ring or await self.refresh()
        if time.monotonic() - self._read_at > FRESH_FOR_S and not self._reading.locked():
            async with self._reading:
                await self._refresh_if_possible()
        return self._ring

    async def refresh(self) -> Ring:
        """Read the data keys now; make the first ones in a new database."""
        # The key file first: what is missing there is said even when the database is away.
        keks = key_file.load(self._settings)
        async with self._database.glance(from_within=True) as session:
            stored = await queries.data_keys(session.sql)
        if not stored:
            stored = await self._make_first(keks[0])
        self._ring = open_ring(stored, keks, key_file.where(self._settings))
        self._read_at = time.monotonic()
        return self._ring

    async def _refresh_if_possible(self) -> None:
        self._read_at = time.monotonic()
        try:
            await self.refresh()
        except DATABASE_FAULTS as error:
            end_if_told()
            log.warning("vault.not_refreshed", why=str(error))

    async def _make_first(self, kek: KeyKey) -> list[Stored]:
        async with self._database.transaction(from_within=True) as session:
            await queries.lock(session)
            if not await queries.data_keys(session.sql):
                keys = [new_data_key("seal", kek), new_data_key("lookup", kek)]
                await queries.insert(session, keys, utc_now())
            return await queries.data_keys(session.sql)


def open_ring(stored: Sequence[Stored], keks: Sequence[KeyKey], source: str) -> Ring:
    """Every data key in the clear; KeyLost names the key keys that are missing."""
    opened = {each.key.id: unwrap(each.key, keks) for each in stored}
    missing = [each.key.kek_id for each in stored if opened[each.key.id] is None]
    if missing:
        raise KeyLost(missing, source)
    clear = {key_id: secret for key_id, secret in opened.items() if secret is not None}
    in_use = {each.key.purpose: each.key.id for each in stored if not each.retired}
    sealing = {each.key.id: clear[each.key.id] for each in stored if each.key.purpose == "seal"}
    finds_with = in_use["lookup"]
    return Ring(sealing, in_use["seal"], (finds_with, clear[finds_with]))


def attach(database: Database, settings: Settings) -> Database:
    """The same database, whose sessions can now seal and open."""
    database.vault = Vault(database, settings)
    return database


@asynccontextmanager
async def opened(dsn: str, settings: Settings) -> AsyncIterator[Database]:
    """A database for a short while: one connection for the work, one for the vault beside it."""
    database = attach(Database(create_pool(dsn, 2), Bell(dsn)), settings)
    try:
        yield database
    finally:
        await database.close()


def vault_of(holder: Database | ReadSession) -> Vault:
    """The vault that came with a database or session."""
    if not isinstance(holder.vault, Vault):
        raise NoKey(key_file.path(Settings()))
    return holder.vault


async def ring_of(session: ReadSession) -> Ring:
    """What seals and opens in this session."""
    return await vault_of(session).ring()


async def finding_ring(session: ReadSession) -> Ring:
    """The same, and until the session ends nobody replaces the key its hashes are made with.

    Whoever hashed a number with a key that was just replaced would not find its account, and
    would make a second one.
    """
    await queries.keep_lookup(session.sql)
    in_use = await queries.lookup_in_use(session.sql)
    ring = await ring_of(session)
    return ring if ring.finds_with == in_use else await vault_of(session).refresh()


async def open_sealed(
    session: ReadSession, sealed: bytes | None, column: str, row_id: UUID
) -> str | None:
    """What a value of this place says; None when nothing was sealed."""
    if sealed is None:
        return None
    vault = vault_of(session)
    try:
        return (await vault.ring()).open(sealed, column, row_id)
    except UnknownDataKey:
        # Another process has begun to seal with a new one.
        return (await vault.refresh()).open(sealed, column, row_id)


def check(settings: Settings, dsn: str) -> None:
    """Before a process starts: NoKey, BadKey or KeyLost; a database that is away is waited for."""
    key_file.load(settings)
    asyncio.run(_check(settings, dsn))


async def _check(settings: Settings, dsn: str) -> None:
    database = Database(create_pool(dsn, 1), Bell(dsn))
    try:
        await vault_of(attach(database, settings)).refresh()
    except KeyProblem:
        raise
    except DATABASE_FAULTS as error:
        log.info("vault.not_checked_yet", why=type(error).__name__)
    finally:
        await database.close()
