"""The journal is chained behind the mark, by one at a time, and heads reach the file for good."""

import asyncio
import stat
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from cas_server.db.session import Database
from cas_server.evidence import published, queries
from cas_server.evidence.chain import AT_ONCE, Chain
from cas_server.evidence.keys import KeyMissing, KeyUnusable
from cas_server.kit.clock import utc_now
from cas_server.settings import Settings
from tests.evidence.stage import as_superuser, judged, seal, torn, write


async def test_every_entry_gets_its_leaf_in_the_order_of_transactions(
    database: Database, chain: Chain
) -> None:
    await write(database, 3)
    await write(database, AT_ONCE + 5)

    counts = [await chain.extend(), await chain.extend()]

    async with database.reading() as session:
        leaves = await queries.leaves(session, 0, 2 * AT_ONCE)
    assert counts == [AT_ONCE + 8, 0]
    assert [leaf.position for leaf in leaves] == list(range(AT_ONCE + 8))
    assert [leaf.journal_id for leaf in leaves] == sorted(leaf.journal_id for leaf in leaves)


async def test_an_entry_that_commits_late_waits_for_nobody_and_is_not_missed(
    database: Database, chain: Chain
) -> None:
    async with AsyncExitStack() as slow:
        session = await slow.enter_async_context(database.transaction())
        await session.sql.execute(
            "INSERT INTO journal (at, kind, payload) VALUES (now(), 'a', '{}')"
        )
        await write(database, 2)
        held_back = await chain.extend()

    after = await chain.extend()

    assert (held_back, after) == (0, 3)


async def test_two_workers_chain_every_entry_once(database: Database, settings: Settings) -> None:
    workers = [Chain(database, settings, utc_now) for _ in range(3)]
    for _ in range(5):
        await write(database, 40)
        await asyncio.gather(*(worker.extend() for worker in workers))
    await workers[0].extend()

    async with database.reading() as session:
        size = await queries.size(session)
    assert size == 200


async def test_a_head_is_signed_only_when_the_tree_has_grown(
    database: Database, chain: Chain, heads_file: Path
) -> None:
    await seal(chain, database, 3, 2)
    again = await chain.publish()

    heads = published.read(heads_file)
    assert [head.size for head in heads] == [3, 5]
    assert again == heads[-1]
    assert all(head.is_genuine() for head in heads)


async def test_a_head_that_a_power_cut_kept_from_the_file_is_published_later(
    database: Database, chain: Chain, heads_file: Path
) -> None:
    await seal(chain, database, 3)
    torn(heads_file)
    await as_superuser(database, "UPDATE tree_head SET published_at = NULL")

    await chain.publish()

    assert [head.size for head in published.read(heads_file)] == [3, 3]


async def test_the_key_is_made_once_and_only_for_its_owner(
    database: Database, chain: Chain, tmp_path: Path
) -> None:
    await seal(chain, database, 1)
    key = tmp_path / "evidence" / "key.pem"

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.chmod(0o644)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        await seal(chain, database, 1)


async def test_a_lost_key_is_told_and_never_replaced_unasked(
    database: Database, chain: Chain, tmp_path: Path, heads_file: Path
) -> None:
    await seal(chain, database, 2)
    (tmp_path / "evidence" / "key.pem").unlink()

    with pytest.raises(KeyMissing, match="cas audit key --make"):
        await seal(chain, database, 2)

    # The journal is chained all the same: only the signature waits.
    verdict = await judged(database, heads_file)
    assert (verdict.is_sound, verdict.size, verdict.proven) == (True, 4, 2)


async def test_a_key_that_the_settings_name_must_be_there(
    database: Database, tmp_path: Path
) -> None:
    named = Settings(state_dir=tmp_path, evidence_key_file=tmp_path / "no.pem")

    with pytest.raises(KeyMissing, match=r"no\.pem"):
        await seal(Chain(database, named, utc_now), database, 1)
