"""Unverified presses by network, in SQL: counted across processes, and folded into one entry."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cas_server.alarm.views import FoldedPress
from cas_server.db.session import ReadSession, Session
from cas_server.kit.geo import Position
from cas_server.kit.wire import Place
from cas_server.vault.masks import mask_phone
from cas_server.vault.service import ring_of

FORGET_AFTER = timedelta(hours=1)

# Alarms and ids that lead to one: a repeat is told what was said before, and not counted again.
_KNOWN = """
SELECT id FROM alarm WHERE id = ANY($1) UNION ALL SELECT id FROM alarm_alias WHERE id = ANY($1)
"""
# In the order of the networks, so that two processes never wait for each other.
_COUNT = """
INSERT INTO press_network AS n (network, minute, presses)
SELECT network, date_trunc('minute', $3::timestamptz), presses
FROM unnest($1::text[], $2::int[]) AS c (network, presses) ORDER BY network
ON CONFLICT (network, minute) DO UPDATE SET presses = n.presses + excluded.presses
RETURNING network, presses
"""
_FORGET = """
WITH folds AS (DELETE FROM press_fold WHERE minute < $1)
DELETE FROM press_network WHERE minute < $1
"""
# The Polres whose desk sees it: that of the finest Wilayah, or of the nearest Satuan.
_POLRES = """
SELECT p.n, s.polres_path
FROM unnest($1::int[], $2::float8[], $3::float8[]) AS p (n, lon, lat)
CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326) AS at) here
JOIN satuan s ON s.id = coalesce(
    (SELECT satuan_id FROM wilayah WHERE ST_Intersects(area, here.at)
     ORDER BY length(code) DESC LIMIT 1),
    (SELECT id FROM satuan WHERE here.at IS NOT NULL AND satuan.at IS NOT NULL AND kind <> 'unit'
        AND closed_at IS NULL
     ORDER BY satuan.at <-> here.at LIMIT 1),
    (SELECT id FROM satuan WHERE closed_at IS NULL
     ORDER BY kind = 'polres' DESC, path LIMIT 1))
"""
_FOLDS = """
SELECT f.network, f.polres_path, f.alarm_id
FROM press_fold f JOIN alarm a ON a.id = f.alarm_id
WHERE f.minute = date_trunc('minute', $1::timestamptz) AND f.network = ANY($2)
  AND a.closed_at IS NULL
"""
_BEGIN = """
INSERT INTO press_fold (network, minute, polres_path, alarm_id)
VALUES ($1, date_trunc('minute', $2::timestamptz), $3, $4)
ON CONFLICT (network, minute, polres_path) DO UPDATE SET alarm_id = excluded.alarm_id
"""
_FOLD = """
WITH folded AS (
    INSERT INTO folded_press (id, alarm_id, received_at, kind, note, phone, phone_sealed, network,
                              at, accuracy_m)
    SELECT f.id, f.alarm_id, $1, f.kind, f.note, f.phone, f.phone_sealed, f.network,
           ST_SetSRID(ST_MakePoint(f.lon, f.lat), 4326), f.accuracy_m
    FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[],
                $7::bytea[], $8::text[], $9::float8[], $10::float8[], $11::float8[])
         AS f (id, alarm_id, kind, note, phone, phone_sealed, network, lon, lat, accuracy_m)
    ON CONFLICT (id) DO NOTHING
), led AS (
    INSERT INTO alarm_alias (id, alarm_id, pressed_at)
    SELECT f.id, f.alarm_id, $1 FROM unnest($2::uuid[], $3::uuid[]) AS f (id, alarm_id)
    ON CONFLICT (id) DO NOTHING RETURNING alarm_id
), counted AS (
    SELECT alarm_id, count(*) AS presses FROM led GROUP BY alarm_id
), changed AS (
    UPDATE alarm a SET folded = a.folded + c.presses, version = a.version + 1
    FROM counted c WHERE a.id = c.alarm_id
    RETURNING a.id, a.satuan_path, c.presses
)
INSERT INTO journal (at, kind, alarm_id, satuan_path, payload)
SELECT $1, 'alarm.folded', id, satuan_path, jsonb_build_object('presses', presses) FROM changed
"""
_LOCK_FOLD = "SELECT pg_advisory_xact_lock(hashtextextended('press fold ' || $1, 0))"
_FOLDED = """
SELECT id, received_at, kind, note, phone, network, accuracy_m,
       ST_X(at) AS lon, ST_Y(at) AS lat
FROM folded_press WHERE alarm_id = $1 ORDER BY received_at, id LIMIT $2
"""


@dataclass(frozen=True, slots=True)
class Folding:
    """One press to be folded away under an alarm."""

    press_id: UUID
    alarm_id: UUID
    kind: str
    note: str | None
    phone: str | None
    network: str
    at: Position | None


async def known(session: ReadSession, press_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these have been pressed before."""
    return {row["id"] for row in await session.sql.fetch(_KNOWN, press_ids)}


async def count(session: Session, presses: Mapping[str, int], now: datetime) -> Counter[str]:
    """Count presses of networks in this minute; how many each has come to."""
    rows = await session.sql.fetch(_COUNT, list(presses), list(presses.values()), now)
    return Counter({row["network"]: row["presses"] for row in rows})


async def forget(session: Session, now: datetime) -> None:
    """Drop the counts of minutes long gone."""
    await session.sql.execute(_FORGET, now - FORGET_AFTER)


async def polres(session: ReadSession, places: Sequence[Position | None]) -> list[str]:
    """Whose desk sees a press at each of these; empty when there is no Satuan at all."""
    rows = await session.sql.fetch(
        _POLRES,
        list(range(len(places))),
        [at.lon if at else None for at in places],
        [at.lat if at else None for at in places],
    )
    return [row["polres_path"] for row in sorted(rows, key=lambda row: row["n"])]


async def one_fold_at_a_time(session: Session, network: str) -> None:
    """Let two processes not begin two entries for one network."""
    await session.sql.execute(_LOCK_FOLD, network)


async def folds(
    session: ReadSession, networks: Sequence[str], now: datetime
) -> dict[tuple[str, str], UUID]:
    """The open entries of this minute, by network and Polres."""
    rows = await session.sql.fetch(_FOLDS, now, networks)
    return {(row["network"], row["polres_path"]): row["alarm_id"] for row in rows}


async def begin_fold(
    session: Session, network: str, polres_path: str, alarm_id: UUID, now: datetime
) -> None:
    """Let an alarm stand for what its network presses in the rest of this minute."""
    await session.sql.execute(_BEGIN, network, now, polres_path, alarm_id)


async def fold(session: Session, foldings: Sequence[Folding], now: datetime) -> None:
    """Store presses under the alarms that stand for them, all in one statement."""
    session.rings_bell = True
    ring = await ring_of(session) if any(one.phone for one in foldings) else None
    await session.sql.execute(
        _FOLD,
        now,
        [one.press_id for one in foldings],
        [one.alarm_id for one in foldings],
        [one.kind for one in foldings],
        [one.note for one in foldings],
        [mask_phone(one.phone) if one.phone else None for one in foldings],
        [
            ring.maybe_seal(one.phone, "folded_press.phone", one.press_id) if ring else None
            for one in foldings
        ],
        [one.network for one in foldings],
        [one.at.lon if one.at else None for one in foldings],
        [one.at.lat if one.at else None for one in foldings],
        [one.at.accuracy_m if one.at else None for one in foldings],
    )


async def folded(session: ReadSession, alarm_id: UUID, limit: int) -> list[FoldedPress]:
    """The presses that an alarm stands for, the earliest first."""
    return [
        FoldedPress(
            id=row["id"],
            received_at=row["received_at"],
            kind=row["kind"],
            note=row["note"],
            phone=row["phone"],
            network=row["network"],
            place=_place(row),
        )
        for row in await session.sql.fetch(_FOLDED, alarm_id, limit)
    ]


def _place(row: Any) -> Place | None:
    if row["lat"] is None:
        return None
    return Place(lat=row["lat"], lon=row["lon"], accuracy_m=row["accuracy_m"] or 0.0)
