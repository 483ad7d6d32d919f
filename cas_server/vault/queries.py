"""SQL of data keys, and of whatever they seal."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cas_server.db.pool import Connection
from cas_server.db.session import Session
from cas_server.vault.sealing import WrappedKey

_LOCK = "SELECT pg_advisory_xact_lock(35220002)"
_ALL = "SELECT id, purpose, wrapped, kek_id, retired_at FROM data_key ORDER BY created_at, id"
_INSERT = """
INSERT INTO data_key (id, purpose, wrapped, kek_id, created_at) VALUES ($1, $2, $3, $4, $5)
"""
_RETIRE = "UPDATE data_key SET retired_at = $2 WHERE purpose = $1 AND retired_at IS NULL"
_KEEP_LOOKUP = "SELECT pg_advisory_xact_lock_shared(35220003)"
_REPLACE_LOOKUP = "SELECT pg_advisory_xact_lock(35220003)"
_LOOKUP_IN_USE = "SELECT id FROM data_key WHERE purpose = 'lookup' AND retired_at IS NULL"
_REWRAP = "UPDATE data_key SET wrapped = $2, kek_id = $3 WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Stored:
    """A data key and whether it still seals."""

    key: WrappedKey
    retired: bool


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values, and what their place is called."""

    table: str
    column: str
    place: str
    row_id: str = "id"


SEALED = (
    SealedColumn("account", "name_sealed", "account.name"),
    SealedColumn("account", "phone_sealed", "account.phone"),
    SealedColumn("masyarakat", "name_sealed", "masyarakat.name"),
    SealedColumn("masyarakat", "phone_sealed", "masyarakat.phone"),
    SealedColumn("one_time_code", "phone_sealed", "one_time_code.phone"),
    SealedColumn("alarm", "reporter_name_sealed", "alarm.reporter_name"),
    SealedColumn("alarm", "reporter_phone_sealed", "alarm.reporter_phone"),
    SealedColumn("folded_press", "phone_sealed", "folded_press.phone"),
    SealedColumn("site", "contacts_sealed", "site.contacts"),
    SealedColumn("totp", "secret_sealed", "totp.secret", "account_id"),
    SealedColumn("totp", "pending_sealed", "totp.secret", "account_id"),
)
"""Every sealed column there is, whichever slice it belongs to: rotation must forget none."""


@dataclass(frozen=True, slots=True)
class FoundBy:
    """A column of keyed hashes: what they find, and the sealed column they are made of."""

    kind: str
    column: str
    of: SealedColumn


FOUND_BY = tuple(
    FoundBy("phone", "phone_hash", each)
    for each in SEALED
    if each.place in {"account.phone", "masyarakat.phone", "one_time_code.phone"}
)
"""Every column of keyed hashes there is: a new lookup key must forget none."""


async def data_keys(sql: Connection) -> list[Stored]:
    """Every data key, the oldest first."""
    return [
        Stored(
            WrappedKey(row["id"], row["purpose"], row["wrapped"], row["kek_id"]),
            row["retired_at"] is not None,
        )
        for row in await sql.fetch(_ALL)
    ]


async def lock(session: Session) -> None:
    """One at a time makes or changes data keys, until the commit."""
    await session.sql.execute(_LOCK)


async def insert(session: Session, keys: Iterable[WrappedKey], now: datetime) -> None:
    rows = [(key.id, key.purpose, key.wrapped, key.kek_id, now) for key in keys]
    await session.sql.executemany(_INSERT, rows)


async def retire(session: Session, purpose: str, now: datetime) -> None:
    """The key in use seals no more."""
    await session.sql.execute(_RETIRE, purpose, now)


async def rewrap(session: Session, keys: Iterable[WrappedKey]) -> None:
    rows = [(key.id, key.wrapped, key.kek_id) for key in keys]
    await session.sql.executemany(_REWRAP, rows)


async def count_others(sql: Connection, column: SealedColumn, key_id: UUID) -> int:
    """How many values of a column another key sealed."""
    statement = f"""SELECT count(*) FROM {column.table}
        WHERE {column.column} IS NOT NULL AND substring({column.column} FROM 2 FOR 16) <> $1"""  # noqa: S608 - from SEALED
    count: int = await sql.fetchval(statement, key_id.bytes)
    return count


async def keep_lookup(sql: Connection) -> None:
    """Until the transaction ends the lookup key is not replaced; waits while it is."""
    await sql.execute(_KEEP_LOOKUP)


async def replace_lookup(session: Session) -> None:
    """Until the commit nobody finds anybody by a number."""
    await session.sql.execute(_REPLACE_LOOKUP)


async def lookup_in_use(sql: Connection) -> UUID | None:
    """None in a database that has no keys yet."""
    found: UUID | None = await sql.fetchval(_LOOKUP_IN_USE)
    return found


async def some_hashed(
    session: Session, found_by: FoundBy, after: UUID, most: int
) -> list[tuple[UUID, bytes]]:
    """The next rows by id that are found by a hash, each with the sealed value it is made of."""
    statement = f"""SELECT id, {found_by.of.column} AS sealed FROM {found_by.of.table}
        WHERE {found_by.column} IS NOT NULL AND {found_by.of.column} IS NOT NULL AND id > $1
        ORDER BY id LIMIT $2"""  # noqa: S608 - from SEALED
    return [(row["id"], row["sealed"]) for row in await session.sql.fetch(statement, after, most)]


async def put_hashes(
    session: Session, found_by: FoundBy, values: Sequence[tuple[UUID, bytes]]
) -> None:
    """Store hashes that were made anew."""
    column = SealedColumn(found_by.of.table, found_by.column, found_by.of.place)
    await put_back(session, column, values)


async def sealed_by(sql: Connection, column: SealedColumn) -> dict[UUID, int]:
    """How many values of a column each data key sealed."""
    statement = f"""SELECT substring({column.column} FROM 2 FOR 16) AS key, count(*) AS number
        FROM {column.table} WHERE {column.column} IS NOT NULL GROUP BY 1"""  # noqa: S608 - from SEALED
    return {UUID(bytes=row["key"]): row["number"] for row in await sql.fetch(statement)}


async def some_others(
    session: Session, column: SealedColumn, key_id: UUID, after: UUID, most: int
) -> list[tuple[UUID, bytes]]:
    """The next values of a column, by id, that another key sealed; held until the commit."""
    row_id = column.row_id
    statement = f"""SELECT {row_id} AS row_id, {column.column} AS sealed FROM {column.table}
        WHERE {column.column} IS NOT NULL AND substring({column.column} FROM 2 FOR 16) <> $1
          AND {row_id} > $2 ORDER BY {row_id} LIMIT $3 FOR UPDATE"""  # noqa: S608 - from SEALED
    rows = await session.sql.fetch(statement, key_id.bytes, after, most)
    return [(row["row_id"], row["sealed"]) for row in rows]


async def put_back(
    session: Session, column: SealedColumn, values: Sequence[tuple[UUID, bytes]]
) -> None:
    """Store values that were sealed anew."""
    statement = f"""UPDATE {column.table} t SET {column.column} = n.sealed
        FROM unnest($1::uuid[], $2::bytea[]) AS n (id, sealed)
        WHERE t.{column.row_id} = n.id"""  # noqa: S608 - from SEALED
    await session.sql.execute(statement, [each[0] for each in values], [each[1] for each in values])
