"""What stands beside the journal is sealed, too: later edits are found, the law's are known."""

from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from cas_server.db.session import Database
from cas_server.evidence.chain import Chain
from cas_server.evidence.completeness import SETTLED_AFTER
from cas_server.kit.clock import utc_now
from cas_server.privacy import retention, service
from cas_server.settings import Settings
from tests.evidence.stage import as_superuser, judged
from tests.factories import Regency
from tests.privacy.stage import Past, one_with_a_past

EDITS = {
    "offers": "UPDATE offer SET distance_m = 1 WHERE alarm_id = '{}'",
    "responders": "UPDATE responder SET accepted_at = accepted_at - interval '1 minute'",
    "reports": "UPDATE responder SET disposition = 'test' WHERE alarm_id = '{}'",
    "tracks": "UPDATE track SET at = ST_Translate(at, 0.001, 0)",
    "reporter_fixes": "DELETE FROM alarm_fix WHERE alarm_id = '{}'",
    "presses": "INSERT INTO alarm_alias VALUES (gen_random_uuid(), '{}', now())",
    "alarm": "UPDATE alarm SET disposition = 'false_malicious' WHERE id = '{}'",
}
MOVED = (
    """INSERT INTO alarm_fix (alarm_id, at, accuracy_m, fixed_at, received_at)
       VALUES ('{}', ST_SetSRID(ST_MakePoint(111.88, -7.15), 4326), 5, now(), now())""",
    """INSERT INTO track (alarm_id, personil_id, at, accuracy_m, fixed_at)
       SELECT alarm_id, personil_id, ST_SetSRID(ST_MakePoint(111.88, -7.15), 4326), 5, now()
       FROM responder WHERE alarm_id = '{}'""",
)


@pytest_asyncio.fixture
async def past(database: Database, regency: Regency, settings: Settings) -> Past:
    """An alarm that was closed and whose record was sealed."""
    past = await one_with_a_past(database, regency)
    await as_superuser(database, *(each.format(past.alarm_id) for each in MOVED))
    later = Chain(database, settings, lambda: utc_now() + SETTLED_AFTER + timedelta(seconds=5))
    await later.seal_records()
    await later.seal_records()
    await later.extend()
    return past


async def sealings(database: Database, alarm_id: UUID) -> int:
    async with database.reading() as session:
        count: int = await session.sql.fetchval(
            "SELECT count(*) FROM journal WHERE kind = 'record.sealed' AND alarm_id = $1", alarm_id
        )
    return count


async def test_a_closed_alarms_record_is_sealed_once_and_is_sound(
    database: Database, past: Past
) -> None:
    assert await sealings(database, past.alarm_id) == 1
    assert (await judged(database, None)).findings == []


async def test_a_fresh_closing_waits_for_what_is_still_on_its_way(
    database: Database, regency: Regency, chain: Chain
) -> None:
    past = await one_with_a_past(database, regency)

    await chain.seal_records()

    assert await sealings(database, past.alarm_id) == 0


@pytest.mark.parametrize("part", EDITS)
async def test_a_later_edit_of_any_part_is_found_and_named(
    database: Database, past: Past, part: str
) -> None:
    await as_superuser(database, EDITS[part].format(past.alarm_id))

    [finding] = (await judged(database, None)).findings
    assert f"the part '{part}'" in finding.what
    assert finding.alarm_id == past.alarm_id


async def test_what_the_law_takes_out_is_no_tampering(
    database: Database, past: Past, settings: Settings
) -> None:
    async with database.transaction() as session:
        await service.forget(session, past.citizen.account_id, utc_now())
    long_after = utc_now() + timedelta(days=settings.keep_tracks_days + 1)
    gone = await retention.one_round(database, settings, long_after)

    assert gone["tracks"] == 1
    assert (await judged(database, None)).findings == []


async def test_deleting_tracks_without_the_law_is_found(database: Database, past: Past) -> None:
    await as_superuser(database, "DELETE FROM track")

    [finding] = (await judged(database, None)).findings
    assert "(1 rows then, 0 now)" in finding.what
    assert finding.alarm_id == past.alarm_id
