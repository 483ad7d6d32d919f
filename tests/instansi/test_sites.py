"""What an Instansi says of its sites reaches the desk and the officers; its line is watched."""

from datetime import timedelta
from pathlib import Path

from cas_server.instansi import service
from cas_server.kit.clock import utc_now
from cas_server.registry.importing import ImportKind, ImportReport, import_file
from tests.instansi.conftest import Bank

CHANGE = {
    "floor": "Lantai 2, loket depan",
    "responder_notes": "Pintu belakang menghadap gang",
    "contacts": [{"name": "Pak Joko", "phone": "0812 2222 3333", "duty": "Satpam"}],
}


async def test_what_the_manager_writes_of_a_site_stands_in_its_alarm_at_the_desk_and_the_officer(
    bank: Bank,
) -> None:
    changed = await bank.ask(bank.manager, "PUT", f"/own-sites/{bank.site}", CHANGE)
    alarm_id = await bank.press(bank.teller)

    at_desk = (await bank.ask(bank.desk, "GET", f"/alarms/{alarm_id}")).json()
    assert changed.json()["contacts"][0]["phone"] == "+6281222223333"
    assert at_desk["site"]["floor"] == "Lantai 2, loket depan"
    assert at_desk["site"]["responder_notes"] == "Pintu belakang menghadap gang"
    assert at_desk["site"]["contacts"][0] == {
        "name": "Pak Joko", "phone": "+62 ••• ••• 333", "duty": "Satpam"}  # fmt: skip
    assert (at_desk["where"]["source"], at_desk["reporter"]["role"]) == ("site", "instansi")
    assert at_desk["reporter"]["name"].startswith("P•••")
    assert len(at_desk["offers"]) == 1


async def test_the_manager_reads_numbers_whole_and_a_teller_masked(bank: Bank) -> None:
    await bank.ask(bank.manager, "PUT", f"/own-sites/{bank.site}", CHANGE)

    whole = (await bank.ask(bank.manager, "GET", "/own-instansi")).json()
    masked = (await bank.ask(bank.teller, "GET", "/own-instansi")).json()

    assert [whole["manager"], masked["manager"]] == [True, False]
    assert whole["sites"][0]["contacts"][0]["phone"] == "+6281222223333"
    assert masked["sites"][0]["contacts"][0]["phone"] == "+62 ••• ••• 333"


async def test_an_import_leaves_what_the_manager_wrote_and_brings_the_rest(
    bank: Bank, tmp_path: Path
) -> None:
    async with bank.database.glance() as session:
        row = await session.sql.fetchrow(
            """SELECT i.code AS instansi, i.name, site.code FROM site
               JOIN instansi i ON i.id = site.instansi_id WHERE site.id = $1""",
            bank.site,
        )
    assert row is not None
    lines = (
        f"{row['instansi']},{row['name']},bank,Jl. Baru,-7.05,112.05,{row['code']},%s,Dari berkas"
    )
    file = tmp_path / "instansi.csv"

    async def bring(who: str) -> ImportReport:
        head = "kode,nama,jenis,alamat,lat,lon,kode_lokasi,kontak1_nama,catatan\n"
        file.write_text(head + lines % who + "\n")
        async with bank.database.transaction() as session:
            return await import_file(
                session, ImportKind.INSTANSI, file, swap=False, check_only=False
            )

    before = await bring("Ani")
    await bank.ask(bank.manager, "PUT", f"/own-sites/{bank.site}", CHANGE)
    again = await bring("Beni")

    own = (await bank.ask(bank.manager, "GET", "/own-instansi")).json()["sites"][0]
    assert {"contacts", "responder_notes"} <= set(before.changed[0].fields)
    assert (before.notes, again.changed) == ([], [])
    assert again.notes == [f"sites that keep their manager's words: 1 ({row['code']})"]
    assert (own["address"], own["responder_notes"]) == ("Jl. Baru", CHANGE["responder_notes"])
    assert [each["name"] for each in own["contacts"]] == ["Pak Joko"]
    assert own["contacts"][0]["phone"] == "+6281222223333"


async def test_a_site_is_changed_by_its_own_manager_and_nobody_else(bank: Bank) -> None:
    teller = await bank.ask(bank.teller, "PUT", f"/own-sites/{bank.site}", CHANGE)
    next_door = await bank.ask(bank.other, "PUT", f"/own-sites/{bank.site}", CHANGE)
    wrong = {**CHANGE, "contacts": [{"name": "Ani", "phone": "12"}]}
    named = await bank.ask(bank.manager, "PUT", f"/own-sites/{bank.site}", wrong)

    assert (teller.status_code, teller.json()["code"]) == (404, "not_manager")
    assert (next_door.status_code, next_door.json()["code"]) == (404, "not_found")
    assert (named.status_code, named.json()["field"]) == (422, "contacts.0.phone")
    assert "site.changed" not in await bank.kinds()


async def test_the_journal_says_which_part_of_a_site_was_changed_and_no_name(bank: Bank) -> None:
    await bank.ask(bank.manager, "PUT", f"/own-sites/{bank.site}", CHANGE)
    await bank.ask(bank.manager, "PUT", f"/own-sites/{bank.site}", CHANGE)

    async with bank.database.glance() as session:
        rows = await session.sql.fetch(
            "SELECT payload::text AS told FROM journal WHERE kind = 'site.changed'"
        )
    assert len(rows) == 1
    assert '"contacts"' in rows[0]["told"]
    assert "Joko" not in rows[0]["told"]


async def test_a_lost_line_is_seen_by_its_own_desk_until_the_counter_is_heard_or_closed(
    bank: Bank,
) -> None:
    path, line = f"/own-sites/{bank.site}/line", {"device": "loket-1", "label": "Chrome"}

    async def lost_after(minutes: int, path: str) -> list[str]:
        async with bank.database.reading() as session:
            at = utc_now() + timedelta(minutes=minutes)
            who = bank.desk if path == "here" else bank.foreign_desk
            seen = await service.watch(session, who.subject, at)
        return [str(each.site_id) for each in seen.lost]

    assert (await bank.ask(bank.teller, "PUT", path, line)).status_code == 204
    assert (await bank.ask(bank.teller, "PUT", path, line)).status_code == 204
    fresh, silent = await lost_after(1, "here"), await lost_after(3, "here")
    next_door = await lost_after(3, "there")
    foreign = await bank.ask(bank.other, "PUT", path, line)
    await bank.ask(bank.teller, "DELETE", f"{path}?device=loket-1")

    assert (fresh, silent, next_door) == ([], [str(bank.site)], [])
    assert foreign.status_code == 404
    assert await lost_after(3, "here") == []
    assert (await bank.kinds()).count("line.opened") == 1
    assert "line.closed" in await bank.kinds()


async def test_a_site_keeps_no_more_than_its_newest_devices(bank: Bank) -> None:
    path = f"/own-sites/{bank.site}/line"
    for number in range(service.MOST_DEVICES + 3):
        await bank.ask(bank.teller, "PUT", path, {"device": f"loket-{number}"})

    async with bank.database.glance() as session:
        kept = await session.sql.fetchval("SELECT count(*) FROM site_line")
    assert kept == service.MOST_DEVICES
