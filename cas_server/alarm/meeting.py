"""What a press meets, in one look: an alarm it repeats or joins, whose ground, who is near."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from cas_server.db.session import ReadSession
from cas_server.dispatch.policy import Candidate, Rules
from cas_server.dispatch.queries import NEAREST_UNASKED, candidate_of
from cas_server.kit.geo import Position
from cas_server.registry.queries import ground

_HERE = "ST_SetSRID(ST_MakePoint($1, $2), 4326)"

FASTEST_MPS = 45
"""A train, or a car that flees: further from where she was, one phone cannot have come."""

# A press in one look: is it known, does it join an open alarm, whose ground is it, who is near.
_SITUATION = f"""
WITH {ground("$6::uuid")}, near AS ({NEAREST_UNASKED}), met AS MATERIALIZED (
SELECT s.id AS satuan_id, s.name AS satuan_name, s.phone AS satuan_phone, s.path AS satuan_path,
       s.polres_path, s.effective::text,
       ARRAY(SELECT path FROM polres) AS polres_paths,
       (SELECT json_object_agg(kind, json_build_array(code, name)) FROM here)::text AS cover,
       coalesce((SELECT id FROM alarm WHERE id = $4),
                (SELECT alarm_id FROM alarm_alias WHERE id = $4)) AS known_id,
       (SELECT a.id FROM alarm a
        WHERE a.reporter_account_id = $5 AND a.closed_at IS NULL AND a.cancelled_at IS NULL
          AND greatest(a.raised_at, (SELECT max(pressed_at) FROM alarm_alias
                                     WHERE alarm_id = a.id))
              > $3 - make_interval(secs => coalesce((s.effective->>'join_within_s')::float8, $7))
          AND (a.at IS NULL OR $1::float8 IS NULL OR ST_DWithin(a.at::geography,
              {_HERE}::geography, coalesce((s.effective->>'join_within_m')::float8, $8)
              + CASE WHEN a.press_key_id = $11 THEN {FASTEST_MPS} * greatest(0, extract(
                    epoch FROM $3 - coalesce(a.position_at, a.raised_at))) ELSE 0 END))
        ORDER BY a.raised_at DESC LIMIT 1) AS open_id,
       (SELECT phone FROM account WHERE id = $5) AS account_phone,
       (SELECT count(*) FROM alarm
        WHERE reporter_account_id = ANY($9::uuid[]) AND disposition = 'false_malicious')
           AS malicious_before,
       coalesce((SELECT presses FROM press_network
                 WHERE network = $10 AND minute = date_trunc('minute', $3::timestamptz)), 0)
           AS unverified_from_network
FROM satuan_here s
)
SELECT met.*, near.* FROM met LEFT JOIN near ON true
"""  # noqa: S608 - constants of this module only

_LAST_KNOWN = """
SELECT ST_X(at) AS lon, ST_Y(at) AS lat, accuracy_m, fixed_at AS at FROM (
    (SELECT f.at, f.accuracy_m, f.fixed_at FROM alarm_fix f JOIN alarm a ON a.id = f.alarm_id
     WHERE a.reporter_account_id = $1 AND f.received_at > $2 ORDER BY f.id DESC LIMIT 1)
    UNION ALL
    (SELECT at, accuracy_m, coalesce(position_at, raised_at) FROM alarm
     WHERE reporter_account_id = $1 AND at IS NOT NULL AND raised_at > $2
       AND position_source = 'gps' ORDER BY raised_at DESC LIMIT 1)
    UNION ALL
    (SELECT at, accuracy_m, fixed_at FROM last_position WHERE personil_id = $3)
) known ORDER BY fixed_at DESC LIMIT 1
"""
_SITE = """
SELECT id, ST_X(at) AS lon, ST_Y(at) AS lat FROM site
WHERE instansi_id = $1 AND ($2::uuid IS NULL OR id = $2) ORDER BY code LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Situation:
    """What a press meets. `known_id`: pressed before; `open_id`: the alarm it would join."""

    known_id: UUID | None
    open_id: UUID | None
    satuan_id: UUID
    satuan_name: str
    satuan_phone: str | None
    satuan_path: str
    polres_path: str
    polres_paths: tuple[str, ...]
    rules: Rules
    wilayah_code: str | None
    wilayah_name: str | None
    account_phone: str | None
    malicious_before: int
    """Alarms of these accounts that were closed as malicious."""
    unverified_from_network: int
    """Unverified presses of the network in this minute."""
    near: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A position the server knew before the press."""

    position: Position
    source: str
    at: datetime | None
    site_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Whence:
    """Who presses from where. `accounts` are those of the device, the presser's own among them.

    `at` None: nobody knows; then `home_satuan_id` answers for it.
    """

    account_id: UUID | None
    at: Position | None
    home_satuan_id: UUID | None = None
    accounts: tuple[UUID, ...] = ()
    network: str = ""
    press_key_id: UUID | None = None
    """Signed with this key: one phone, so a press of it from further on is of the same person."""


async def look(
    session: ReadSession, alarm_id: UUID, whence: Whence, now: datetime
) -> Situation | None:
    """What a press meets; None only when there is no Satuan at all."""
    defaults, at = Rules(), whence.at
    rows = await session.sql.fetch(
        _SITUATION,
        at.lon if at else None,
        at.lat if at else None,
        now,
        alarm_id,
        whence.account_id,
        whence.home_satuan_id,
        defaults.join_within_s,
        defaults.join_within_m,
        list(whence.accounts),
        whence.network,
        whence.press_key_id,
    )
    if not rows:
        return None
    row = rows[0]
    code, name = _wilayah(row["cover"])
    return Situation(
        known_id=row["known_id"],
        open_id=row["open_id"],
        satuan_id=row["satuan_id"],
        satuan_name=row["satuan_name"],
        satuan_phone=row["satuan_phone"],
        satuan_path=row["satuan_path"],
        polres_path=row["polres_path"],
        polres_paths=tuple(row["polres_paths"]),
        rules=Rules.of(row["effective"]),
        wilayah_code=code,
        wilayah_name=name,
        account_phone=row["account_phone"],
        malicious_before=row["malicious_before"],
        unverified_from_network=row["unverified_from_network"],
        near=tuple(candidate_of(r) for r in rows if r["personil_id"] is not None and at),
    )


def _wilayah(cover: str | None) -> tuple[str | None, str | None]:
    """The finest code, and the names from fine to coarse: "Ngumpakdalem, Dander"."""
    found: dict[str, list[str]] = msgspec.json.decode(cover) if cover else {}
    kinds = [kind for kind in ("desa", "kecamatan", "kabupaten") if kind in found]
    if not kinds:
        return None, None
    return found[kinds[0]][0], ", ".join(found[kind][1] for kind in kinds[:2])


async def last_known(
    session: ReadSession, account_id: UUID, holder_id: UUID | None, since: datetime
) -> Known | None:
    """Where the account's own phone was last seen, not before `since`."""
    row = await session.sql.fetchrow(_LAST_KNOWN, account_id, since, holder_id)
    if row is None:
        return None
    at = Position(row["lat"], row["lon"], row["accuracy_m"] or 0.0)
    return Known(at, "last_known", row["at"])


async def site(session: ReadSession, instansi_id: UUID, site_id: UUID | None) -> Known | None:
    """The named site of an Instansi, or its first."""
    row = await session.sql.fetchrow(_SITE, instansi_id, site_id)
    if row is None:
        return None
    return Known(Position(row["lat"], row["lon"], 0.0), "site", None, row["id"])
