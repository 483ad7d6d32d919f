"""The hand-over between two shifts of a desk: who wrote it, who took it, and that it stays."""

import httpx2

from cas_server.alarm.shift_views import shift_of
from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from tests.factories import Person, Regency, make_staff


async def staff(database: Database, regency: Regency) -> tuple[Person, Person, Person]:
    """The one who goes, the one who comes, and somebody of a Polsek below."""
    async with database.transaction() as session:
        return (
            await make_staff(session, regency.polres),
            await make_staff(session, regency.polres),
            await make_staff(session, regency.kota),
        )


async def test_a_note_is_read_and_taken_by_the_next_and_by_the_first_of_them(
    client: httpx2.AsyncClient, regency: Regency, database: Database
) -> None:
    going, coming, below = await staff(database, regency)
    path, body = f"/v1/shift-notes/{new_id()}", {"text": "Alarm 12: pantau Jl. Veteran"}

    written = await client.put(path, headers=going.bearer, json=body)
    again = await client.put(path, headers=going.bearer, json=body)
    own = await client.post(f"{path}/taking", headers=going.bearer)
    taken = await client.post(f"{path}/taking", headers=coming.bearer)
    late = await client.post(f"{path}/taking", headers=coming.bearer)

    assert (written.status_code, again.json()) == (200, written.json())
    assert (own.status_code, own.json()["code"]) == (409, "own_note")
    assert taken.json()["taken"]["account_id"] == str(coming.account_id)
    assert late.json() == taken.json()
    [note] = (await client.get("/v1/shift-notes", headers=coming.bearer)).json()
    assert note["written"]["account_id"] == str(going.account_id)
    assert note["text"] == body["text"]
    assert note["shift"] == shift_of(utc_now())
    assert (await client.get("/v1/shift-notes", headers=below.bearer)).json() == []


async def test_what_was_written_cannot_be_written_over_and_the_journal_keeps_the_acts_only(
    client: httpx2.AsyncClient, regency: Regency, database: Database
) -> None:
    going, coming, below = await staff(database, regency)
    path = f"/v1/shift-notes/{new_id()}"
    await client.put(path, headers=going.bearer, json={"text": "yang pertama"})

    other = await client.put(path, headers=going.bearer, json={"text": "lain"})
    theirs = await client.put(path, headers=coming.bearer, json={"text": "yang pertama"})
    far = await client.post(f"{path}/taking", headers=below.bearer)

    assert [answer.status_code for answer in (other, theirs, far)] == [409, 409, 404]
    async with database.reading() as session:
        told = await session.sql.fetch(
            "SELECT kind, payload::text AS said FROM journal WHERE actor_id = $1", going.account_id
        )
    assert [row["kind"] for row in told] == ["shift_note.written"]
    assert "pertama" not in told[0]["said"]
