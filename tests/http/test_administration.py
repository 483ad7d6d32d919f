"""What an admin changes while everything runs: how a Satuan calls, and whole files."""

import httpx2
import pytest
import pytest_asyncio

from cas_server.db.session import Database
from cas_server.identity.roles import Role
from cas_server.registry import store
from tests.factories import Person, Regency, Satuan, make_regency, make_staff


@pytest_asyncio.fixture
async def regency(database: Database) -> Regency:
    async with database.transaction() as session:
        return await make_regency(session)


@pytest_asyncio.fixture
async def admin(database: Database, regency: Regency) -> Person:
    async with database.transaction() as session:
        await store.refresh_tree(session)
        return await make_staff(session, regency.polres, Role.ADMIN)


def rules_of(satuan: Satuan) -> str:
    return f"/v1/satuan/{satuan.id}/rules"


async def test_what_a_polres_sets_holds_below_it_and_a_polsek_may_differ(
    client: httpx2.AsyncClient, admin: Person, regency: Regency
) -> None:
    own = {"ring_1_count": 5, "accept_s": 30}
    said = await client.put(rules_of(regency.polres), json=own, headers=admin.bearer)
    assert said.status_code == 200, said.text
    changed = {(one["satuan_name"], one["rule"], one["before"], one["after"])
               for one in said.json()["changes"]}  # fmt: skip
    names = {regency.polres.name, regency.kota.name, regency.dander.name}
    assert changed == {(name, "ring_1_count", 3, 5) for name in names} | {
        (name, "accept_s", 20, 30) for name in names
    }

    await client.put(rules_of(regency.kota), json={"ring_1_count": 8}, headers=admin.bearer)
    kota = (await client.get(rules_of(regency.kota), headers=admin.bearer)).json()
    assert kota["own"]["ring_1_count"] == 8
    assert (kota["inherited"]["ring_1_count"], kota["inherited"]["accept_s"]) == (5, 30)


async def test_a_change_can_be_tried_out_and_taken_back(
    client: httpx2.AsyncClient, admin: Person, regency: Regency
) -> None:
    path = rules_of(regency.polres)
    tried = await client.put(
        path, params={"check_only": True}, json={"backups": 3}, headers=admin.bearer
    )
    assert (tried.json()["stored"], len(tried.json()["changes"])) == (False, 3)
    assert (await client.get(path, headers=admin.bearer)).json()["own"]["backups"] is None

    await client.put(path, json={"backups": 3}, headers=admin.bearer)
    back = await client.put(path, json={}, headers=admin.bearer)
    assert {one["after"] for one in back.json()["changes"]} == {1}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ring_1_radius_m": 40_000}, "ring_1_radius_m"),
        ({"ring_1_radius_m": 9_000, "ring_2_radius_m": 8_000}, "ring_2_radius_m"),
        ({"climb_first_s": 500}, "climb_first_s"),
        ({"accept_s": 1}, "accept_s"),
    ],
)
async def test_figures_that_would_silence_an_alarm_are_refused_by_name(
    client: httpx2.AsyncClient,
    admin: Person,
    regency: Regency,
    body: dict[str, float],
    field: str,
) -> None:
    said = await client.put(rules_of(regency.polres), json=body, headers=admin.bearer)

    assert said.status_code == 422
    assert field in said.text
    held = (await client.get(rules_of(regency.polres), headers=admin.bearer)).json()["own"]
    assert set(held.values()) == {None}


async def test_a_file_is_tried_out_told_its_faults_and_stored_whole(
    client: httpx2.AsyncClient, admin: Person
) -> None:
    path, good = "/v1/imports/personil", "nrp,nama,pangkat,satuan\n77010001,Budi,Bripka,bjn-kota\n"
    wrong = good + "77010002,Ani,Bripda,tidak-ada\n"

    refused = await client.put(path, content=wrong, headers=admin.bearer)
    assert refused.json()["stored"] is False
    [fault] = refused.json()["faults"]
    assert (fault["where"], fault["field"]) == ("line 3", "satuan")

    tried = await client.put(path, params={"check_only": True}, content=good, headers=admin.bearer)
    assert (tried.json()["stored"], tried.json()["added"]) == (False, ["77010001"])
    done = await client.put(path, content=good, headers=admin.bearer)
    assert (done.json()["stored"], done.json()["added"]) == (True, ["77010001"])
    again = await client.put(path, content=good, headers=admin.bearer)
    assert (again.json()["added"], again.json()["unchanged"]) == ([], 1)


async def test_only_an_admin_of_the_topmost_satuan_sends_files(
    client: httpx2.AsyncClient, database: Database, regency: Regency
) -> None:
    async with database.transaction() as session:
        below = await make_staff(session, regency.kota, Role.ADMIN)

    said = await client.put("/v1/imports/personil", content="nrp\n", headers=below.bearer)

    assert (said.status_code, said.json()["code"]) == (403, "not_allowed")
