"""Contact persons are told of their site's alarm, behind the press and within a budget."""

from datetime import timedelta
from typing import Any

from cas_server.instansi.telling import SLIP, TellingLoop
from cas_server.kit.clock import utc_now
from cas_server.settings import Settings
from tests.instansi.conftest import Bank

TWO = [
    {"name": "Pak Joko", "phone": "0812 2222 3333", "duty": "Satpam"},
    {"name": "Bu Sri", "phone": "0812 2222 4444", "duty": ""},
    {"name": "Tanpa nomor", "phone": "", "duty": ""},
]


async def with_contacts(bank: Bank) -> None:
    body = {"floor": "", "responder_notes": "", "contacts": TWO}
    await bank.ask(bank.manager, "PUT", f"/own-sites/{bank.site}", body)


async def tell(bank: Bank, later: timedelta = SLIP, **settings: Any) -> int:
    loop = TellingLoop(bank.database, Settings(**settings), lambda: utc_now() + later)
    return await loop.tell_due()


async def why_not(bank: Bank) -> list[str | None]:
    async with bank.database.glance() as session:
        rows = await session.sql.fetch("SELECT why_not FROM site_told ORDER BY at")
    return [row["why_not"] for row in rows]


async def test_contact_persons_are_told_once_by_a_message_that_names_nobody(bank: Bank) -> None:
    await with_contacts(bank)
    alarm_id = await bank.press(bank.teller)
    at_once = await tell(bank, timedelta())
    promised, again = await tell(bank), await tell(bank)
    await bank.work()

    assert (at_once, promised, again) == (0, 2, 0)
    assert sorted(phone for phone, _ in bank.sms.sent) == ["+6281222223333", "+6281222224444"]
    text = bank.sms.sent[0][1]
    assert "Jangan menelepon atau mendatangi lokasi" in text
    assert len(text) <= 160
    assert len(set(bank.sms.ids)) == 2
    timeline = (await bank.ask(bank.desk, "GET", f"/alarms/{alarm_id}/timeline")).json()
    told = [entry for entry in timeline if entry["kind"] == "site.contacts_told"]
    assert [entry["facts"]["messages"] for entry in told] == [2]


async def test_a_silent_press_and_one_that_was_taken_back_wake_nobody(bank: Bank) -> None:
    await with_contacts(bank)
    await bank.press(bank.teller, silent=True)
    taken_back = await bank.press(bank.manager)
    await bank.ask(
        bank.manager, "POST", f"/own-alarms/{taken_back}/cancellation", {"reason": "tergeser"}
    )

    assert await tell(bank) == 0
    assert await why_not(bank) == ["silent"]


async def test_the_budget_bounds_what_is_sent_and_says_so(bank: Bank) -> None:
    await with_contacts(bank)
    await bank.press(bank.teller)
    await bank.press(bank.manager)

    assert await tell(bank, sms_contacts_per_day=3) == 2
    assert sorted(await why_not(bank), key=str) == [None, "budget"]
