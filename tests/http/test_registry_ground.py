"""An admin's forms of Satuan and Wilayah: what follows a change, what is refused, and who may."""

from typing import Any
from uuid import UUID

import httpx2
import pytest
import pytest_asyncio

from cas_server.administration import mending
from cas_server.db.session import Database
from cas_server.identity.roles import Role
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from cas_server.outbox.queries import Job
from cas_server.registry import store
from tests.factories import (
    Person,
    Regency,
    Satuan,
    make_instansi,
    make_masyarakat,
    make_personil,
    make_satuan,
    make_staff,
)

SATUAN, WILAYAH = "/v1/registry/satuan", "/v1/registry/wilayah"


@pytest_asyncio.fixture
async def polda(database: Database, regency: Regency) -> Satuan:
    """Above both Polres of the regency."""
    async with database.transaction() as session:
        polda = await make_satuan(session, "jatim", "polda")
        await session.sql.execute(
            "UPDATE satuan SET parent_id = $1 WHERE id = ANY ($2)",
            polda.id, [regency.polres.id, regency.neighbour.id],
        )  # fmt: skip
        await store.refresh_tree(session)
        return polda


@pytest_asyncio.fixture
async def admin(database: Database, polda: Satuan) -> Person:
    """Of the Polda, where an operator sits, too."""
    async with database.transaction() as session:
        await make_staff(session, polda)
        return await make_staff(session, polda, Role.ADMIN)


async def tree(client: httpx2.AsyncClient, who: Person) -> dict[str, dict[str, Any]]:
    found = (await client.get(SATUAN, headers=who.bearer)).json()
    return {one["id"]: one for one in found}


def form_of(record: dict[str, Any], **changes: Any) -> dict[str, Any]:
    names = ("code", "name", "kind", "parent_id", "phone", "lat", "lon", "open", "version")
    return {**{name: record[name] for name in names}, **changes}


async def change(
    client: httpx2.AsyncClient, who: Person, satuan: UUID, /, asked: str = "", **changes: Any
) -> httpx2.Response:
    record = (await tree(client, who))[str(satuan)]
    return await client.put(
        f"{SATUAN}/{satuan}",
        params={"check_only": bool(asked)},
        json=form_of(record, **changes),
        headers=who.bearer,
    )


def said(answer: httpx2.Response) -> dict[str, int]:
    assert answer.status_code == 200, answer.text
    return {effect["what"]: effect["count"] for effect in answer.json()["effects"]}


async def press(client: httpx2.AsyncClient, who: Person, regency: Regency) -> None:
    body = {"position": {"lat": regency.centre.lat, "lon": regency.centre.lon, "accuracy_m": 8}}
    answer = await client.put(f"/v1/alarms/{new_id()}", headers=who.bearer, json=body)
    assert answer.status_code == 201, answer.text


async def test_a_satuan_is_entered_below_ones_own_and_renamed(
    client: httpx2.AsyncClient, admin: Person, regency: Regency
) -> None:
    satuan_id = new_id()
    form = {"name": "Polsek  Kapas", "kind": "polsek", "parent_id": str(regency.polres.id),
            "phone": "110", "lat": -7.1, "lon": 111.9}  # fmt: skip
    path = f"{SATUAN}/{satuan_id}"
    tried = await client.put(path, params={"check_only": True}, json=form, headers=admin.bearer)
    assert said(tried) == {"added": 0}
    assert str(satuan_id) not in await tree(client, admin)
    await client.put(path, json=form, headers=admin.bearer)
    entered = (await tree(client, admin))[str(satuan_id)]
    assert (entered["code"], entered["path"]) == ("polsek-kapas", "jatim/bjn/polsek-kapas/")

    assert said(await change(client, admin, satuan_id, name="Polsek Kapas Baru")) == {"changed": 0}
    assert (await tree(client, admin))[str(satuan_id)]["name"] == "Polsek Kapas Baru"
    again = await client.put(f"{SATUAN}/{new_id()}", json=form, headers=admin.bearer)
    assert (again.status_code, again.json()["field"]) == (409, "code")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"phone": "12345"}, "phone"),
        ({"lat": -7.1, "lon": None}, "lon"),
        ({"lat": 52.5, "lon": 13.4}, "lat"),
        ({"kind": "polres"}, "kind"),
        ({"code": "lain"}, "code"),
        ({"parent_id": None}, "parent_id"),
        ({"parent_id": str(new_id())}, "parent_id"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(
    client: httpx2.AsyncClient, admin: Person, regency: Regency, wrong: dict[str, Any], field: str
) -> None:
    answer = await change(client, admin, regency.kota.id, **wrong)

    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_move_takes_everything_below_along_and_signs_its_desks_out(
    client: httpx2.AsyncClient, admin: Person, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        officer = await make_personil(session, regency.kota, regency.at(50))
        desk = await make_staff(session, regency.kota)
        warga = await make_masyarakat(session)
        await store.refresh_paths(session)
    tried = await change(client, admin, regency.kota.id, asked="only",
                         parent_id=str(regency.neighbour.id))  # fmt: skip
    assert said(tried) == {
        "changed": 0, "personil_follow": 1, "wilayah_follow": 1, "sign_ins_end": 1,
    }  # fmt: skip
    done = await change(client, admin, regency.kota.id, parent_id=str(regency.neighbour.id))
    assert said(done) == said(tried)

    path = "jatim/bjn-tuban/bjn-kota/"
    queries = {
        "duty": "SELECT satuan_path FROM duty WHERE personil_id = $1",
        "position": "SELECT satuan_path FROM last_position WHERE personil_id = $1",
        "account": "SELECT satuan_path FROM account WHERE holder_id = $1",
    }
    async with database.reading() as session:
        paths = {
            name: await session.sql.fetchval(query, officer.holder_id)
            for name, query in queries.items()
        }
        polres = await session.sql.fetchval(
            "SELECT polres_path FROM satuan WHERE id = $1", regency.kota.id
        )
    assert paths == dict.fromkeys(queries, path)
    assert polres == "jatim/bjn-tuban/"
    assert (await client.get("/v1/alarms", headers=desk.bearer)).status_code == 401
    assert (await client.get("/v1/duty", headers=officer.bearer)).json()["on_duty"]
    await press(client, warga, regency)
    seen = (await client.get("/v1/alarms", headers=admin.bearer)).json()["alarms"]
    assert [alarm["satuan_path"] for alarm in seen] == [path]


async def test_what_was_written_by_the_old_path_follows_soon(
    client: httpx2.AsyncClient, admin: Person, regency: Regency, database: Database
) -> None:
    await change(client, admin, regency.kota.id, parent_id=str(regency.neighbour.id))
    async with database.transaction() as session:
        officer = await make_personil(session, regency.kota)
        await session.sql.execute("UPDATE duty SET satuan_path = 'jatim/bjn/bjn-kota/'")
        jobs = await session.sql.fetch("SELECT kind FROM outbox")
    assert [job["kind"] for job in jobs] == [mending.JOB]
    await mending.handlers(database)[mending.JOB](Job(0, mending.JOB, {}, 1, 1, utc_now()))

    async with database.reading() as session:
        path = await session.sql.fetchval(
            "SELECT satuan_path FROM duty WHERE personil_id = $1", officer.holder_id
        )
    assert path == "jatim/bjn-tuban/bjn-kota/"


async def test_nothing_is_moved_or_closed_while_an_alarm_is_open_there(
    client: httpx2.AsyncClient, admin: Person, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        warga = await make_masyarakat(session)
    await press(client, warga, regency)

    for changes in ({"parent_id": str(regency.neighbour.id)}, {"open": False}):
        answer = await change(client, admin, regency.kota.id, **changes)
        assert (answer.status_code, answer.json()["code"]) == (409, "alarms_open")
        assert answer.json()["alarms"]


async def test_a_closed_satuan_leaves_people_and_ground_to_the_one_above(
    client: httpx2.AsyncClient, admin: Person, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        officer = await make_personil(session, regency.kota)
        desk = await make_staff(session, regency.kota)
        warga = await make_masyarakat(session)
        await store.refresh_paths(session)
        await session.sql.execute(
            "UPDATE satuan SET wilayah_codes = '{35.22.15}' WHERE id = $1", regency.kota.id
        )
    closed = said(await change(client, admin, regency.kota.id, open=False))
    assert closed == {
        "ends": 0, "personil_follow": 1, "wilayah_follow": 1, "desks_end": 1, "sign_ins_end": 1,
    }  # fmt: skip
    assert (await client.get("/v1/account", headers=desk.bearer)).status_code == 401
    assert (await client.get("/v1/duty", headers=officer.bearer)).json()["on_duty"]
    satuan = (await client.get("/v1/satuan", headers=admin.bearer)).json()
    assert str(regency.kota.id) not in {one["id"] for one in satuan}
    await press(client, warga, regency)
    [alarm] = (await client.get("/v1/alarms", headers=admin.bearer)).json()["alarms"]
    assert alarm["satuan_path"] == "jatim/bjn/"

    opened = said(await change(client, admin, regency.kota.id, open=True))
    assert opened == {"returns": 0, "desks_return": 1}
    async with database.reading() as session:
        rows = await session.sql.fetch(
            "SELECT wilayah_codes FROM satuan WHERE id = ANY ($1) ORDER BY path",
            [regency.polres.id, regency.kota.id],
        )
        disabled = await session.sql.fetchval(
            "SELECT disabled_at FROM account WHERE id = $1", desk.account_id
        )
    assert [row["wilayah_codes"] for row in rows] == [["35.22.15"], []]
    assert disabled is None


async def test_what_would_leave_ground_without_a_desk_or_a_satuan_without_a_place_is_refused(
    client: httpx2.AsyncClient, regency: Regency, polda: Satuan, database: Database
) -> None:
    async with database.transaction() as session:
        admin = await make_staff(session, polda, Role.ADMIN)
        await make_staff(session, regency.kota)

    with_children = await change(client, admin, regency.polres.id, open=False)
    deskless = await change(client, admin, regency.kota.id, open=False)
    own = await change(client, admin, polda.id, open=False)

    assert (with_children.status_code, with_children.json()["code"]) == (409, "satuan_still_above")
    assert (deskless.status_code, deskless.json()["code"]) == (409, "no_desk_left")
    assert (own.status_code, own.json()["field"]) == (422, "open")
    assert all(one["open"] for one in (await tree(client, admin)).values())


async def test_a_file_puts_nothing_into_a_closed_satuan_and_does_not_open_it(
    client: httpx2.AsyncClient, admin: Person, regency: Regency
) -> None:
    await change(client, admin, regency.kota.id, open=False)
    files = {
        "personil": "nrp,nama,pangkat,satuan\n77040001,Budi,Bripka,bjn-kota\n",
        "satuan": "nama,jenis,kode,induk,wilayah\nPolsek Kota,polsek,bjn-kota,bjn,35.22.15\n",
    }
    for kind, rows in files.items():
        answer = await client.put(f"/v1/imports/{kind}", content=rows, headers=admin.bearer)
        faults = [fault["sentence"] for fault in answer.json()["faults"]]
        assert faults == ["bjn-kota is closed; open it in the settings first"], answer.text
    renamed = "nama,jenis,kode,induk\nPolsek Kota Lama,polsek,bjn-kota,bjn\n"
    await client.put("/v1/imports/satuan", content=renamed, headers=admin.bearer)
    after = (await tree(client, admin))[str(regency.kota.id)]
    assert (after["name"], after["open"]) == ("Polsek Kota Lama", False)


async def test_another_satuan_answers_for_a_wilayah_from_the_next_press_on(
    client: httpx2.AsyncClient, admin: Person, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        first, second = await make_masyarakat(session), await make_masyarakat(session)
        await make_instansi(session, regency.at(200))
    await press(client, first, regency)
    listed = (await client.get(WILAYAH, headers=admin.bearer)).json()
    record = next(one for one in listed if one["satuan_id"] == str(regency.kota.id))
    path = f"{WILAYAH}/{record['code']}"
    form = {"satuan_id": str(regency.dander.id), "version": record["version"]}
    tried = await client.put(path, params={"check_only": True}, json=form, headers=admin.bearer)
    assert said(tried) == {"changed": 0, "sites_follow": 1, "alarms_stay": 1}
    assert said(await client.put(path, json=form, headers=admin.bearer)) == said(tried)
    stale = await client.put(path, json=form, headers=admin.bearer)
    assert (stale.status_code, stale.json()["code"]) == (409, "changed_meanwhile")

    await press(client, second, regency)
    seen = (await client.get("/v1/alarms", headers=admin.bearer)).json()["alarms"]
    names = {alarm["satuan_name"] for alarm in seen}
    assert names == {regency.kota.name, regency.dander.name}
    async with database.reading() as session:
        codes = await session.sql.fetchval(
            "SELECT wilayah_codes FROM satuan WHERE id = $1", regency.dander.id
        )
    assert codes == [record["code"]]


async def test_the_admin_of_a_subtree_does_not_reach_outside_it(
    client: httpx2.AsyncClient, admin: Person, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        below = await make_staff(session, regency.polres, Role.ADMIN)
        await session.sql.execute(
            "UPDATE account SET satuan_path = 'jatim/bjn/' WHERE id = $1", below.account_id
        )
    everything = await tree(client, admin)
    foreign = everything[str(regency.rengel.id)]
    wilayah = (await client.get(WILAYAH, headers=admin.bearer)).json()
    theirs = next(one for one in wilayah if one["satuan_id"] == foreign["id"])
    ours = next(one for one in wilayah if one["satuan_id"] == str(regency.kota.id))

    async def put(path: str, form: dict[str, Any]) -> int:
        answer = await client.put(path, json=form, headers=below.bearer)
        return answer.status_code

    named = {regency.polres.id, regency.kota.id, regency.dander.id}
    assert set(await tree(client, below)) == {str(one) for one in named}
    listed = (await client.get(WILAYAH, headers=below.bearer)).json()
    assert theirs["code"] not in {one["code"] for one in listed}
    away = form_of(everything[str(regency.kota.id)], parent_id=str(regency.neighbour.id))
    assert [
        await put(f"{SATUAN}/{foreign['id']}", form_of(foreign, name="Direbut")),
        await put(f"{SATUAN}/{regency.kota.id}", away),
        await put(f"{WILAYAH}/{theirs['code']}",
                  {"satuan_id": str(regency.kota.id), "version": theirs["version"]}),
        await put(f"{WILAYAH}/{ours['code']}",
                  {"satuan_id": foreign["id"], "version": ours["version"]}),
    ] == [404, 422, 404, 422]  # fmt: skip
    assert await tree(client, admin) == everything
