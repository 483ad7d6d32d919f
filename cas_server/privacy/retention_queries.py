"""SQL of what is deleted by age: each statement one small batch, each count one look."""

from datetime import datetime

from cas_server.db.session import ReadSession, Session

# Rows come in about the order of their ids, so the first ones are the oldest: no index on time.
_BY_ID = """
DELETE FROM {table} WHERE id IN (
    SELECT id FROM (SELECT id, {column} FROM {table} ORDER BY id LIMIT $2) first
    WHERE {column} < $1)
"""
_DELETE = {
    "tracks": _BY_ID.format(table="track", column="fixed_at"),
    "pushes": _BY_ID.format(table="push_outcome", column="at"),
    "notes": """
        DELETE FROM shift_note WHERE id IN (
            SELECT id FROM shift_note WHERE written_at < $1 LIMIT $2)""",
    "stretches": """
        DELETE FROM duty_stretch WHERE id IN (
            SELECT id FROM duty_stretch WHERE ended_at < $1 LIMIT $2)""",
    "codes": """
        DELETE FROM one_time_code WHERE id IN (
            SELECT id FROM one_time_code WHERE created_at < $1 LIMIT $2)""",
    "credentials": """
        DELETE FROM credential WHERE token_hash IN (
            SELECT token_hash FROM credential
            WHERE least(expires_at, revoked_at) < $1 LIMIT $2)""",
    "attempts": """
        DELETE FROM attempt WHERE key IN (
            SELECT key FROM attempt WHERE since < $1 ORDER BY since LIMIT $2)""",
}
_COUNT = {
    "tracks": "SELECT count(*) FROM track WHERE fixed_at < $1",
    "pushes": "SELECT count(*) FROM push_outcome WHERE at < $1",
    "notes": "SELECT count(*) FROM shift_note WHERE written_at < $1",
    "stretches": "SELECT count(*) FROM duty_stretch WHERE ended_at < $1",
    "codes": "SELECT count(*) FROM one_time_code WHERE created_at < $1",
    "credentials": "SELECT count(*) FROM credential WHERE least(expires_at, revoked_at) < $1",
    "attempts": "SELECT count(*) FROM attempt WHERE since < $1",
    "alarms": "SELECT count(*) FROM alarm WHERE closed_at < $1 AND forgotten_at IS NULL",
}
_ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(4203)"


async def try_be_first(session: Session) -> bool:
    """True for one worker at a time, until this transaction ends."""
    return bool(await session.sql.fetchval(_ONE_AT_A_TIME))


async def delete(session: Session, what: str, before: datetime, most: int) -> int:
    """Delete a batch of what is older; how many rows that was."""
    told: str = await session.sql.execute(_DELETE[what], before, most)
    return int(told.rsplit(" ", 1)[-1])


async def count(session: ReadSession, what: str, before: datetime) -> int:
    """How many rows are older, and would go."""
    return int(await session.sql.fetchval(_COUNT[what], before, timeout=None))
