"""An admin's form of a Personil: tried out, stored, refused, and who may."""

from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio

from cas_server.db.session import Database
from cas_server.identity.roles import Role
from cas_server.kit.ids import new_id
from tests.factories import (
    Person,
    Regency,
    Satuan,
    make_masyarakat,
    make_personil,
    make_staff,
)

LIST = "/v1/registry/personil"


@pytest_asyncio.fixture
async def admin(database: Database, regency: Regency) -> Person:
    async with database.transaction() as session:
        return await make_staff(session, regency.polres, Role.ADMIN)


@pytest_asyncio.fixture
async def officer(database: Database, regency: Regency) -> Person:
    async with database.transaction() as session:
        return await make_personil(session, regency.kota, regency.at(50))


def newcomer(satuan: Satuan, **other: Any) -> dict[str, Any]:
    known = {"nrp": "77030001", "name": " Rini  Astuti ", "rank": "Briptu", "phone": "08123456789"}
    return {**known, "skills": ["Tim Panther", "motor"], "satuan_id": str(satuan.id), **other}


async def shown(client: httpx2.AsyncClient, admin: Person, of: UUID | str) -> dict[str, Any]:
    """A Personil as the list has them, in service or not."""
    for in_service in (True, False):
        asked = {"limit": 500, "in_service": in_service}
        page = (await client.get(LIST, params=asked, headers=admin.bearer)).json()
        for one in page["personil"]:
            if one["id"] == str(of):
                return dict(one)
    raise AssertionError("not in the list")


def form_of(record: dict[str, Any], **changes: Any) -> dict[str, Any]:
    names = ("nrp", "name", "rank", "satuan_id", "skills", "phone", "in_service", "version")
    return {**{name: record[name] for name in names}, **changes}


async def put(
    client: httpx2.AsyncClient, admin: Person, of: UUID | str, form: dict[str, Any], **asked: Any
) -> httpx2.Response:
    return await client.put(f"{LIST}/{of}", params=asked, json=form, headers=admin.bearer)


def said(answer: httpx2.Response) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {effect["what"] for effect in answer.json()["effects"]}


async def test_somebody_new_is_tried_out_entered_and_found(
    client: httpx2.AsyncClient, admin: Person, regency: Regency, database: Database
) -> None:
    personil_id, form = new_id(), newcomer(regency.kota)
    tried = await put(client, admin, personil_id, form, check_only=True)
    assert (said(tried), tried.json()["stored"]) == ({"added", "may_sign_in"}, False)
    empty = await client.get(LIST, headers=admin.bearer)
    assert empty.json() == {"total": 0, "personil": []}

    done = await put(client, admin, personil_id, form)
    assert done.json()["stored"]
    for text in ("rini", "7703", "KOTA"):
        found = await client.get(LIST, params={"search": text}, headers=admin.bearer)
        [one] = found.json()["personil"]
        assert (one["name"], one["skills"]) == ("Rini Astuti", ["motor", "tim_panther"])
    async with database.reading() as session:
        account = await session.sql.fetchrow(
            "SELECT username, satuan_path FROM account WHERE holder_id = $1", personil_id
        )
        journal = await session.sql.fetch(
            "SELECT actor_id, payload::text FROM journal WHERE kind = 'personil.added'"
        )
    assert tuple(account) == ("77030001", regency.kota.path)
    assert [row["actor_id"] for row in journal] == [admin.account_id]
    assert "Rini" not in journal[0]["payload"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"nrp": "123"}, "nrp"),
        ({"name": "  "}, "name"),
        ({"rank": "x" * 150}, "rank"),
        ({"phone": "12"}, "phone"),
        ({"satuan_id": str(new_id())}, "satuan_id"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(
    client: httpx2.AsyncClient, admin: Person, regency: Regency, wrong: dict[str, str], field: str
) -> None:
    answer = await put(client, admin, new_id(), newcomer(regency.kota, **wrong))

    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_nobody_gets_an_nrp_or_a_number_that_another_has(
    client: httpx2.AsyncClient, admin: Person, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        other = await make_personil(session, regency.rengel, on_duty=False)
        row = await session.sql.fetchrow(
            "SELECT nrp, phone FROM personil WHERE id = $1", other.holder_id
        )

    nrp = await put(client, admin, new_id(), newcomer(regency.kota, nrp=row["nrp"]))
    phone = await put(client, admin, new_id(), newcomer(regency.kota, phone=row["phone"]))

    assert (nrp.status_code, nrp.json()["code"]) == (409, "nrp_taken")
    assert (phone.status_code, phone.json()["code"]) == (409, "phone_taken")
    assert other.name not in nrp.text + phone.text


async def test_a_move_says_that_duty_and_sign_ins_end_and_ends_them(
    client: httpx2.AsyncClient,
    admin: Person,
    officer: Person,
    regency: Regency,
    database: Database,
) -> None:
    async with database.transaction() as session:
        await session.sql.execute(
            "UPDATE wilayah SET bhabinkamtibmas_id = $1 WHERE satuan_id = $2",
            officer.holder_id, regency.kota.id,
        )  # fmt: skip
    record = await shown(client, admin, officer.holder_id)
    form = form_of(record, satuan_id=str(regency.dander.id))
    tried = await put(client, admin, officer.holder_id, form, check_only=True)
    assert said(tried) == {"changed", "off_duty", "sign_ins_end", "desa_without"}
    assert (await client.get("/v1/duty", headers=officer.bearer)).json()["on_duty"]

    assert said(await put(client, admin, officer.holder_id, form)) == said(tried)
    after = await shown(client, admin, officer.holder_id)
    assert (after["satuan_name"], after["on_duty"]) == (regency.dander.name, False)
    assert (await client.get("/v1/duty", headers=officer.bearer)).status_code == 401
    async with database.reading() as session:
        account = await session.sql.fetchrow(
            "SELECT satuan_path, disabled_at FROM account WHERE id = $1", officer.account_id
        )
        left = await session.sql.fetchval("SELECT count(*) FROM last_position")
    assert (tuple(account), left) == ((regency.dander.path, None), 0)


async def test_a_name_is_changed_without_ending_anything(
    client: httpx2.AsyncClient, admin: Person, officer: Person
) -> None:
    form = form_of(await shown(client, admin, officer.holder_id), name="Budi Baru", rank="Aipda")
    answer = await put(client, admin, officer.holder_id, form)

    assert said(answer) == {"changed"}
    assert (await client.get("/v1/account", headers=officer.bearer)).json()["name"] == "Budi Baru"
    again = form_of(answer.json()["personil"])
    assert (await put(client, admin, officer.holder_id, again)).json()["effects"] == []


async def test_out_of_service_means_out_of_every_sign_in_and_can_be_taken_back(
    client: httpx2.AsyncClient, admin: Person, officer: Person
) -> None:
    gone = form_of(await shown(client, admin, officer.holder_id), in_service=False)
    assert "ends" in said(await put(client, admin, officer.holder_id, gone))
    assert (await client.get("/v1/account", headers=officer.bearer)).status_code == 401
    listed = (await client.get(LIST, headers=admin.bearer)).json()
    assert listed["total"] == 0

    back = form_of(await shown(client, admin, officer.holder_id), in_service=True)
    assert said(await put(client, admin, officer.holder_id, back)) == {"returns"}
    assert (await shown(client, admin, officer.holder_id))["in_service"]


async def test_whoever_is_on_an_alarm_is_neither_moved_nor_taken_out(
    client: httpx2.AsyncClient,
    admin: Person,
    officer: Person,
    regency: Regency,
    database: Database,
) -> None:
    async with database.transaction() as session:
        warga = await make_masyarakat(session)
    body = {"position": {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 8}}
    await client.put(f"/v1/alarms/{new_id()}", headers=warga.bearer, json=body)
    [offer] = (await client.get("/v1/offers", headers=officer.bearer)).json()
    await client.post(f"/v1/offers/{offer['offer_id']}/acceptance", headers=officer.bearer)
    record = await shown(client, admin, officer.holder_id)
    assert record["alarm"] is not None

    for change in ({"in_service": False}, {"satuan_id": str(regency.dander.id)}):
        answer = await put(client, admin, officer.holder_id, form_of(record, **change))
        assert (answer.status_code, answer.json()["code"]) == (409, "personil_on_alarm")
        assert answer.json()["alarm"] == str(record["alarm"])
    renamed = await put(client, admin, officer.holder_id, form_of(record, rank="Aipda"))
    assert said(renamed) == {"changed"}


async def test_a_form_older_than_another_admins_or_a_files_change_is_not_taken(
    client: httpx2.AsyncClient, admin: Person, officer: Person, regency: Regency
) -> None:
    form = form_of(await shown(client, admin, officer.holder_id), rank="Aipda")
    stale = {**form, "rank": "Aiptu"}
    await put(client, admin, officer.holder_id, form)
    second = await put(client, admin, officer.holder_id, stale)
    assert (second.status_code, second.json()["code"]) == (409, "changed_meanwhile")

    seen = form_of(await shown(client, admin, officer.holder_id), name="Dari Formulir")
    rows = f"nrp,nama,pangkat,satuan\n{form['nrp']},Dari Berkas,Ipda,{regency.kota.code}\n"
    stored = await client.put("/v1/imports/personil", content=rows, headers=admin.bearer)
    assert stored.json()["stored"], stored.text
    late = await put(client, admin, officer.holder_id, seen)
    assert late.json()["code"] == "changed_meanwhile"
    assert (await shown(client, admin, officer.holder_id))["name"] == "Dari Berkas"


async def test_a_file_changes_whoever_is_out_of_service_but_brings_nobody_back(
    client: httpx2.AsyncClient, admin: Person, officer: Person, regency: Regency
) -> None:
    record = await shown(client, admin, officer.holder_id)
    await put(client, admin, officer.holder_id, form_of(record, in_service=False))
    rows = f"nrp,nama,pangkat,satuan\n{record['nrp']},Dari Berkas,Ipda,{regency.kota.code}\n"
    stored = await client.put("/v1/imports/personil", content=rows, headers=admin.bearer)

    assert stored.json()["notes"] == [f"out of service, and stays so: {record['nrp']}"]
    after = await shown(client, admin, officer.holder_id)
    assert (after["in_service"], after["name"]) == (False, "Dari Berkas")


async def test_the_admin_of_a_subtree_does_not_reach_outside_it(
    client: httpx2.AsyncClient, officer: Person, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        below = await make_staff(session, regency.dander, Role.ADMIN)
        above = await make_staff(session, regency.polres, Role.ADMIN)
        operator = await make_staff(session, regency.polres)
    record = await shown(client, above, officer.holder_id)

    listed = (await client.get(LIST, headers=below.bearer)).json()
    foreign = await put(client, below, officer.holder_id, form_of(record, rank="Aipda"))
    taken = await put(
        client, below, officer.holder_id,
        newcomer(regency.dander, nrp=record["nrp"], version=None),
    )  # fmt: skip
    pushed = await put(client, below, new_id(), newcomer(regency.kota))
    by_desk = await put(client, operator, officer.holder_id, form_of(record, rank="Aipda"))

    assert listed["total"] == 0
    answers = (foreign, taken, pushed, by_desk)
    assert [answer.status_code for answer in answers] == [404, 409, 422, 403]
    assert await shown(client, above, officer.holder_id) == record
