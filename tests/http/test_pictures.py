"""Pictures of an alarm: made anew, seen by whoever helps, and never a way in."""

import asyncio
import io
from collections import Counter
from uuid import UUID

import httpx2
import pytest
from PIL import Image

from cas_server.alarm.pictures import MOST_PER_ALARM
from cas_server.db.session import Database
from cas_server.identity.roles import Role
from cas_server.kit.ids import new_id
from cas_server.pictures.form import LONGEST_SIDE, MOST_BYTES
from tests.factories import Person, Regency, make_masyarakat, make_personil, make_staff
from tests.http.photos import (
    ON_ITS_SIDE,
    TELLTALE,
    photo,
    png_claiming,
    telling,
    webp_claiming,
    with_broken_exif,
)


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
    picture_id: UUID | None = None,
) -> httpx2.Response:
    path = f"/v1/alarms/{alarm_id}/pictures/{picture_id or new_id()}"
    # What the request says of it is not asked: it is a JPEG by its bytes or it is none.
    headers = {**who.bearer, "content-type": "image/jpeg"}
    return await client.put(path, headers=headers, content=content)


async def seen(client: httpx2.AsyncClient, who: Person, sent: httpx2.Response) -> httpx2.Response:
    kept = sent.json()
    path = f"/v1/alarms/{kept['alarm_id']}/pictures/{kept['id']}"
    return await client.get(path, headers=who.bearer)


def opened(answer: httpx2.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    return Image.open(io.BytesIO(answer.content), formats=["JPEG"])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_picture_reaches_the_desk_as_a_small_jpeg(
    client: httpx2.AsyncClient, warga: Person, operator: Person, alarm_id: UUID, form: str
) -> None:
    sent = await send(client, warga, alarm_id, photo(form, width=2_400, height=1_800))

    assert sent.status_code == 201, sent.text
    answer = await seen(client, operator, sent)
    image = opened(answer)
    assert (image.format, image.size) == ("JPEG", (LONGEST_SIDE, 1_200))
    assert sent.json()["size_bytes"] == len(answer.content)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in answer.headers["cache-control"]
    desk = (await client.get(f"/v1/alarms/{alarm_id}", headers=operator.bearer)).json()
    assert desk["pictures"] == [sent.json()["id"]]
    own = (await client.get(f"/v1/own-alarms/{alarm_id}", headers=warga.bearer)).json()
    assert own["pictures"] == desk["pictures"]


async def test_nothing_of_what_a_picture_told_beside_itself_is_kept(
    client: httpx2.AsyncClient, warga: Person, operator: Person, alarm_id: UUID
) -> None:
    sent = await send(client, warga, alarm_id, telling(ON_ITS_SIDE))

    answer = await seen(client, operator, sent)

    image = opened(answer)
    assert image.size == (480, 640)
    assert not image.getexif()
    assert {"exif", "comment", "xmp", "icc_profile", "gps"}.isdisjoint(image.info)
    assert TELLTALE.encode() not in answer.content
    # Turned to the right: what was on the left is above.
    top, bottom = image.getpixel((240, 100)), image.getpixel((240, 540))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]


async def test_an_exif_that_is_garbage_does_not_cost_the_picture(
    client: httpx2.AsyncClient, warga: Person, operator: Person, alarm_id: UUID
) -> None:
    sent = await send(client, warga, alarm_id, with_broken_exif())

    assert opened(await seen(client, operator, sent)).size == (640, 480)


HTML = b"<!doctype html><script>alert(1)</script>"
REFUSED = {
    "html named jpg": (HTML, 415, "no_picture"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "no_picture"),
    "gif": (b"GIF89a" + bytes(40), 415, "no_picture"),
    "empty": (b"", 422, "picture_broken"),
    "only a beginning": (b"\xff\xd8\xff\xe0", 422, "picture_broken"),
    "jpeg cut short": (photo()[:2_000], 422, "picture_broken"),
    "png cut short": (photo("PNG")[:300], 422, "picture_broken"),
    "webp cut short": (photo("WEBP")[:120], 422, "picture_broken"),
    "png bomb": (png_claiming(50_000, 50_000, 100), 413, "picture_too_large"),
    "png with a negative size": (png_claiming(2**31, 2**31), 413, "picture_too_large"),
    "png without a size": (png_claiming(0, 0), 422, "picture_broken"),
    "png with one row of many": (png_claiming(6_000, 6_000), 422, "picture_broken"),
    "webp bomb": (webp_claiming(16_000, 16_000), 413, "picture_too_large"),
    "webp with nothing on it": (webp_claiming(4_000, 4_000), 422, "picture_broken"),
    "a jpeg's head on html": (photo()[:300] + HTML * 50, 422, "picture_broken"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_no_good_picture_is_refused_in_words_and_nothing_is_kept(
    client: httpx2.AsyncClient, warga: Person, operator: Person, alarm_id: UUID, name: str
) -> None:
    content, status, code = REFUSED[name]

    answer = await send(client, warga, alarm_id, content)

    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["field"] == "body"
    desk = (await client.get(f"/v1/alarms/{alarm_id}", headers=operator.bearer)).json()
    assert desk["pictures"] == []


async def test_a_picture_that_is_a_page_too_is_only_a_picture_afterwards(
    client: httpx2.AsyncClient, warga: Person, operator: Person, alarm_id: UUID
) -> None:
    sent = await send(client, warga, alarm_id, photo() + HTML)

    answer = await seen(client, operator, sent)

    assert opened(answer).size == (640, 480)
    assert b"script" not in answer.content


async def test_a_body_that_is_too_large_is_not_read_to_its_end(
    client: httpx2.AsyncClient, warga: Person, alarm_id: UUID
) -> None:
    large = photo() + bytes(MOST_BYTES)

    refused = await send(client, warga, alarm_id, large)
    taken = await send(client, warga, alarm_id, large[: MOST_BYTES - 1])
    elsewhere = await client.post(
        f"/v1/own-alarms/{alarm_id}/fixes", headers=warga.bearer, content=large
    )

    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")
    assert taken.status_code == 201
    assert elsewhere.status_code == 413


async def test_a_repeat_is_answered_the_same_and_kept_once(
    client: httpx2.AsyncClient, warga: Person, operator: Person, alarm_id: UUID
) -> None:
    picture_id = new_id()

    first = await send(client, warga, alarm_id, photo(), picture_id)
    again = await send(client, warga, alarm_id, b"", picture_id)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    desk = (await client.get(f"/v1/alarms/{alarm_id}", headers=operator.bearer)).json()
    assert desk["pictures"] == [str(picture_id)]


async def test_an_id_of_another_alarms_picture_is_not_taken_over(
    client: httpx2.AsyncClient, database: Database, warga: Person, regency: Regency, alarm_id: UUID
) -> None:
    async with database.transaction() as session:
        other = await make_masyarakat(session)
    theirs, picture_id = await press(client, other, regency), new_id()
    await send(client, other, theirs, photo(), picture_id)

    answer = await send(client, warga, alarm_id, photo(), picture_id)

    assert (answer.status_code, answer.json()["code"]) == (409, "id_in_use")


async def test_nobody_adds_to_an_alarm_of_somebody_else_or_to_none(
    client: httpx2.AsyncClient, database: Database, operator: Person, alarm_id: UUID
) -> None:
    async with database.transaction() as session:
        other = await make_masyarakat(session)

    answers = [
        await send(client, other, alarm_id, photo()),
        await send(client, other, new_id(), photo()),
        await send(client, operator, alarm_id, photo()),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 403]


async def test_a_closed_alarm_takes_no_more_pictures_but_keeps_its_own(
    client: httpx2.AsyncClient, warga: Person, operator: Person, alarm_id: UUID
) -> None:
    kept = await send(client, warga, alarm_id, photo())
    closing = {"disposition": "genuine", "note": "selesai"}
    await client.post(f"/v1/alarms/{alarm_id}/closing", headers=operator.bearer, json=closing)

    late = await send(client, warga, alarm_id, photo())

    assert (late.status_code, late.json()["code"]) == (409, "alarm_closed")
    assert (await seen(client, operator, kept)).status_code == 200


async def test_twenty_at_once_are_ten_kept_and_ten_told_why_while_others_press(
    client: httpx2.AsyncClient,
    database: Database,
    warga: Person,
    operator: Person,
    regency: Regency,
    alarm_id: UUID,
) -> None:
    async with database.transaction() as session:
        others = [await make_masyarakat(session) for _ in range(5)]

    async with asyncio.TaskGroup() as tasks:
        sent = [tasks.create_task(send(client, warga, alarm_id, photo())) for _ in range(20)]
        pressed = [tasks.create_task(press(client, who, regency)) for who in others]
        done, waiting = await asyncio.wait(pressed)
        assert (len(done), len(waiting)) == (5, 0)
        assert any(not one.done() for one in sent)

    assert Counter(one.result().status_code for one in sent) == {
        201: MOST_PER_ALARM,
        409: 20 - MOST_PER_ALARM,
    }
    told = {one.result().json()["code"] for one in sent if one.result().status_code == 409}
    assert told == {"too_many_pictures"}
    desk = (await client.get(f"/v1/alarms/{alarm_id}", headers=operator.bearer)).json()
    assert len(desk["pictures"]) == MOST_PER_ALARM


async def test_a_picture_is_seen_by_the_desk_of_the_subtree_and_by_officers_on_the_alarm(
    client: httpx2.AsyncClient, database: Database, warga: Person, regency: Regency
) -> None:
    async with database.transaction() as session:
        coming = await make_personil(session, regency.kota, regency.at(300))
        called = await make_personil(session, regency.kota, regency.at(600))
        desk = await make_staff(session, regency.kota, Role.PIMPINAN)
        foreign = await make_staff(session, regency.neighbour)
        admin = await make_staff(session, regency.polres, Role.ADMIN)
    alarm_id = await press(client, warga, regency)
    sent = await send(client, warga, alarm_id, photo())
    offers = (await client.get("/v1/offers", headers=coming.bearer)).json()
    await client.post(f"/v1/offers/{offers[0]['offer_id']}/acceptance", headers=coming.bearer)

    who = {"coming": coming, "called": called, "desk": desk, "sender": warga, "foreign": foreign,
           "admin": admin}  # fmt: skip
    answers = {name: (await seen(client, one, sent)).status_code for name, one in who.items()}

    assert offers[0]["pictures"] == [sent.json()["id"]]
    assert answers == {
        "coming": 200, "called": 404, "desk": 200, "sender": 200, "foreign": 404, "admin": 403,
    }  # fmt: skip


async def test_the_journal_keeps_what_was_added_by_whom_and_its_hash(
    client: httpx2.AsyncClient, warga: Person, operator: Person, alarm_id: UUID
) -> None:
    sent = await send(client, warga, alarm_id, photo())

    path = f"/v1/alarms/{alarm_id}/timeline"
    story = (await client.get(path, headers=operator.bearer)).json()

    [added] = [line for line in story if line["kind"] == "picture.added"]
    assert added["facts"]["picture_id"] == sent.json()["id"]
    assert len(added["facts"]["sha256"]) == 64
