"""The regency over HTTP."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx2
import pytest_asyncio
from fastapi import FastAPI

from cas_server.db.session import Database
from cas_server.identity.service import issue
from cas_server.registry import routes
from cas_server.registry.demo_regency import seed
from cas_server.registry.views import WilayahCollection
from cas_server.web import problems


@pytest_asyncio.fixture
async def client(database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    """The registry's routes on the demo regency."""
    async with database.transaction() as session:
        await seed(session, datetime.now(UTC))
    app = FastAPI()
    app.state.database = database
    problems.install(app)
    app.include_router(routes.router)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cas") as client:
        yield client


async def sign_in(database: Database, username: str) -> dict[str, str]:
    async with database.transaction() as session:
        account_id = await session.sql.fetchval(
            "SELECT id FROM account WHERE username = $1", username
        )
        token = await issue(session, account_id, "session", "", datetime.now(UTC))
    return {"Authorization": f"Bearer {token}"}


async def test_anybody_gets_the_outlines_of_the_kecamatan(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/wilayah")

    collection = WilayahCollection.model_validate(answer.json())
    dander = next(each for each in collection.features if each.id == "35.22.06")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/geo+json"
    assert len(collection.features) == 28
    assert dander.properties.name == "Dander"
    assert dander.properties.approximate
    assert dander.properties.label == (111.83355, -7.224739)


async def test_outlines_that_have_not_changed_are_not_sent_again(
    client: httpx2.AsyncClient, database: Database
) -> None:
    first = await client.get("/v1/wilayah", params={"kind": "kabupaten"})
    known = {"If-None-Match": first.headers["etag"]}

    again = await client.get("/v1/wilayah", params={"kind": "kabupaten"}, headers=known)
    async with database.transaction() as session:
        await session.sql.execute("UPDATE wilayah SET name = 'Lain' WHERE kind = 'kabupaten'")
    changed = await client.get("/v1/wilayah", params={"kind": "kabupaten"}, headers=known)

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


async def test_a_kind_without_wilayah_is_an_empty_collection(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/wilayah", params={"kind": "desa"})

    assert answer.json() == {"type": "FeatureCollection", "features": []}


async def test_an_unknown_kind_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/wilayah", params={"kind": "provinsi"})

    assert answer.status_code == 422


async def test_the_polres_sees_every_satuan_and_site_below_it(
    client: httpx2.AsyncClient, database: Database
) -> None:
    headers = await sign_in(database, "operator")

    satuan = (await client.get("/v1/satuan", headers=headers)).json()
    sites = (await client.get("/v1/sites", headers=headers)).json()

    assert satuan[0]["code"] == "polres-bojonegoro"
    assert len(satuan) == 29
    assert len(sites) == 40
    assert sites[0]["contacts"][0]["duty"] == "Keamanan"


async def test_a_polsek_sees_itself_and_its_own_sites_only(
    client: httpx2.AsyncClient, database: Database
) -> None:
    headers = await sign_in(database, "operator.dander")

    satuan = (await client.get("/v1/satuan", headers=headers)).json()
    sites = (await client.get("/v1/sites", headers=headers)).json()

    assert [each["code"] for each in satuan] == ["polsek-dander"]
    assert {site["satuan_id"] for site in sites} == {satuan[0]["id"]}


async def test_a_personil_may_not_see_the_sites(
    client: httpx2.AsyncClient, database: Database
) -> None:
    headers = await sign_in(database, "90000001")

    answer = await client.get("/v1/sites", headers=headers)

    assert answer.status_code == 403
    assert answer.json()["code"] == "not_allowed"


async def test_nobody_sees_the_satuan_without_signing_in(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/satuan")

    assert answer.status_code == 401
