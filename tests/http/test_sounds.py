"""Sounds of an alarm: short, sound and nothing else, and heard by whoever helps."""

from uuid import UUID

import httpx2
import pytest

from cas_server.alarm.sounds import MOST_PER_ALARM
from cas_server.db.session import Database
from cas_server.identity.roles import Role
from cas_server.kit.ids import new_id
from cas_server.pictures.sound import MOST_BYTES
from tests.factories import Person, Regency, make_masyarakat, make_personil, make_staff
from tests.http.recordings import mp4, ogg, recording, webm


@pytest.fixture
async def operator(database: Database, regency: Regency) -> Person:
    async with database.transaction() as session:
        return await make_staff(session, regency.polres)


@pytest.fixture
async def warga(database: Database) -> Person:
    async with database.transaction() as session:
        return await make_masyarakat(session)


@pytest.fixture
async def alarm_id(client: httpx2.AsyncClient, warga: Person, regency: Regency) -> UUID:
    return await press(client, warga, regency)


async def press(client: httpx2.AsyncClient, who: Person, regency: Regency) -> UUID:
    alarm_id = new_id()
    at = {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 8}
    answer = await client.put(f"/v1/alarms/{alarm_id}", headers=who.bearer, json={"position": at})
    assert answer.status_code == 201
    return alarm_id


async def send(
    client: httpx2.AsyncClient,
    who: Person,
    alarm_id: UUID,
    content: bytes,
    sound_id: UUID | None = None,
) -> httpx2.Response:
    path = f"/v1/alarms/{alarm_id}/sounds/{sound_id or new_id()}"
    # What the request says of it is not asked.
    headers = {**who.bearer, "content-type": "text/html"}
    return await client.put(path, headers=headers, content=content)


async def heard(client: httpx2.AsyncClient, who: Person, sent: httpx2.Response) -> httpx2.Response:
    kept = sent.json()
    path = f"/v1/alarms/{kept['alarm_id']}/sounds/{kept['id']}"
    return await client.get(path, headers=who.bearer)


TAKEN = {
    # By the time at which its last block begins: no length stands in it.
    "webm": (webm(30_000), "audio/webm", 29_980),
    "ogg": (ogg(30_000), "audio/ogg", 30_000),
    "mp4 in pieces": (mp4(30_000), "audio/mp4", 30_000),
    "mp4 whole": (mp4(30_000, in_pieces=False), "audio/mp4", 30_000),
}


@pytest.mark.parametrize("name", TAKEN)
async def test_a_recording_reaches_the_desk_as_it_was_made(
    client: httpx2.AsyncClient, warga: Person, operator: Person, alarm_id: UUID, name: str
) -> None:
    content, media_type, length_ms = TAKEN[name]

    sent = await send(client, warga, alarm_id, content)

    assert sent.status_code == 201, sent.text
    assert (sent.json()["length_ms"], sent.json()["size_bytes"]) == (length_ms, len(content))
    answer = await heard(client, operator, sent)
    assert answer.content == content
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "no-store" in answer.headers["cache-control"]
    desk = (await client.get(f"/v1/alarms/{alarm_id}", headers=operator.bearer)).json()
    assert desk["sounds"] == [sent.json()["id"]]
    own = (await client.get(f"/v1/own-alarms/{alarm_id}", headers=warga.bearer)).json()
    assert own["sounds"] == desk["sounds"]


REFUSED = {
    "html": (b"<!doctype html><script>alert(1)</script>", 415, "no_sound"),
    "a riff": (b"RIFF" + bytes(40), 415, "no_sound"),
    "empty": (b"", 422, "sound_broken"),
    "webm cut short": (webm()[:-3], 422, "sound_broken"),
    "webm with a picture": (webm(kind=1), 422, "sound_broken"),
    "webm of another codec": (webm(codec=b"V_VP8"), 422, "sound_broken"),
    "webm without a block": (webm()[:60], 422, "sound_broken"),
    "webm with html behind": (webm() + b"<script>alert(1)</script>", 422, "sound_broken"),
    "ogg of something else": (ogg(first=b"\x01video!!"), 422, "sound_broken"),
    "ogg cut short": (ogg()[:-3], 422, "sound_broken"),
    "mp4 with a picture": (mp4(handler=b"vide"), 422, "sound_broken"),
    "mp4 cut short": (mp4()[:-3], 422, "sound_broken"),
    "mp4 that is only a head": (mp4()[:16], 422, "sound_broken"),
    "webm too long": (webm(36_000), 413, "sound_too_long"),
    "ogg too long": (ogg(36_000), 413, "sound_too_long"),
    "mp4 too long": (mp4(36_000), 413, "sound_too_long"),
    "too large": (webm() + bytes(MOST_BYTES), 413, "body_too_large"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_no_good_recording_is_refused_in_words_and_nothing_is_kept(
    client: httpx2.AsyncClient, warga: Person, operator: Person, alarm_id: UUID, name: str
) -> None:
    content, status, code = REFUSED[name]

    answer = await send(client, warga, alarm_id, content)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.json()["field"] == "body"
    desk = (await client.get(f"/v1/alarms/{alarm_id}", headers=operator.bearer)).json()
    assert desk["sounds"] == []


async def test_a_repeat_is_kept_once_and_no_alarm_takes_more_than_a_few(
    client: httpx2.AsyncClient, warga: Person, operator: Person, alarm_id: UUID
) -> None:
    sound_id = new_id()

    first = await send(client, warga, alarm_id, recording(), sound_id)
    again = await send(client, warga, alarm_id, b"", sound_id)
    more = [await send(client, warga, alarm_id, recording()) for _ in range(MOST_PER_ALARM)]

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert [one.status_code for one in more] == [201] * (MOST_PER_ALARM - 1) + [409]
    assert more[-1].json()["code"] == "too_many_sounds"
    desk = (await client.get(f"/v1/alarms/{alarm_id}", headers=operator.bearer)).json()
    assert len(desk["sounds"]) == MOST_PER_ALARM


async def test_nobody_adds_to_an_alarm_of_somebody_else_nor_to_a_closed_one(
    client: httpx2.AsyncClient, database: Database, warga: Person, operator: Person, alarm_id: UUID
) -> None:
    async with database.transaction() as session:
        other = await make_masyarakat(session)
    foreign = [await send(client, who, alarm_id, recording()) for who in (other, operator)]
    kept = await send(client, warga, alarm_id, recording())
    closing = {"disposition": "genuine", "note": "selesai"}
    await client.post(f"/v1/alarms/{alarm_id}/closing", headers=operator.bearer, json=closing)

    late = await send(client, warga, alarm_id, recording())

    assert [answer.status_code for answer in foreign] == [404, 403]
    assert (late.status_code, late.json()["code"]) == (409, "alarm_closed")
    assert (await heard(client, operator, kept)).status_code == 200


async def test_a_recording_is_heard_by_the_desk_of_the_subtree_and_by_officers_on_the_alarm(
    client: httpx2.AsyncClient, database: Database, warga: Person, regency: Regency
) -> None:
    async with database.transaction() as session:
        coming = await make_personil(session, regency.kota, regency.at(300))
        called = await make_personil(session, regency.kota, regency.at(600))
        desk = await make_staff(session, regency.kota, Role.PIMPINAN)
        foreign = await make_staff(session, regency.neighbour)
        admin = await make_staff(session, regency.polres, Role.ADMIN)
    alarm_id = await press(client, warga, regency)
    sent = await send(client, warga, alarm_id, recording())
    offers = (await client.get("/v1/offers", headers=coming.bearer)).json()
    await client.post(f"/v1/offers/{offers[0]['offer_id']}/acceptance", headers=coming.bearer)

    who = {"coming": coming, "called": called, "desk": desk, "sender": warga, "foreign": foreign,
           "admin": admin}  # fmt: skip
    answers = {name: (await heard(client, one, sent)).status_code for name, one in who.items()}

    assert offers[0]["sounds"] == [sent.json()["id"]]
    assert answers == {
        "coming": 200, "called": 404, "desk": 200, "sender": 200, "foreign": 404, "admin": 403,
    }  # fmt: skip


async def test_the_journal_keeps_the_hash_of_what_was_said(
    client: httpx2.AsyncClient, warga: Person, operator: Person, alarm_id: UUID
) -> None:
    sent = await send(client, warga, alarm_id, recording())

    path = f"/v1/alarms/{alarm_id}/timeline"
    story = (await client.get(path, headers=operator.bearer)).json()

    [added] = [line for line in story if line["kind"] == "sound.added"]
    assert added["facts"]["sound_id"] == sent.json()["id"]
    assert added["facts"]["length_ms"] == 1_000
    assert len(added["facts"]["sha256"]) == 64
