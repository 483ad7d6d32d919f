"""Every route, asked by everybody: the related get it, nobody else gets or changes a thing."""

from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest_asyncio

from cas_server.db.session import Database
from cas_server.identity import consent
from cas_server.identity.roles import PERMISSIONS, Relation
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from tests.http.authority_world import World, make_world
from tests.http.photos import photo
from tests.http.recordings import recording
from tests.http.test_permissions import ALL, GUARDED, Way

ABSENT, FORBIDDEN = 404, 403


@dataclass(frozen=True)
class Case:
    """What is sent to one route. `names_alarm`: its address names a thing of the alarm `here`;
    otherwise it concerns whoever asks. `absent`: what those are told to whom it is not there."""

    body: Any = None
    names_alarm: bool = True
    absent: int = ABSENT
    content: bytes | None = None
    """What is sent in place of JSON."""
    spent: frozenset[int] = field(default_factory=frozenset)
    """What a related person may hear, too, because another has done it before."""


FIX = {"lat": -7.15, "lon": 111.88, "accuracy_m": 5, "fixed_at": utc_now().isoformat()}
DEVICE = {"platform": "web", "address_type": "fcm_token", "address": "new"}
OWN = Case(names_alarm=False)

# In this order they are asked: looks first, and what ends something last.
CASES: dict[str, Case] = {
    "GET /v1/account": OWN,
    "GET /v1/account/devices": OWN,
    "GET /v1/account/export": OWN,
    "POST /v1/account/consents": Case({"version": consent.VERSION}, names_alarm=False),
    "GET /v1/alarms": OWN,
    "GET /v1/contacts": OWN,
    "GET /v1/device-confirmations": OWN,
    "GET /v1/figures": OWN,
    "GET /v1/heat": OWN,
    "GET /v1/shift-notes": OWN,
    "PUT /v1/shift-notes/{note_id}": Case({"text": "uji"}, names_alarm=False),
    "POST /v1/shift-notes/{note_id}/taking": OWN,
    "GET /v1/duty": OWN,
    "GET /v1/duty/stretches": OWN,
    "GET /v1/past-tasks": OWN,
    "GET /v1/offers": OWN,
    "GET /v1/own-alarms": OWN,
    "GET /v1/own-alarms/past": OWN,
    "GET /v1/personil": OWN,
    "GET /v1/satuan": OWN,
    "GET /v1/sessions": OWN,
    "GET /v1/waking": OWN,
    "GET /v1/account/second-factors": OWN,
    "GET /v1/places": OWN,
    "GET /v1/sites": OWN,
    "GET /v1/alarms/{alarm_id}": Case(),
    "GET /v1/alarms/{alarm_id}/decisions": Case(),
    "GET /v1/satuan/{satuan_id}/rules": Case(),
    "PUT /v1/satuan/{satuan_id}/rules": Case({}),
    "PUT /v1/imports/{kind}": Case(content=b"", names_alarm=False),
    "GET /v1/registry/personil": OWN,
    "GET /v1/registry/satuan": OWN,
    "GET /v1/registry/instansi": OWN,
    "PUT /v1/registry/instansi/{instansi_id}": Case(
        {"name": "X", "kind": "bank", "version": "x"}, names_alarm=False
    ),
    "PUT /v1/registry/instansi/{instansi_id}/managers/{petugas_id}": Case(
        {"name": "Ani", "phone": "0812 0000 0001"}, names_alarm=False
    ),
    "GET /v1/registry/wilayah": OWN,
    # To whoever does not see the Satuan, it would be a new one, and stands under nothing.
    "PUT /v1/registry/satuan/{satuan_id}": Case(
        {"name": "X", "kind": "polsek", "parent_id": None}, absent=422, spent=frozenset({409})
    ),
    "PUT /v1/registry/wilayah/{code}": Case(
        {"satuan_id": str(new_id()), "version": ""}, names_alarm=False
    ),
    # Whoever is related was not shown this state; to the others their Satuan is not there.
    "PUT /v1/registry/personil/{personil_id}": Case(
        {"nrp": "80000000", "name": "X", "rank": "Y", "satuan_id": str(new_id()), "skills": []},
        absent=422,
        spent=frozenset({409}),
    ),
    "GET /v1/alarms/{alarm_id}/folded-presses": Case(),
    "GET /v1/alarms/{alarm_id}/reports": Case(),
    "GET /v1/alarms/{alarm_id}/timeline": Case(),
    "GET /v1/own-alarms/{alarm_id}": Case(),
    "GET /v1/own-alarms/{alarm_id}/arrival": Case(),
    "PUT /v1/alarms/{alarm_id}/pictures/{picture_id}": Case(content=photo()),
    "PUT /v1/alarms/{alarm_id}/sounds/{sound_id}": Case(content=recording()),
    "POST /v1/alarms/{alarm_id}/track-looks": Case({"reason": "uji"}),
    "PUT /v1/alarms/{alarm_id}": Case({}, absent=409),
    "PUT /v1/desk/alarms/{alarm_id}": Case({"kind": "crime"}, absent=409, spent=frozenset({409})),
    "POST /v1/own-alarms/{alarm_id}/fixes": Case({"fixes": [FIX]}),
    "POST /v1/own-alarms/{alarm_id}/description": Case({"note": "uji"}),
    "POST /v1/own-alarms/{alarm_id}/place": Case({"lat": -7.15, "lon": 111.88}),
    "PUT /v1/duty": Case({"availability": "available"}, names_alarm=False),
    "POST /v1/fixes": Case({"fixes": [FIX]}, names_alarm=False),
    "PUT /v1/devices/{device_id}": Case(DEVICE, names_alarm=False),
    "DELETE /v1/devices/{device_id}": OWN,
    "POST /v1/offers/{offer_id}/receipt": Case(),
    "POST /v1/alarms/{alarm_id}/acknowledgement": Case(spent=frozenset({409})),
    "POST /v1/offers/{offer_id}/acceptance": Case(),
    "GET /v1/alarms/{alarm_id}/pictures/{picture_id}": Case(),
    "GET /v1/alarms/{alarm_id}/sounds/{sound_id}": Case(),
    "POST /v1/alarms/{alarm_id}/reveals": Case({"reason": "menelepon balik"}),
    "POST /v1/offers/{offer_id}/refusal": Case({"reason": ""}, spent=frozenset({409})),
    "POST /v1/offers/{offer_id}/steps": Case({"step": "on_scene"}),
    "POST /v1/offers/{offer_id}/backup": Case(),
    "PUT /v1/offers/{offer_id}/pictures/{picture_id}": Case(content=photo()),
    "PUT /v1/offers/{offer_id}/report": Case({"disposition": "genuine", "note": "uji"}),
    "GET /v1/offers/{offer_id}/report": Case(),
    "POST /v1/alarms/{alarm_id}/calls": Case(),
    "POST /v1/alarms/{alarm_id}/assignments": Case({"personil_id": "{called}"}),
    "DELETE /v1/alarms/{alarm_id}/assignments/{personil_id}": Case(spent=frozenset({404})),
    "PUT /v1/alarms/{alarm_id}/merging": Case({"lead_id": "{alarm}"}, spent=frozenset({422})),
    "DELETE /v1/alarms/{alarm_id}/merging": Case(),
    "GET /v1/alarms/{alarm_id}/neighbours": Case(),
    # To where it stands already: who may, is answered, and the later cases find it there.
    "POST /v1/alarms/{alarm_id}/handing": Case({"satuan_id": "{kota}", "reason": "uji"}),
    "POST /v1/own-alarms/{alarm_id}/cancellation": Case({"reason": ""}),
    "POST /v1/alarms/{alarm_id}/closing": Case(
        {"disposition": "test", "note": "uji"}, spent=frozenset({409})
    ),
    "POST /v1/device-confirmations/{confirmation_id}/confirmation": Case(),
    "POST /v1/device-confirmations/{confirmation_id}/refusal": Case(spent=frozenset({409})),
    "POST /v1/press-keys": Case({"public_key": "A" * 43}, names_alarm=False),
    "DELETE /v1/press-keys/{key_id}": OWN,
    "DELETE /v1/duty": OWN,
    "POST /v1/account/password": OWN,
    "POST /v1/account/totp": OWN,
    "POST /v1/account/totp/confirmation": OWN,
    "DELETE /v1/account/totp": OWN,
    "POST /v1/account/recovery-codes": OWN,
    "POST /v1/account/passkeys/options": OWN,
    "POST /v1/account/passkeys": OWN,
    "DELETE /v1/account/passkeys/{passkey_id}": OWN,
    "POST /v1/sessions/current/second-factor": OWN,
    "POST /v1/sessions/current/step-up": OWN,
    "POST /v1/sessions/current/step-up/passkey": OWN,
    "POST /v1/account/device-activation": OWN,
    "DELETE /v1/account/devices/{own_device_id}": OWN,
    "DELETE /v1/sessions/others": OWN,
    "DELETE /v1/sessions/{sign_in_id}": OWN,
    "GET /v1/own-instansi": OWN,
    "PUT /v1/own-sites/{site_id}": Case(
        {"floor": "2", "responder_notes": "", "contacts": []}, names_alarm=False
    ),
    "PUT /v1/own-sites/{site_id}/line": Case({"device": "loket"}, names_alarm=False),
    "DELETE /v1/own-sites/{site_id}/line": OWN,
    "GET /v1/own-sites/{site_id}/drills": OWN,
    "GET /v1/petugas": OWN,
    "PUT /v1/petugas/{petugas_id}": Case(
        {"name": "Ani", "phone": "0812 0000 0001"}, names_alarm=False
    ),
    "DELETE /v1/petugas/{petugas_id}": OWN,
    "POST /v1/petugas/{petugas_id}/restoration": OWN,
    "PUT /v1/drills/{drill_id}": Case({"site_id": str(new_id())}, names_alarm=False),
    "GET /v1/drills/{drill_id}": OWN,
    "POST /v1/drills/{drill_id}/end": OWN,
    "POST /v1/drills/{drill_id}/answer": OWN,
    "PUT /v1/own-sites/{site_id}/drill-windows/{window_id}": Case(
        {"from_at": "2030-01-01T00:00:00Z", "until_at": "2030-01-01T01:00:00Z"}, names_alarm=False
    ),
    "PUT /v1/drill-windows/{window_id}/agreement": Case({"agreed": True}, names_alarm=False),
    "GET /v1/own-drill-calls": OWN,
    "POST /v1/own-drill-calls/{drill_id}/receipt": OWN,
    "GET /v1/site-watch": OWN,
    "DELETE /v1/account": OWN,
    "DELETE /v1/sessions/current": OWN,
}

STATE_OF_THE_ALARM = """
SELECT (SELECT md5(a::text) FROM alarm a WHERE id = $1),
       (SELECT md5(string_agg(o::text, ',' ORDER BY id)) FROM offer o WHERE alarm_id = $1),
       (SELECT md5(string_agg(r::text, ',' ORDER BY personil_id)) FROM responder r
        WHERE alarm_id = $1),
       (SELECT count(*) FROM journal WHERE alarm_id = $1),
       (SELECT count(*) FROM alarm_fix WHERE alarm_id = $1),
       (SELECT count(*) FROM alarm_picture WHERE alarm_id = $1),
       (SELECT count(*) FROM alarm_sound WHERE alarm_id = $1),
       (SELECT md5(string_agg(d::text, ',' ORDER BY id)) FROM device d WHERE id = $2),
       (SELECT md5(d::text) FROM duty d WHERE personil_id = $3),
       (SELECT md5(string_agg(k::text, ',' ORDER BY id)) FROM known_device k)
"""


@pytest_asyncio.fixture
async def world(client: httpx2.AsyncClient, database: Database) -> World:
    return await make_world(client, database)


def _missing() -> set[str]:
    return {str(way) for way in GUARDED} - CASES.keys()


def test_every_guarded_route_has_a_case() -> None:
    assert _missing() == set(), (
        f"add to CASES in {__file__} what is sent to {sorted(_missing())}: "
        "a Case for a route that names something of an alarm, else OWN or Case(..., "
        "names_alarm=False)"
    )
    assert CASES.keys() - {str(way) for way in ALL} == set(), "a case for a route that is gone"


def _address(way: Way, world: World) -> str:
    named = {
        "alarm_id": world.alarm,
        "offer_id": world.offer,
        "key_id": new_id(),
        "kind": "satuan",
        "code": "00000",
        "satuan_id": world.people["kota operator"].subject.satuan_id,
        "note_id": new_id(),
        "sign_in_id": new_id(),
        "passkey_id": new_id(),
        "own_device_id": new_id(),
        "picture_id": world.picture,
        "sound_id": world.sound,
        "site_id": new_id(),
        "petugas_id": new_id(),
        "instansi_id": new_id(),
        "drill_id": new_id(),
        "window_id": new_id(),
        "confirmation_id": world.waiting,
        "personil_id": world.people["called"].holder_id,
        # One's own new device, or somebody else's that one tries to take away.
        "device_id": world.device if way.method == "DELETE" else new_id(),
    }
    return way.path.format_map(named)


async def _ask(client: httpx2.AsyncClient, world: World, way: Way, name: str) -> httpx2.Response:
    body = CASES[str(way)].body
    if isinstance(body, dict) and "personil_id" in body:
        body = {"personil_id": str(world.people["called"].holder_id)}
    if isinstance(body, dict) and body.get("satuan_id") == "{kota}":
        here = world.people["kota operator"].subject.satuan_id
        body = {"satuan_id": str(here), "reason": "uji"}
    if isinstance(body, dict) and "lead_id" in body:
        body = {"lead_id": str(world.alarm)}
    if body is DEVICE:
        body = {**DEVICE, "address": str(new_id())}
    headers = world.people[name].bearer
    sent: dict[str, Any] = {"json": body}
    if (content := CASES[str(way)].content) is not None:
        sent = {"content": content}
    return await client.request(way.method, _address(way, world), headers=headers, **sent)


async def _state(database: Database, world: World) -> tuple[Any, ...]:
    called = world.people["called"].holder_id
    async with database.reading() as session:
        row = await session.sql.fetchrow(STATE_OF_THE_ALARM, world.alarm, world.device, called)
    return tuple(row)


def _in_order() -> list[Way]:
    ways = {str(way): way for way in GUARDED}
    return [ways[name] for name in CASES]


async def test_whoever_is_not_related_gets_nothing_and_changes_nothing(
    client: httpx2.AsyncClient, world: World, database: Database
) -> None:
    wrong: list[object] = []
    before = await _state(database, world)
    for way in _in_order():
        case = CASES[str(way)]
        for name in world.people:
            granted = world.expected(way, name)
            if granted or _is_own(way, name, world):
                continue
            answer = await _ask(client, world, way, name)
            status = FORBIDDEN if granted is None else case.absent if case.names_alarm else None
            if status not in (None, answer.status_code) or answer.status_code >= 500:
                wrong.append((str(way), name, answer.status_code, status))
            if any(mark in answer.text for mark in world.hidden_from(name) - _said(way, world)):
                wrong.append((str(way), name, "shows what is not theirs", answer.text[:200]))
        if (now := await _state(database, world)) != before:
            wrong.append((str(way), "changed the alarm", before, now))
            before = now

    assert wrong == []


def _is_own(way: Way, name: str, world: World) -> bool:
    """The called officer does as an officer does: duty is theirs to change."""
    concerns_asker = not CASES[str(way)].names_alarm
    return concerns_asker and name == "called" and world.expected(way, name) is not None


def _said(way: Way, world: World) -> set[str]:
    """What the asker has named, an error may name again."""
    named = (world.alarm, world.offer, world.people["called"].holder_id, world.device,
             world.waiting, world.picture, world.sound)  # fmt: skip
    said = {str(each) for each in named if str(each) in _address(way, world)}
    # Which desks there are next door is what this route is for.
    return said | ({str(world.foreign_satuan)} if way.path.endswith("/neighbours") else set())


async def test_whoever_is_related_gets_it_and_nothing_beside(
    client: httpx2.AsyncClient, world: World
) -> None:
    wrong: list[object] = []
    for way in _in_order():
        case = CASES[str(way)]
        for name in world.people:
            if not (world.expected(way, name) or _is_own(way, name, world)):
                continue
            answer = await _ask(client, world, way, name)
            fine = answer.is_success or answer.status_code in case.spent
            if not fine and case.names_alarm:
                wrong.append((str(way), name, answer.status_code, answer.text[:200]))
            if any(mark in answer.text for mark in world.hidden_from(name) - _said(way, world)):
                wrong.append((str(way), name, "shows what is not theirs", answer.text[:200]))

    assert wrong == []


async def test_a_call_taken_next_door_is_repeated_by_nobody_but_its_taker(
    client: httpx2.AsyncClient, world: World
) -> None:
    path = f"/v1/desk/alarms/{new_id()}"
    body = {"kind": "crime", "caller_name": "Ani"}

    answers = [
        await client.put(path, headers=world.people[name].bearer, json=body)
        for name in ("foreign operator", "here operator", "foreign operator", "foreign pimpinan")
    ]

    assert [answer.status_code for answer in answers] == [201, 409, 200, 200]


def test_no_role_reaches_beyond_its_kind() -> None:
    """Only what has no owner, and calls taken for others, reach everywhere."""
    everywhere = {
        action.value
        for action, row in PERMISSIONS.items()
        for reach in row.values()
        if reach is Relation.ALL
    }

    open_to_all = {
        "sign_in",
        "see_map",
        "see_contacts",
        "see_health",
        "see_evidence",
        "see_metrics",
    }
    # An import speaks of any Satuan, and is let through for an admin of the topmost only.
    assert everywhere <= {*open_to_all, "press_for_caller", "import"}
