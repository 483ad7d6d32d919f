"""Whom one can telephone where one stands: police numbers, for everybody who has signed in."""

import httpx2
import pytest

from cas_server.db.session import Database
from tests.factories import Regency, make_masyarakat, make_personil, make_wilayah


@pytest.fixture
def path(regency: Regency) -> str:
    return f"/v1/contacts?lat={regency.centre.lat}&lon={regency.centre.lon}"


async def test_a_place_names_its_bhabinkamtibmas_its_polsek_and_its_polres_in_this_order(
    client: httpx2.AsyncClient, regency: Regency, database: Database, path: str
) -> None:
    async with database.transaction() as session:
        warga = await make_masyarakat(session)
        officer = await make_personil(session, regency.kota, on_duty=False)
        await make_wilayah(session, regency.kota, regency.centre, kind="desa")
        await session.sql.execute(
            "UPDATE wilayah SET bhabinkamtibmas_id = $1 WHERE satuan_id = $2 AND kind = 'desa'",
            officer.holder_id,
            regency.kota.id,
        )
        await session.sql.execute(
            "UPDATE satuan SET phone = '0353 ' || code WHERE id = ANY($1)",
            [regency.kota.id, regency.polres.id, regency.dander.id],
        )

    answer = await client.get(path, headers=warga.bearer)

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [one["kind"] for one in told["contacts"]] == ["bhabinkamtibmas", "polsek", "polres"]
    assert told["contacts"][0]["name"] == officer.name
    assert told["contacts"][0]["phone"].startswith("+62")
    assert [one["phone"] for one in told["contacts"][1:]] == ["0353 bjn-kota", "0353 bjn"]
    # Where an officer is, or was, is nobody's to see: only stations stand somewhere.
    assert told["contacts"][0]["lat"] is None
    assert told["contacts"][1]["lat"] == pytest.approx(regency.centre.lat)


async def test_who_has_no_number_is_left_out(
    client: httpx2.AsyncClient, regency: Regency, database: Database, path: str
) -> None:
    async with database.transaction() as session:
        warga = await make_masyarakat(session)
        await session.sql.execute("UPDATE satuan SET phone = NULL WHERE id = $1", regency.kota.id)
        await session.sql.execute(
            "UPDATE satuan SET phone = '110' WHERE id = $1", regency.polres.id
        )

    told = (await client.get(path, headers=warga.bearer)).json()

    assert [(one["kind"], one["phone"]) for one in told["contacts"]] == [("polres", "110")]


@pytest.mark.parametrize(
    ("query", "field"), [("lat=-7", "lon"), ("lat=91&lon=112", "lat"), ("lat=-7&lon=x", "lon")]
)
async def test_half_a_place_is_refused_and_the_field_is_named(
    client: httpx2.AsyncClient, database: Database, query: str, field: str
) -> None:
    async with database.transaction() as session:
        warga = await make_masyarakat(session)

    answer = await client.get(f"/v1/contacts?{query}", headers=warga.bearer)

    assert answer.status_code == 422
    assert field in answer.text


async def test_strangers_are_asked_to_sign_in(client: httpx2.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 401
