"""SQL of consents, of an account's own data, and of forgetting a person."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from cas_server.db.session import ReadSession, Session

NOBODY = "(dihapus)"
"""What stands where a name was: journal and alarm keep only the account's id, a pseudonym."""

_CONSENT = (
    "INSERT INTO consent (account_id, version, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
)

# Secrets are no data about a person: hashes of passwords and tokens stay out.
_ACCOUNT = "to_jsonb(a) - 'password_hash' - 'phone_hash'"
_PLACED = "(to_jsonb(r) - 'at') || jsonb_build_object('lon', ST_X(r.at), 'lat', ST_Y(r.at))"

_WRITTEN = {
    "account": "SELECT ACCOUNT FROM account a WHERE id = $1",
    "registered_as": """
        SELECT to_jsonb(m) - 'phone_hash' FROM masyarakat m
        WHERE id = (SELECT holder_id FROM account WHERE id = $1)
        UNION ALL SELECT to_jsonb(i) - 'name' || jsonb_build_object('instansi', i.name)
        FROM instansi i
        WHERE id = (SELECT holder_id FROM account WHERE id = $1)
        UNION ALL SELECT to_jsonb(p) FROM personil p
        WHERE id = (SELECT holder_id FROM account WHERE id = $1)""",
    "consents": "SELECT to_jsonb(c) FROM consent c WHERE account_id = $1 ORDER BY at",
    "presses": """
        SELECT jsonb_build_object('alarm_id', id, 'number', number, 'kind', kind, 'silent', silent,
            'note', note, 'raised_at', raised_at, 'pressed_at', pressed_at, 'status', status,
            'lat', ST_Y(at), 'lon', ST_X(at), 'wilayah', wilayah_name, 'name', reporter_name,
            'phone', reporter_phone, 'battery_percent', battery_percent,
            'cancelled_at', cancelled_at, 'closed_at', closed_at)
        FROM alarm WHERE reporter_account_id = $1 ORDER BY raised_at""",
    "repeated_presses": """
        SELECT to_jsonb(r) FROM alarm_alias r JOIN alarm a ON a.id = r.alarm_id
        WHERE a.reporter_account_id = $1 ORDER BY r.pressed_at""",
    "fixes": """
        SELECT PLACED FROM alarm_fix r JOIN alarm a ON a.id = r.alarm_id
        WHERE a.reporter_account_id = $1 ORDER BY r.fixed_at""",
    "pictures": """
        SELECT jsonb_build_object('id', p.id, 'alarm_id', p.alarm_id, 'at', p.received_at,
            'jpeg_base64', translate(encode(p.content, 'base64'), E'\\n', ''))
        FROM alarm_picture p JOIN alarm a ON a.id = p.alarm_id
        WHERE (a.reporter_account_id = $1 AND p.personil_id IS NULL)
           OR p.personil_id = (SELECT holder_id FROM account WHERE id = $1)
        ORDER BY p.received_at""",
    "reports": """
        SELECT jsonb_build_object('alarm_id', r.alarm_id, 'at', r.reported_at,
            'disposition', r.disposition, 'note', r.report_note)
        FROM responder r WHERE r.reported_at IS NOT NULL
          AND r.personil_id = (SELECT holder_id FROM account WHERE id = $1)
        ORDER BY r.reported_at""",
    "duty_stretches": """
        SELECT to_jsonb(d) FROM duty_stretch d
        WHERE personil_id = (SELECT holder_id FROM account WHERE id = $1) ORDER BY began_at""",
    "sounds": """
        SELECT jsonb_build_object('id', s.id, 'alarm_id', s.alarm_id, 'at', s.received_at,
            'media_type', s.media_type,
            'sound_base64', translate(encode(s.content, 'base64'), E'\\n', ''))
        FROM alarm_sound s JOIN alarm a ON a.id = s.alarm_id
        WHERE a.reporter_account_id = $1 ORDER BY s.received_at""",
    "sign_ins": """
        SELECT jsonb_build_object('scope', scope, 'device', device, 'at', created_at,
            'expires_at', expires_at, 'ended_at', revoked_at)
        FROM credential WHERE account_id = $1 ORDER BY created_at""",
    "devices": """
        SELECT to_jsonb(d) - 'address' FROM device d WHERE account_id = $1
        UNION ALL SELECT to_jsonb(k) FROM known_device k WHERE account_id = $1
        UNION ALL SELECT to_jsonb(k) - 'public_key' FROM press_key k WHERE account_id = $1
        UNION ALL SELECT to_jsonb(l) FROM site_line l WHERE account_id = $1""",
    "drills": """
        SELECT to_jsonb(d) FROM drill d WHERE account_id = $1
        UNION ALL SELECT to_jsonb(w) FROM drill_window w WHERE account_id = $1
        UNION ALL SELECT to_jsonb(c) FROM drill_call c
            WHERE personil_id = (SELECT holder_id FROM account WHERE id = $1)""",
    "looks": """
        SELECT jsonb_build_object('at', j.at, 'what', j.kind, 'alarm_id', j.alarm_id,
            'by', (SELECT role FROM account WHERE id = j.actor_id), 'satuan', j.satuan_path,
            'reason', j.payload->>'reason')
        FROM journal j
        WHERE j.kind = ANY($2::text[]) AND j.alarm_id IN (
            SELECT id FROM alarm WHERE reporter_account_id = $1
            UNION SELECT t.alarm_id FROM track t
            WHERE t.personil_id = (SELECT holder_id FROM account WHERE id = $1))
        ORDER BY j.at""",
}
_PARTS = {
    name: text.replace("ACCOUNT", _ACCOUNT).replace("PLACED", _PLACED)
    for name, text in _WRITTEN.items()
}

LOOKS = ("tracks.seen", "record.exported", "reporter.revealed", "identity.revealed")
"""Kinds of the journal that tell of somebody who looked at a person, or took something away."""

_HAS_OPEN_ALARM = """
SELECT EXISTS (SELECT FROM alarm WHERE reporter_account_id = $1 AND closed_at IS NULL)
"""
_ASK = """
INSERT INTO erasure (account_id, asked_at) VALUES ($1, $2)
ON CONFLICT (account_id) DO UPDATE SET asked_at = erasure.asked_at RETURNING asked_at
"""
_DUE = """
SELECT e.account_id FROM erasure e WHERE e.done_at IS NULL AND NOT EXISTS (
    SELECT FROM alarm WHERE reporter_account_id = e.account_id AND closed_at IS NULL)
ORDER BY e.asked_at LIMIT $1
"""
# A press of this account in the same moment comes before this, or after it and is refused nothing.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1::text, 1))"
FORGET = (
    "DELETE FROM masyarakat WHERE id = (SELECT holder_id FROM account WHERE id = $1)",
    "DELETE FROM credential WHERE account_id = $1",
    "DELETE FROM device WHERE account_id = $1",
    "DELETE FROM known_device WHERE account_id = $1",
    "DELETE FROM press_key WHERE account_id = $1",
    "DELETE FROM site_line WHERE account_id = $1",
    "DELETE FROM totp WHERE account_id = $1",
    "DELETE FROM passkey WHERE account_id = $1",
    "DELETE FROM recovery_code WHERE account_id = $1",
    """UPDATE folded_press SET note = NULL, phone = NULL, phone_sealed = NULL, network = ''
        WHERE alarm_id IN (SELECT id FROM alarm WHERE reporter_account_id = $1)""",
    """DELETE FROM alarm_fix WHERE alarm_id IN (
        SELECT id FROM alarm WHERE reporter_account_id = $1)""",
    # What officers photographed is theirs, and goes with the alarm's age.
    """DELETE FROM alarm_picture WHERE personil_id IS NULL AND alarm_id IN (
        SELECT id FROM alarm WHERE reporter_account_id = $1)""",
    """DELETE FROM alarm_sound WHERE alarm_id IN (
        SELECT id FROM alarm WHERE reporter_account_id = $1)""",
)
_OF_OLD_ALARMS = (
    "DELETE FROM alarm_fix WHERE alarm_id = ANY($1)",
    "DELETE FROM alarm_picture WHERE alarm_id = ANY($1)",
    "UPDATE responder SET report_note = NULL WHERE alarm_id = ANY($1)",
    "DELETE FROM alarm_sound WHERE alarm_id = ANY($1)",
    """UPDATE folded_press SET note = NULL, phone = NULL, phone_sealed = NULL, network = ''
        WHERE alarm_id = ANY($1)""",
)
_DONE = "UPDATE erasure SET done_at = $2 WHERE account_id = $1"

_SEALED = """
SELECT column_name::text FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name = $1
  AND (right(column_name, 7) = '_sealed' OR column_name = 'phone_hash') AND is_nullable = 'YES'
ORDER BY column_name
"""


async def give_consent(session: Session, account_id: UUID, version: str, now: datetime) -> None:
    """Remember it once; saying it again changes nothing."""
    await session.sql.execute(_CONSENT, account_id, version, now)


async def own_part(session: ReadSession, name: str, account_id: UUID) -> list[Mapping[str, Any]]:
    """One part of what is kept about an account."""
    more = [list(LOOKS)] if name == "looks" else []
    rows = await session.sql.fetch(
        f"SELECT part::text FROM ({_PARTS[name]}) found (part)",  # noqa: S608 - a constant
        account_id,
        *more,
    )
    return [msgspec.json.decode(row["part"]) for row in rows]


async def lock_presses(session: Session, account_id: UUID) -> None:
    """No press of this account is half done from here to the commit."""
    await session.sql.execute(_LOCK, str(account_id))


async def has_open_alarm(session: ReadSession, account_id: UUID) -> bool:
    return bool(await session.sql.fetchval(_HAS_OPEN_ALARM, account_id))


async def ask_erasure(session: Session, account_id: UUID, now: datetime) -> datetime:
    """When it was asked for first."""
    asked_at: datetime = await session.sql.fetchval(_ASK, account_id, now)
    return asked_at


async def erasures_due(session: ReadSession, most: int) -> list[UUID]:
    """Accounts that wait no longer for an alarm to be closed."""
    return [row["account_id"] for row in await session.sql.fetch(_DUE, most)]


async def forget(session: Session, account_id: UUID, now: datetime) -> list[UUID]:
    """Take the person out of everything; alarms stay, under an id that names nobody: these."""
    for statement in FORGET:
        await session.sql.execute(statement, account_id)
    rows = await session.sql.fetch(
        f"""UPDATE alarm SET {await _emptied(session)} WHERE reporter_account_id = $1
            RETURNING id""",  # noqa: S608 - names of columns
        account_id, NOBODY, now,
    )  # fmt: skip
    cleared = "".join(f", {name} = NULL" for name in await _sealed(session, "account"))
    await session.sql.execute(
        f"""UPDATE account SET name = $2, phone = NULL, username = NULL, password_hash = NULL,
            holder_id = NULL, disabled_at = coalesce(disabled_at, $3){cleared}
            WHERE id = $1""",  # noqa: S608 - names of columns
        account_id, NOBODY, now,
    )  # fmt: skip
    await session.sql.execute(_DONE, account_id, now)
    return [row["id"] for row in rows]


async def forget_alarms(
    session: Session, closed_before: datetime, most: int, now: datetime
) -> list[UUID]:
    """Take the reporters out of alarms closed before a time; out of which alarms."""
    rows = await session.sql.fetch(
        f"""UPDATE alarm SET closing_note = NULL, {await _emptied(session)} WHERE id IN (
                SELECT id FROM alarm WHERE closed_at < $1 AND forgotten_at IS NULL
                ORDER BY closed_at LIMIT $4)
            RETURNING id""",  # noqa: S608 - names of columns
        closed_before, NOBODY, now, most,
    )  # fmt: skip
    ids = [row["id"] for row in rows]
    for statement in _OF_OLD_ALARMS:
        await session.sql.execute(statement, ids)
    return ids


async def _emptied(session: ReadSession) -> str:
    """What an alarm loses of its reporter; $2 is nobody's name, $3 the time."""
    sealed = "".join(f", {name} = NULL" for name in await _sealed(session, "alarm"))
    return (
        "reporter_name = $2, reporter_phone = NULL, note = NULL, network = NULL, "
        f"forgotten_at = $3, version = version + 1{sealed}"
    )


async def _sealed(session: ReadSession, table: str) -> list[str]:
    """Columns under a key, also those that a later migration adds: they hold a person, too."""
    return [row["column_name"] for row in await session.sql.fetch(_SEALED, table)]
