"""An admin's form of an Instansi: entered, renamed, closed, its first manager; and who may."""

from typing import Any
from uuid import UUID

import httpx2
import pytest_asyncio

from cas_server.db.session import Database
from cas_server.identity.roles import Role
from cas_server.kit.ids import new_id
from tests.factories import (
    Person,
    Regency,
    make_instansi,
    make_petugas,
    make_staff,
)

LIST = "/v1/registry/instansi"
MANAGER = {"name": "Ani Kusuma", "phone": "0812 7777 0001"}


@pytest_asyncio.fixture
async def admin(database: Database, regency: Regency) -> Person:
    async with database.transaction() as session:
        return await make_staff(session, regency.polres, Role.ADMIN)


async def listed(
    client: httpx2.AsyncClient, who: Person, search: str = ""
) -> dict[str, dict[str, Any]]:
    answer = await client.get(LIST, params={"search": search}, headers=who.bearer)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["instansi"])
    return {one["id"]: one for one in answer.json()["instansi"]}


async def change(
    client: httpx2.AsyncClient, who: Person, of: UUID, /, asked: str = "", **changes: Any
) -> httpx2.Response:
    record = (await listed(client, who))[str(of)]
    names = ("code", "name", "kind", "open", "version")
    form = {**{name: record[name] for name in names}, **changes}
    asking = {"check_only": bool(asked)}
    return await client.put(f"{LIST}/{of}", params=asking, json=form, headers=who.bearer)


def said(answer: httpx2.Response) -> dict[str, int]:
    assert answer.status_code == 200, answer.text
    return {effect["what"]: effect["count"] for effect in answer.json()["effects"]}


async def test_an_instansi_is_entered_found_renamed_and_gets_its_first_manager(
    client: httpx2.AsyncClient, admin: Person
) -> None:
    instansi_id, form = new_id(), {"name": " Bank  Jatim ", "kind": "bank"}
    path = f"{LIST}/{instansi_id}"
    tried = await client.put(path, params={"check_only": True}, json=form, headers=admin.bearer)
    assert said(tried) == {"added": 0}
    assert await listed(client, admin) == {}
    await client.put(path, json=form, headers=admin.bearer)
    [one] = (await listed(client, admin, "jatim")).values()
    assert (one["code"], one["name"], one["sites"]) == ("bank-jatim", "Bank Jatim", [])
    assert said(await change(client, admin, instansi_id, name="Bank Jatim Cepu")) == {"changed": 0}
    twice = await client.put(f"{LIST}/{new_id()}", json=form, headers=admin.bearer)
    assert (twice.status_code, twice.json()["field"]) == (409, "code")

    manager = f"{path}/managers/{new_id()}"
    for _ in range(2):
        made = await client.put(manager, json=MANAGER, headers=admin.bearer)
        assert (made.status_code, made.json()["manager"]) == (200, True)
    [one] = (await listed(client, admin)).values()
    [shown] = one["managers"]
    assert one["people"] == 1
    assert "Kusuma" not in shown
    second = await client.put(f"{path}/managers/{new_id()}", json=MANAGER, headers=admin.bearer)
    assert (second.status_code, second.json()["code"]) == (409, "has_manager")


async def test_a_closed_instansi_is_signed_out_and_opened_with_its_people(
    client: httpx2.AsyncClient, admin: Person, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        bank, site_id = await make_instansi(session, regency.at(200))
        petugas = await make_petugas(session, bank, manager=True)
    line = f"/v1/own-sites/{site_id}/line"
    await client.put(line, json={"device": "loket"}, headers=petugas.bearer)
    [site] = (await listed(client, admin))[str(bank.holder_id)]["sites"]
    assert (site["devices"], site["heard_at"] is None) == (1, False)

    tried = said(await change(client, admin, bank.holder_id, asked="only", open=False))
    assert tried == {"ends": 0, "people_end": 2, "sign_ins_end": 2}
    assert said(await change(client, admin, bank.holder_id, open=False)) == tried
    assert (await client.get("/v1/own-instansi", headers=petugas.bearer)).status_code == 401
    assert (await client.get("/v1/sites", headers=admin.bearer)).json() == []
    file = (
        "kode,nama,jenis,alamat,lat,lon,kode_lokasi\n"
        f"{(await listed(client, admin))[str(bank.holder_id)]['code']},Bank Berkas,bank,"
        f"Jl. Satu,-7.15,111.88,{site['code']}\n"
    )
    stored = await client.put("/v1/imports/instansi", content=file, headers=admin.bearer)
    assert stored.json()["notes"][0].startswith("closed, and stays so"), stored.text
    assert not (await listed(client, admin))[str(bank.holder_id)]["open"]
    back = said(await change(client, admin, bank.holder_id, open=True))
    assert back == {"returns": 0, "people_return": 2}


async def test_nothing_is_closed_while_its_alarm_is_open_nor_by_a_form_that_is_old(
    client: httpx2.AsyncClient, admin: Person, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        bank, site_id = await make_instansi(session, regency.at(200))
    body = {"site_id": str(site_id)}
    pressed = await client.put(f"/v1/alarms/{new_id()}", json=body, headers=bank.bearer)
    assert pressed.status_code == 201

    closing = await change(client, admin, bank.holder_id, open=False)
    assert (closing.status_code, closing.json()["code"]) == (409, "alarms_open")
    stale = await change(client, admin, bank.holder_id, name="Lain", version="x")
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")


async def test_the_admin_of_a_subtree_does_not_reach_outside_it(
    client: httpx2.AsyncClient, admin: Person, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        foreign = await make_staff(session, regency.neighbour, Role.ADMIN)
        below = await make_staff(session, regency.dander, Role.ADMIN)
        ours, _ = await make_instansi(session, regency.at(200))
        both, _ = await make_instansi(session, regency.at(300))
        await session.sql.execute(
            """INSERT INTO site (id, instansi_id, code, name, address, at)
               VALUES ($1, $2, 'jauh', 'Cabang', 'Jl.', ST_SetSRID(ST_MakePoint($3, $4), 4326))""",
            new_id(), both.holder_id, regency.at(0, 22_500).lon, regency.at(0, 22_500).lat,
        )  # fmt: skip
    mine = str(ours.holder_id)
    record = (await listed(client, admin))[mine]
    form = {name: record[name] for name in ("code", "name", "kind", "open", "version")}

    assert set(await listed(client, foreign)) == {str(both.holder_id)}
    assert await listed(client, below) == {}
    for who in (foreign, below):
        taken = await client.put(f"{LIST}/{mine}", json=form, headers=who.bearer)
        manager = f"{LIST}/{mine}/managers/{new_id()}"
        given = await client.put(manager, json=MANAGER, headers=who.bearer)
        assert (taken.status_code, given.status_code) == (404, 404)
    shared = await change(client, admin, both.holder_id, name="Direbut")
    assert (shared.status_code, shared.json()["code"]) == (409, "sites_elsewhere")
