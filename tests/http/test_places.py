"""Places by what a caller says: words in any order, one's own ground first."""

from typing import Any

import httpx2
import pytest_asyncio

from cas_server.db.session import Database
from tests.factories import Person, Regency, make_instansi, make_masyarakat, make_staff


@pytest_asyncio.fixture
async def operator(database: Database, regency: Regency) -> Person:
    async with database.transaction() as session:
        return await make_staff(session, regency.polres)


async def find(client: httpx2.AsyncClient, who: Person, text: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/places", params={"text": text}, headers=who.bearer)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()
    return found


async def test_a_wilayah_is_found_by_part_of_its_name_and_is_as_vague_as_it_is_large(
    client: httpx2.AsyncClient, operator: Person, regency: Regency
) -> None:
    found = await find(client, operator, "  KECAMATAN, ota ")

    [kota] = [place for place in found if place["name"] == "Kota"]
    assert kota["kind"] == "kecamatan"
    assert (abs(kota["lat"] - regency.centre.lat), abs(kota["lon"] - regency.centre.lon)) < (
        0.1,
        0.1,
    )
    # 0.2 degrees to each side: as large as a circle of this radius.
    assert 11_000 < kota["accuracy_m"] < 14_000


async def test_a_site_is_found_by_name_and_street_by_its_own_desk_only(
    client: httpx2.AsyncClient, operator: Person, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        _, site = await make_instansi(session, regency.at(50))
        name = await session.sql.fetchval("SELECT name FROM site WHERE id = $1", site)
        next_door = await make_staff(session, regency.neighbour)

    [bank] = await find(client, operator, f"satu {name}")

    assert (bank["kind"], bank["name"], bank["within"]) == ("site", name, "Jl. Satu")
    assert (round(bank["lat"], 5), round(bank["lon"], 5)) == (
        round(regency.at(50).lat, 5),
        round(regency.at(50).lon, 5),
    )
    assert await find(client, next_door, f"satu {name}") == []


async def test_ones_own_ground_comes_before_the_neighbours(
    client: httpx2.AsyncClient, operator: Person, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        next_door = await make_staff(session, regency.neighbour)

    here = [place["name"] for place in await find(client, operator, "kecamatan")]
    there = [place["name"] for place in await find(client, next_door, "kecamatan")]

    assert set(here) == set(there) >= {"Kota", "Dander", "Rengel"}
    assert set(here[:2]) == {"Kota", "Dander"}
    assert there[0] == "Rengel"


async def test_signs_of_a_pattern_stand_for_themselves_and_nothing_breaks(
    client: httpx2.AsyncClient, operator: Person
) -> None:
    for text in ("%%", "__", "\\\\", "'; --", "%a%", "🚓🚓", ", ,"):
        assert await find(client, operator, text) == []
    short = await client.get("/v1/places", params={"text": "k"}, headers=operator.bearer)
    assert short.status_code == 422


async def test_only_a_desk_may_ask(client: httpx2.AsyncClient, database: Database) -> None:
    async with database.transaction() as session:
        warga = await make_masyarakat(session)

    answer = await client.get("/v1/places", params={"text": "kota"}, headers=warga.bearer)

    assert answer.status_code == 403
