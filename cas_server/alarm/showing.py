"""Read alarms in the shape each audience sees them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cas_server.alarm.views import (
    AlarmView,
    Dropped,
    OfferView,
    OwnAlarmView,
    PressReceipt,
)
from cas_server.db.session import ReadSession
from cas_server.errors import NotFound
from cas_server.kit.geo import Position, bearing_deg

RECENT = timedelta(hours=1)
"""How long an ended alarm stays in its reporter's picture."""

_WHERE = """json_build_object(
    'place', CASE WHEN a.at IS NULL THEN NULL ELSE json_build_object(
        'lat', ST_Y(a.at), 'lon', ST_X(a.at), 'accuracy_m', coalesce(a.accuracy_m, 0)) END,
    'source', a.position_source, 'at', a.position_at,
    'wilayah_code', a.wilayah_code, 'wilayah_name', a.wilayah_name)"""

_SITE = """(SELECT json_build_object('site_id', s.id, 'instansi_name', i.name, 'name', s.name,
    'address', s.address, 'contacts', s.contacts, 'responder_notes', s.responder_notes,
    'floor', s.floor,
    'place', json_build_object('lat', ST_Y(s.at), 'lon', ST_X(s.at), 'accuracy_m', 0))
    FROM site s JOIN instansi i ON i.id = s.instansi_id WHERE s.id = a.site_id)"""

_PICTURES = """(SELECT coalesce(json_agg(ap.id ORDER BY ap.received_at, ap.id), '[]')
    FROM alarm_picture ap WHERE ap.alarm_id = a.id AND ap.personil_id IS NULL)"""

_SOUNDS = """(SELECT coalesce(json_agg(au.id ORDER BY au.received_at, au.id), '[]')
    FROM alarm_sound au WHERE au.alarm_id = a.id)"""

_RESPONDERS = """(SELECT coalesce(json_agg(json_build_object(
    'personil_id', r.personil_id, 'name', p.name, 'rank', p.rank, 'part', r.part,
    'state', r.state, 'accepted_at', r.accepted_at, 'en_route_at', r.en_route_at,
    'on_scene_at', r.on_scene_at, 'released_at', r.released_at,
    'by_hand', r.assigned_by IS NOT NULL, 'backup_asked_at', r.backup_asked_at,
    'reported_at', r.reported_at) ORDER BY r.accepted_at, r.personil_id), '[]')
    FROM responder r JOIN personil p ON p.id = r.personil_id WHERE r.alarm_id = a.id)"""


def _staff(who: str, at: str) -> str:
    # By a lookup of one: joined, every account there is would be looked through for each picture.
    return f"""(SELECT json_build_object('account_id', k.id, 'name', k.name, 'at', {at})
        FROM staff_name k WHERE k.id = {who})"""  # noqa: S608 - constants of this module only


_DESK = f"""
SELECT json_build_object(
    'id', a.id, 'number', a.number, 'version', a.version, 'status', a.status, 'kind', a.kind,
    'silent', a.silent, 'demo', a.demo, 'note', a.note, 'battery_percent', a.battery_percent,
    'raised_at', a.raised_at, 'pressed_at', a.pressed_at, 'verification', a.verification,
    'late_s', a.late_s, 'clock_off_s', a.clock_off_s,
    'suspicion', json_build_object('level', a.suspicion_level, 'reasons', a.suspicion_reasons),
    'call_held', a.call_held, 'folded', a.folded, 'pictures', {_PICTURES},
    'sounds', {_SOUNDS}, 'network', a.network,
    'reporter', json_build_object('account_id', a.reporter_account_id, 'role', a.reporter_role,
        'name', a.reporter_name, 'phone', a.reporter_phone, 'channel', a.channel),
    'where', {_WHERE}, 'site', {_SITE},
    'bhabinkamtibmas', (SELECT json_build_object('personil_id', b.id, 'name', b.name,
        'phone', b.phone) FROM wilayah w JOIN personil b ON b.id = w.bhabinkamtibmas_id
        WHERE w.code = a.wilayah_code),
    'satuan_id', a.satuan_id, 'satuan_name', t.name, 'satuan_path', a.satuan_path,
    'also_seen_by', (SELECT coalesce(json_agg(path ORDER BY path), '[]') FROM (
        SELECT cs.path FROM offer co JOIN personil cp ON cp.id = co.personil_id
        JOIN satuan cs ON cs.id = cp.satuan_id WHERE co.alarm_id = a.id
        UNION SELECT hs.path FROM alarm_handover h JOIN satuan hs ON hs.id = h.from_satuan_id
        WHERE h.alarm_id = a.id) seers WHERE NOT starts_with(path, a.satuan_path)),
    'handed_over', (SELECT json_build_object('at', h.at, 'satuan_name', hs.name,
        'reason', h.reason) FROM alarm_handover h JOIN satuan hs ON hs.id = h.from_satuan_id
        WHERE h.alarm_id = a.id ORDER BY h.id DESC LIMIT 1),
    'ring', a.ring,
    'ringing', a.closed_at IS NULL
        AND (a.acknowledged_at IS NULL OR a.unanswered_at IS NOT NULL
            OR a.backup_asked_at IS NOT NULL),
    'acknowledged', {_staff("a.acknowledged_by", "a.acknowledged_at")},
    'unanswered_at', a.unanswered_at,
    'merged_into', CASE WHEN a.merged_into IS NOT NULL THEN (SELECT json_build_object(
        'alarm_id', j.lead_id, 'number', j.number) FROM joint_response j WHERE j.alarm_id = a.id)
        END,
    'cancelled', CASE WHEN coalesce(a.cancelled_at, a.duress_at) IS NOT NULL THEN
        json_build_object('at', coalesce(a.duress_at, a.cancelled_at),
            'reason', coalesce(a.cancel_reason, ''), 'duress', a.duress_at IS NOT NULL) END,
    'closed', CASE WHEN a.closed_at IS NOT NULL THEN json_build_object(
        'by', {_staff("a.closed_by", "a.closed_at")},
        'disposition', a.disposition, 'note', a.closing_note) END,
    'offers', (SELECT coalesce(json_agg(json_build_object(
        'offer_id', o.id, 'personil_id', o.personil_id, 'name', p.name, 'rank', p.rank,
        'ring', o.ring, 'state', o.state, 'offered_at', o.offered_at,
        'expires_at', o.expires_at, 'received_at', o.received_at,
        'unreached_at', o.unreached_at, 'answered_at', o.answered_at,
        'decline_reason', o.decline_reason, 'distance_m', o.distance_m)
        ORDER BY o.offered_at, o.distance_m, o.id), '[]')
        FROM offer o JOIN personil p ON p.id = o.personil_id WHERE o.alarm_id = a.id),
    'responders', {_RESPONDERS},
    'escalations', (SELECT coalesce(json_agg(json_build_object(
        'at', e.at, 'reason', e.reason, 'satuan_name', es.name, 'role', e.role) ORDER BY e.id),
        '[]') FROM escalation e JOIN satuan es ON es.id = e.satuan_id WHERE e.alarm_id = a.id)
)::text AS view
FROM alarm a
JOIN satuan t ON t.id = a.satuan_id
"""  # noqa: S608 - constants of this module only

_OFFER = f"""
SELECT o.personil_id, ST_X(l.at) AS from_lon, ST_Y(l.at) AS from_lat,
       ST_X(a.at) AS to_lon, ST_Y(a.at) AS to_lat, json_build_object(
    'offer_id', o.id, 'alarm_id', a.id, 'version', a.version, 'number', a.number,
    'ring', o.ring, 'state', o.state, 'offered_at', o.offered_at, 'expires_at', o.expires_at,
    'received_at', o.received_at, 'distance_m', o.distance_m, 'bearing_deg', NULL,
    'kind', a.kind, 'silent', a.silent, 'demo', a.demo, 'duress', a.duress_at IS NOT NULL,
    'officer_in_danger', a.reporter_role = 'personil',
    'verification', a.verification, 'note', a.note, 'pictures', {_PICTURES},
    'sounds', {_SOUNDS}, 'status', a.status,
    'raised_at', a.raised_at, 'closed_at', a.closed_at,
    'where', {_WHERE}, 'site', {_SITE},
    'taken_by', (SELECT p.name FROM responder r JOIN personil p ON p.id = r.personil_id
        WHERE r.alarm_id = a.id AND r.part = 'primary' AND r.state <> 'released'),
    'my_part', m.part, 'my_state', m.state, 'reported_at', m.reported_at,
    'responders', {_RESPONDERS}
)::text AS view
FROM offer o
JOIN alarm a ON a.id = o.alarm_id
LEFT JOIN responder m ON m.alarm_id = o.alarm_id AND m.personil_id = o.personil_id
    AND o.state = 'accepted'
LEFT JOIN last_position l ON l.personil_id = o.personil_id
"""  # noqa: S608 - constants of this module only

# Under duress the phone must show what its holder was made to do, so whatever goes on after it is
# told after no cancel at all.
_TAKEN_BACK = "(a.duress_at IS NOT NULL OR a.cancelled_at IS NOT NULL)"
_OWN = f"""
SELECT a.reporter_account_id, json_build_object(
    'id', a.id, 'version', a.version + coalesce(j.version, 0), 'joint', j.lead_id IS NOT NULL,
    'status', CASE WHEN a.duress_at IS NOT NULL THEN 'cancelled'
        WHEN a.status = 'raised' THEN coalesce(j.status, a.status) ELSE a.status END,
    'kind', a.kind, 'received_at', a.raised_at, 'satuan_name', t.name, 'satuan_phone', t.phone,
    'personil_called', coalesce(j.called,
        (SELECT count(DISTINCT personil_id) FROM offer WHERE alarm_id = a.id
            AND offered_at < coalesce(a.duress_at, 'infinity'))),
    'personil_coming', CASE WHEN {_TAKEN_BACK} THEN 0 ELSE coalesce(j.coming,
        (SELECT count(*) FROM responder WHERE alarm_id = a.id AND state <> 'released')) END,
    'acknowledged_at', CASE WHEN NOT {_TAKEN_BACK} THEN a.acknowledged_at END,
    'on_scene_at', CASE WHEN NOT {_TAKEN_BACK} THEN coalesce(j.on_scene_at,
        (SELECT min(on_scene_at) FROM responder WHERE alarm_id = a.id)) END,
    'next_check_at', coalesce(j.next_check_at, (SELECT min(expires_at) FROM offer
        WHERE alarm_id = a.id AND state = 'open' AND a.duress_at IS NULL)),
    'closed_at', a.closed_at, 'where', {_WHERE}, 'pictures', {_PICTURES},
    'sounds', {_SOUNDS},
    'reveals', (SELECT coalesce(json_agg(json_build_object('at', v.at, 'role', v.role)
        ORDER BY v.id), '[]') FROM reveal v
        WHERE v.alarm_id = a.id AND v.told AND a.duress_at IS NULL)
)::text AS view
FROM alarm a JOIN satuan t ON t.id = a.satuan_id
LEFT JOIN joint_response j ON j.alarm_id = a.id
"""  # noqa: S608 - constants of this module only

_OWN_RECENT = f"""
SELECT own.* FROM unnest($1::uuid[]) AS account (id) CROSS JOIN LATERAL ({_OWN}
    WHERE a.reporter_account_id = account.id AND (a.closed_at IS NULL OR a.closed_at > $2)
    ORDER BY a.raised_at DESC, a.id LIMIT 20) own
"""  # noqa: S608 - constants of this module only

# All that a round of the feed tells, in one look. An officer whose offer is over hears of it once;
# who pressed an alarm that was merged into another hears what becomes of that one.
_CHANGED = f"""
SELECT 'offer' AS part, * FROM ({_OFFER}
    WHERE o.id = ANY($2) OR (o.alarm_id = ANY($1)
        AND (o.state IN ('open', 'accepted') OR o.personil_id = ANY($5)))) changed
UNION ALL
SELECT 'desk', NULL, NULL, NULL, NULL, NULL, view FROM ({_DESK}
    WHERE a.id = ANY($1 || $3) AND $4) changed
UNION ALL
SELECT 'own', reporter_account_id, NULL, NULL, NULL, NULL, view FROM ({_OWN}
    WHERE a.id = ANY($1 || ARRAY(SELECT id FROM alarm WHERE merged_into = ANY($1)))
        AND a.reporter_account_id IS NOT NULL) changed
"""  # noqa: S608 - constants of this module only

_NEAREST_COMING = f"""
SELECT coalesce(min(j.nearest_m), min(ST_Distance(l.at::geography, a.at::geography))) AS metres
FROM alarm a
LEFT JOIN joint_response j ON j.alarm_id = a.id AND NOT {_TAKEN_BACK} AND j.on_scene_at IS NULL
LEFT JOIN responder r ON r.alarm_id = a.id AND r.state IN ('accepted', 'en_route')
    AND NOT {_TAKEN_BACK}
    AND NOT EXISTS (SELECT FROM responder WHERE alarm_id = a.id AND state = 'on_scene')
LEFT JOIN last_position l ON l.personil_id = r.personil_id
WHERE a.reporter_account_id = $1
  AND a.id = coalesce((SELECT alarm_id FROM alarm_alias WHERE id = $2), $2)
GROUP BY a.id
"""  # noqa: S608 - a constant
_RECEIPT = """
SELECT a.id, j.id IS NOT NULL AS joined, coalesce(j.pressed_at, a.raised_at) AS received_at,
       a.next_check_at, a.verification, a.call_held, t.name, t.phone,
       (SELECT count(*) FROM offer o
        WHERE o.alarm_id = a.id AND o.ring > 0 AND o.offered_at = a.raised_at) AS called
FROM alarm a
LEFT JOIN alarm_alias j ON j.id = $1
JOIN satuan t ON t.id = a.satuan_id
WHERE a.id = coalesce(j.alarm_id, $1) AND ($2::uuid IS NULL OR a.reporter_account_id = $2)
"""


@dataclass(frozen=True, slots=True)
class Touched:
    """What changed: alarms for all who still have to do with them and for these Personil, too;
    single offers; and alarms for the desk only."""

    alarm_ids: set[UUID] = field(default_factory=set)
    personil_ids: set[UUID] = field(default_factory=set)
    offer_ids: set[UUID] = field(default_factory=set)
    desk_ids: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Changed:
    """The new state of what was touched, with whom it concerns."""

    offers: list[tuple[UUID, OfferView]] = field(default_factory=list)
    alarms: list[AlarmView] = field(default_factory=list)
    own: list[tuple[UUID, OwnAlarmView]] = field(default_factory=list)


async def changed(session: ReadSession, touched: Touched, *, for_desks: bool) -> Changed:
    """Read it all in one statement; the desks' part only when a desk is watching."""
    rows = await session.sql.fetch(
        _CHANGED,
        touched.alarm_ids,
        touched.offer_ids,
        touched.desk_ids,
        for_desks,
        touched.personil_ids,
    )
    found = Changed()
    for row in rows:
        match row["part"]:
            case "offer":
                found.offers.append((row["personil_id"], _with_bearing(row)))
            case "desk":
                found.alarms.append(AlarmView.model_validate_json(row["view"]))
            case _:
                own = OwnAlarmView.model_validate_json(row["view"])
                found.own.append((row["personil_id"], own))
    return found


async def desk_views(session: ReadSession, alarm_ids: Sequence[UUID]) -> list[AlarmView]:
    """These alarms whole, as a command centre sees them."""
    return await _desk(session, "WHERE a.id = ANY($1)", list(alarm_ids))


async def open_alarms(session: ReadSession, satuan_path: str) -> list[AlarmView]:
    """Every open alarm a desk sees, of its subtree, called or handed on from there: officers in
    danger first, then the least doubtful, and of those the oldest."""
    clause = """WHERE a.closed_at IS NULL AND (starts_with(a.satuan_path, $1) OR EXISTS (
        SELECT FROM offer co JOIN personil cp ON cp.id = co.personil_id
        JOIN satuan cs ON cs.id = cp.satuan_id
        WHERE co.alarm_id = a.id AND starts_with(cs.path, $1)) OR EXISTS (
        SELECT FROM alarm_handover h JOIN satuan hs ON hs.id = h.from_satuan_id
        WHERE h.alarm_id = a.id AND starts_with(hs.path, $1)))
        ORDER BY a.reporter_role <> 'personil', a.suspicion_level, a.raised_at, a.id"""
    return await _desk(session, clause, satuan_path)


async def past_alarms(
    session: ReadSession, satuan_path: str, before: datetime, limit: int
) -> list[AlarmView]:
    """Closed alarms of a subtree raised before a time, the newest first."""
    clause = """WHERE a.closed_at IS NOT NULL AND starts_with(a.satuan_path, $1)
        AND a.raised_at < $2 ORDER BY a.raised_at DESC, a.id LIMIT $3"""
    return await _desk(session, clause, satuan_path, before, limit)


async def _desk(session: ReadSession, clause: str, *values: object) -> list[AlarmView]:
    rows = await session.sql.fetch(_DESK + clause, *values)
    return [AlarmView.model_validate_json(row["view"]) for row in rows]


async def offer_view(session: ReadSession, offer_id: UUID) -> OfferView:
    """One offer that is known to exist."""
    return (await _offers(session, "WHERE o.id = $1", offer_id))[0][1]


async def offers_of(
    session: ReadSession, personil_ids: Sequence[UUID]
) -> dict[UUID, list[OfferView]]:
    """The open offers and present tasks of each of these Personil, the oldest first."""
    clause = """WHERE o.personil_id = ANY ($1) AND (o.state = 'open' OR (o.state = 'accepted'
        AND m.state <> 'released' AND a.closed_at IS NULL)) ORDER BY o.offered_at, o.id"""
    found: dict[UUID, list[OfferView]] = {personil_id: [] for personil_id in personil_ids}
    for personil_id, view in await _offers(session, clause, personil_ids):
        found[personil_id].append(view)
    return found


async def _offers(
    session: ReadSession, clause: str, *values: object
) -> list[tuple[UUID, OfferView]]:
    rows = await session.sql.fetch(_OFFER + clause, *values)
    return [(row["personil_id"], _with_bearing(row)) for row in rows]


def _with_bearing(row: Any) -> OfferView:
    view = OfferView.model_validate_json(row["view"])
    if row["from_lat"] is None or row["to_lat"] is None:
        return view
    start = Position(row["from_lat"], row["from_lon"])
    bearing = bearing_deg(start, Position(row["to_lat"], row["to_lon"]))
    return view.model_copy(update={"bearing_deg": round(bearing, 1)})


async def own_alarms(
    session: ReadSession, account_ids: Sequence[UUID], now: datetime
) -> dict[UUID, list[OwnAlarmView]]:
    """Of each account its alarms that are open or ended within the hour, the newest first."""
    found: dict[UUID, list[OwnAlarmView]] = {account_id: [] for account_id in account_ids}
    for row in await session.sql.fetch(_OWN_RECENT, account_ids, now - RECENT):
        view = OwnAlarmView.model_validate_json(row["view"])
        found[row["reporter_account_id"]].append(view)
    return found


async def own_past(
    session: ReadSession, account_id: UUID, before: datetime, limit: int
) -> list[OwnAlarmView]:
    """An account's own alarms that are over, the newest first; under duress it seems so, too."""
    clause = """WHERE a.reporter_account_id = $1 AND a.raised_at < $2
        AND (a.closed_at IS NOT NULL OR a.cancelled_at IS NOT NULL OR a.duress_at IS NOT NULL)
        ORDER BY a.raised_at DESC, a.id LIMIT $3"""
    rows = await session.sql.fetch(_OWN + clause, account_id, before, limit)
    return [OwnAlarmView.model_validate_json(row["view"]) for row in rows]


async def nearest_coming_m(session: ReadSession, account_id: UUID, press_id: UUID) -> float | None:
    """How far off the nearest is who comes to an account's own alarm and is not there yet."""
    row = await session.sql.fetchrow(_NEAREST_COMING, account_id, press_id)
    if row is None:
        raise NotFound("alarm", press_id)
    metres: float | None = row["metres"]
    return metres


async def own_alarm(session: ReadSession, account_id: UUID, press_id: UUID) -> OwnAlarmView | None:
    """One alarm of an account, by its own id or by one that joined it."""
    clause = """WHERE a.reporter_account_id = $1
        AND a.id = coalesce((SELECT alarm_id FROM alarm_alias WHERE id = $2), $2)"""
    row = await session.sql.fetchrow(_OWN + clause, account_id, press_id)
    return OwnAlarmView.model_validate_json(row["view"]) if row else None


async def receipt(
    session: ReadSession, press_id: UUID, account_id: UUID | None, dropped: list[Dropped]
) -> PressReceipt | None:
    """What a press was answered, again; None when the id belongs to somebody else.

    Whoever presses without proof is told, too: the id itself cannot be guessed, and a phone whose
    credential ended between two tries must learn that the first was heard.
    """
    row = await session.sql.fetchrow(_RECEIPT, press_id, account_id)
    if row is None:
        return None
    return PressReceipt(
        alarm_id=row["id"],
        joined=row["joined"],
        received_at=row["received_at"],
        satuan_name=row["name"],
        satuan_phone=row["phone"],
        personil_called=row["called"],
        next_check_at=None if row["call_held"] else row["next_check_at"],
        verification=row["verification"],
        desk_first=row["call_held"],
        dropped=dropped,
    )
