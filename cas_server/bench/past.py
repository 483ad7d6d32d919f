"""What has happened in a regency before it is measured, and what is tidied between rounds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cas_server.db.pool import Connection, connect

# Without a past PostgreSQL would plan for empty tables, and the plan would soon be wrong.
_PAST = """
INSERT INTO alarm (id, status, kind, silent, demo, raised_at, reporter_role, reporter_name, at,
    position_source, satuan_id, satuan_path, ring, next_check_at, closed_at)
SELECT md5('past ' || n)::uuid, 'resolved', 'crime', false, false, now() - n * interval '1 minute',
       'masyarakat', 'Warga', l.at, 'gps', p.satuan_id, l.satuan_path, 1, now(), now()
FROM generate_series(1, {alarms}) n JOIN personil p ON p.id = md5('personil ' || n)::uuid
JOIN last_position l ON l.personil_id = p.id;
INSERT INTO offer (id, alarm_id, personil_id, ring, state, offered_at, expires_at, receive_by)
SELECT gen_random_uuid(), md5('past ' || n)::uuid, md5('personil ' || (n + k * {alarms}))::uuid, 1,
       'stood_down', now(), now(), now()
FROM generate_series(1, {alarms}) n, generate_series(0, 2) k;
INSERT INTO journal (at, kind, alarm_id, payload)
SELECT now(), 'offer.made', alarm_id, '{{}}' FROM offer;
INSERT INTO decision (alarm_id, ring, decided_at, candidates)
SELECT id, 1, now(), '[]' FROM alarm;
VACUUM ANALYZE
"""
_BETWEEN_ROUNDS = "TRUNCATE outbox; VACUUM offer; CHECKPOINT"


# Alarm first, as the worker locks them.
_OVER = """
UPDATE alarm SET status = 'resolved', closed_at = now()
WHERE closed_at IS NULL AND raised_at < now() - $1 * interval '1 second'
"""
_STOOD_DOWN = """
UPDATE offer SET state = 'stood_down'
WHERE state = 'open' AND offered_at < now() - $1 * interval '1 second'
"""
OVER_AFTER_S = 3.0


async def give(dsn: str, personil: int) -> None:
    """Closed alarms with their offers and journal, three Personil to each."""
    await _execute(dsn, _PAST.format(alarms=personil // 3))


async def tidy(dsn: str) -> None:
    """Let no round pay for the one before."""
    await _execute(dsn, _BETWEEN_ROUNDS)


@asynccontextmanager
async def closing(dsn: str) -> AsyncIterator[None]:
    """Every alarm is over after OVER_AFTER_S, as if somebody had gone there.

    Else nobody ever takes one on, each calls everybody in its last ring, and what is measured is
    a regency that drowns in offers.
    """
    connection = await connect(dsn)
    task = asyncio.create_task(_close_for_ever(connection))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await connection.close()


async def _close_for_ever(connection: Connection) -> None:
    while True:
        await connection.execute(_OVER, OVER_AFTER_S)
        await connection.execute(_STOOD_DOWN, OVER_AFTER_S)
        await asyncio.sleep(0.5)


async def _execute(dsn: str, script: str) -> None:
    connection = await connect(dsn)
    for statement in script.split(";"):
        await connection.execute(statement)
    await connection.close()
