"""People of an Instansi sign in with their own number, as its manager says, and are forgotten."""

from typing import Any

import httpx2

from cas_server.db.session import Database
from cas_server.kit.ids import new_id
from tests.instansi.conftest import MANAGER_PHONE, TELLER_PHONE, Bank
from tests.privacy.stage import tables_with

NEW = {"name": "Rina Teller", "phone": "0812 3333 4444"}


async def add(bank: Bank, **more: Any) -> httpx2.Response:
    return await bank.ask(bank.manager, "PUT", f"/petugas/{new_id()}", {**NEW, **more})


async def test_somebody_the_manager_adds_signs_in_with_their_number_and_presses_at_the_site(
    bank: Bank,
) -> None:
    before = await bank.sign_in(NEW["phone"], role="instansi")
    added = await add(bank)
    signed_in = (await bank.sign_in(NEW["phone"], role="instansi")).json()

    assert (before.status_code, before.json()["code"]) == (401, "no_petugas")
    assert (added.json()["name"], added.json()["phone"]) == ("Rina Teller", "+62 ••• ••• 444")
    assert (signed_in["account"]["role"], signed_in["account"]["name"]) == (
        "instansi", "Rina Teller")  # fmt: skip
    headers = {"Authorization": f"Bearer {signed_in['press_token']}"}
    pressed = await bank.client.put(
        f"/v1/alarms/{new_id()}", headers=headers, json={"site_id": str(bank.site)}
    )
    assert pressed.status_code == 201
    assert await tables_with(bank.database, "Rina Teller") == set()


async def test_one_number_may_be_a_citizens_and_a_petugas_and_the_app_says_which(
    bank: Bank,
) -> None:
    await add(bank, phone="0812 1111 0003")

    citizen = (await bank.sign_in("0812 1111 0003", name="Warga")).json()
    petugas = (await bank.sign_in("0812 1111 0003", role="instansi")).json()

    assert citizen["account"]["account_id"] == str(bank.citizen.account_id)
    assert (citizen["account"]["role"], petugas["account"]["role"]) == ("masyarakat", "instansi")


async def test_whoever_is_removed_is_out_at_once_and_comes_back_when_it_was_a_slip(
    bank: Bank,
) -> None:
    teller = f"/petugas/{bank.teller.account_id}"
    removed = await bank.ask(bank.manager, "DELETE", teller)
    out = await bank.ask(bank.teller, "GET", "/own-instansi")
    refused = await bank.sign_in(TELLER_PHONE, role="instansi")
    restored = await bank.ask(bank.manager, "POST", f"{teller}/restoration")
    again = await bank.sign_in(TELLER_PHONE, role="instansi")

    assert removed.json()["removed_at"] is not None
    assert (out.status_code, refused.json()["code"]) == (401, "no_petugas")
    assert restored.json()["removed_at"] is None
    assert again.json()["account"]["account_id"] == str(bank.teller.account_id)
    assert [kind for kind in await bank.kinds() if kind.startswith("petugas.")] == [
        "petugas.removed", "petugas.restored"]  # fmt: skip


async def test_somebody_always_manages_and_a_number_belongs_to_one_petugas(bank: Bank) -> None:
    manager = f"/petugas/{bank.manager.account_id}"
    alone = await bank.ask(bank.manager, "DELETE", manager)
    demoted = await bank.ask(
        bank.manager, "PUT", manager, {"name": "Bos", "phone": MANAGER_PHONE, "manager": False}
    )
    taken = await add(bank, phone=TELLER_PHONE)
    elsewhere = await bank.ask(
        bank.other, "PUT", f"/petugas/{new_id()}", {**NEW, "phone": TELLER_PHONE}
    )
    by_teller = await bank.ask(bank.teller, "PUT", f"/petugas/{new_id()}", NEW)
    next_door = await bank.ask(bank.other, "DELETE", f"/petugas/{bank.teller.account_id}")

    assert [alone.json()["code"], demoted.json()["code"]] == ["last_manager", "last_manager"]
    assert [taken.json()["code"], taken.json()["field"]] == ["number_taken", "phone"]
    assert elsewhere.json()["code"] == "number_taken"
    assert [by_teller.status_code, next_door.status_code] == [404, 404]


async def test_whoever_left_one_bank_may_be_added_by_another(bank: Bank) -> None:
    await bank.ask(bank.manager, "DELETE", f"/petugas/{bank.teller.account_id}")

    added = await bank.ask(
        bank.other, "PUT", f"/petugas/{new_id()}", {**NEW, "phone": TELLER_PHONE}
    )
    now = (await bank.sign_in(TELLER_PHONE, role="instansi")).json()

    assert added.status_code == 200
    assert now["account"]["holder_id"] == str(bank.other.holder_id)


async def test_a_petugas_sees_all_that_is_kept_and_is_forgotten(
    bank: Bank, database: Database
) -> None:
    await bank.press(bank.teller)
    await bank.ask(bank.manager, "PUT", f"/own-sites/{bank.site}/line", {"device": "loket"})
    export = (await bank.ask(bank.teller, "GET", "/account/export")).json()
    async with database.glance() as session:
        await session.sql.execute("UPDATE alarm SET closed_at = now(), disposition = 'test'")
    erased = await bank.ask(bank.teller, "DELETE", "/account?confirm=HAPUS")

    assert export["account"]["phone"] == TELLER_PHONE
    assert export["account"]["name"].startswith("Petugas ")
    assert export["registered_as"]["instansi"].startswith("Bank ")
    assert len(export["presses"]) == 1
    assert erased.json()["state"] == "done"
    async with database.glance() as session:
        row = await session.sql.fetchrow(
            "SELECT * FROM account WHERE id = $1", bank.teller.account_id
        )
    assert row is not None
    assert (row["name"], row["phone_hash"], row["name_sealed"]) == ("(dihapus)", None, None)
    assert (await bank.ask(bank.manager, "GET", "/petugas")).status_code == 200
