"""A superuser may do anything to the database: against published heads it comes to light."""

from pathlib import Path

import pytest

from cas_server.db.session import Database
from cas_server.evidence.chain import Chain
from tests.evidence.stage import (
    all_made_anew,
    as_superuser,
    copied,
    judged,
    leaves_made_anew,
    places,
    seal,
    write,
)

EDITS = [
    "UPDATE journal SET kind = 'alarm.never' WHERE id = {id}",
    "UPDATE journal SET at = at + interval '1 microsecond' WHERE id = {id}",
    'UPDATE journal SET payload = payload || \'{{"by": "nobody"}}\' WHERE id = {id}',
    "UPDATE journal SET actor_id = gen_random_uuid() WHERE id = {id}",
    "UPDATE journal SET alarm_id = gen_random_uuid() WHERE id = {id}",
    "UPDATE journal SET satuan_path = 'tuban/' WHERE id = {id}",
    "DELETE FROM journal WHERE id = {id}",
    "DELETE FROM journal WHERE id = {id}; DELETE FROM journal_leaf WHERE journal_id = {id}",
    "INSERT INTO journal (at, kind, payload, transaction_id) SELECT at, 'put.in', '{{}}',"
    " transaction_id FROM journal WHERE id = {id}",
    "UPDATE journal j SET kind = o.kind, payload = o.payload FROM journal o"
    " WHERE (j.id, o.id) IN (({id}, {id} + 1), ({id} + 1, {id}))",
    "DELETE FROM journal WHERE id >= {id}; DELETE FROM journal_leaf WHERE journal_id >= {id}",
]

WITH_SKILL = [EDITS[0], EDITS[7], EDITS[8], EDITS[9], EDITS[10]]


async def entry_at(database: Database, position: int) -> int:
    async with database.glance() as session:
        id_ = await session.sql.fetchval(
            "SELECT journal_id FROM journal_leaf WHERE position = $1", position
        )
    assert isinstance(id_, int)
    return id_


async def test_an_untouched_journal_is_sound_and_says_what_is_not_sealed_yet(
    database: Database, chain: Chain, heads_file: Path
) -> None:
    await seal(chain, database, 5, 9)
    await write(database, 2)
    await chain.extend()
    await write(database, 3)

    verdict = await judged(database, heads_file)

    assert verdict.findings == []
    assert (verdict.size, verdict.proven, verdict.unsealed) == (16, 14, 5)


@pytest.mark.parametrize("edit", EDITS)
async def test_a_superusers_edit_is_found(
    database: Database, chain: Chain, heads_file: Path, edit: str
) -> None:
    await seal(chain, database, 6, 7)

    await as_superuser(database, edit.format(id=await entry_at(database, 8)))

    assert not (await judged(database, heads_file)).is_sound


@pytest.mark.parametrize("edit", WITH_SKILL)
async def test_it_is_found_also_when_every_leaf_is_computed_anew(
    database: Database, chain: Chain, heads_file: Path, edit: str
) -> None:
    await seal(chain, database, 6, 7)
    await as_superuser(database, edit.format(id=await entry_at(database, 8)))

    await leaves_made_anew(database)

    assert not (await judged(database, heads_file)).is_sound


@pytest.mark.parametrize("edit", WITH_SKILL)
async def test_it_is_found_also_when_the_whole_tree_is_built_anew_and_signed_with_the_key(
    database: Database, chain: Chain, heads_file: Path, edit: str
) -> None:
    await seal(chain, database, 6, 7)
    copy = copied(heads_file)
    await as_superuser(database, edit.format(id=await entry_at(database, 8)))

    await all_made_anew(database, chain)
    await chain.publish()

    verdict = await judged(database, copy)
    assert not verdict.is_sound


async def test_an_edited_entry_is_named_by_leaf_number_time_and_alarm(
    database: Database, chain: Chain, heads_file: Path
) -> None:
    await seal(chain, database, 20, 20)
    id_ = await entry_at(database, 23)

    await as_superuser(database, EDITS[0].format(id=id_))

    [finding] = (await judged(database, heads_file)).findings
    assert (finding.position, finding.journal_id) == (23, id_)
    assert finding.at is not None


async def test_by_the_inner_nodes_a_recomputed_leaf_is_named_within_two(
    database: Database, chain: Chain, heads_file: Path
) -> None:
    await seal(chain, database, 100, 156)
    await as_superuser(database, EDITS[0].format(id=await entry_at(database, 133)))

    await leaves_made_anew(database)

    [finding] = (await judged(database, heads_file)).findings
    assert finding.what.startswith("leaves 132 to 133 ")


async def test_without_them_it_is_named_between_two_heads(
    database: Database, chain: Chain, heads_file: Path
) -> None:
    await seal(chain, database, 10, 10, 10)
    await as_superuser(database, EDITS[0].format(id=await entry_at(database, 13)))

    await all_made_anew(database, chain)

    verdict = await judged(database, heads_file)
    assert places(verdict) == [10]
    assert verdict.findings[0].what.startswith("leaves 10 to 19 ")
    assert verdict.proven == 10


async def test_the_databases_own_heads_prove_less_and_that_is_said(
    database: Database, chain: Chain
) -> None:
    await seal(chain, database, 10)

    verdict = await judged(database, None)

    assert verdict.only_own_heads
    assert verdict.is_sound


async def test_heads_of_a_key_that_was_never_published_are_not_believed(
    database: Database, chain: Chain, heads_file: Path, tmp_path: Path
) -> None:
    await seal(chain, database, 4)
    copy = copied(heads_file)
    (tmp_path / "evidence" / "key.pem").unlink()
    await as_superuser(database, "TRUNCATE tree_head")

    await seal(chain, database, 3)

    verdict = await judged(database, copy)
    assert any("no published head" in finding.what for finding in verdict.findings)
