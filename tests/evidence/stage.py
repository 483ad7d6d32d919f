"""What tests of evidence do again and again: write, seal, and tamper as a superuser would."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from cas_server.db.session import Database
from cas_server.evidence import published
from cas_server.evidence.chain import Chain
from cas_server.evidence.leaf import leaf_bytes
from cas_server.evidence.queries import strays
from cas_server.evidence.tree import leaf_hash
from cas_server.evidence.verify import Verdict, verify_database
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id


def quiet(_done: int, _total: int) -> None:
    """Nobody looks at the progress."""


async def write(database: Database, count: int, alarm_id: UUID | None = None) -> None:
    """Entries of one transaction."""
    async with database.transaction() as session:
        events = [
            Event(f"alarm.step_{number}", alarm_id, new_id(), "bjn/kota/", {"number": number})
            for number in range(count)
        ]
        await journal.append_all(session, utc_now(), events)


async def seal(chain: Chain, database: Database, *counts: int) -> None:
    """For each number: so many entries, then a signed and published head."""
    for count in counts:
        await write(database, count)
        await chain.extend()
        await chain.publish()


async def as_superuser(database: Database, *statements: str) -> None:
    async with database.transaction() as session:
        for statement in statements:
            await session.sql.execute(statement)


async def judged(database: Database, heads: Path | None) -> Verdict:
    told = published.read(heads) if heads else None
    return await verify_database(database, told, None, quiet)


async def leaves_made_anew(database: Database) -> None:
    """A superuser who knows the code: every leaf is computed again over what now stands there."""
    async with database.transaction() as session:
        await session.sql.execute("DELETE FROM journal_leaf")
        cluster = "(SELECT system_identifier FROM pg_control_system())"
        for position, entry in enumerate(await strays(session)):
            await session.sql.execute(
                f"""INSERT INTO journal_leaf (position, journal_id, transaction_id, cluster, hash)
                    VALUES ($1, $2, $3::text::xid8, {cluster}, $4)""",  # noqa: S608 - a constant
                position, entry.id, str(entry.transaction_id), leaf_hash(leaf_bytes(entry)),
            )  # fmt: skip


async def all_made_anew(database: Database, chain: Chain) -> None:
    """The same, and inner nodes and the database's own heads with them, by the very same code."""
    await as_superuser(database, "TRUNCATE journal_leaf, tree_node, tree_head")
    again = Chain(database, chain.settings, utc_now)
    await again.extend()


def places(verdict: Verdict) -> Sequence[int | None]:
    return [finding.position for finding in verdict.findings]


def copied(heads: Path) -> Path:
    """The published file as somebody else keeps it."""
    copy = heads.with_name("kept-elsewhere.jsonl")
    copy.write_bytes(heads.read_bytes())
    return copy


def torn(heads: Path) -> None:
    """A power cut in the middle of a line."""
    heads.write_text(heads.read_text() + '{"size": 4, "ro')
