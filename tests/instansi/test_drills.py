"""A drill is seen, timed and counted, calls nobody by itself, and is no alarm anywhere."""

from uuid import UUID

from cas_server.instansi import drills
from cas_server.kit.ids import new_id
from tests.instansi.conftest import Bank


async def begin(bank: Bank) -> UUID:
    drill_id = new_id()
    answer = await bank.ask(bank.teller, "PUT", f"/drills/{drill_id}", {"site_id": str(bank.site)})
    assert answer.status_code == 200, answer.text
    return drill_id


async def test_a_drill_is_seen_by_the_desk_timed_counted_and_calls_nobody(bank: Bank) -> None:
    drill_id = await begin(bank)
    await bank.ask(bank.teller, "PUT", f"/drills/{drill_id}", {"site_id": str(bank.site)})
    watched = (await bank.ask(bank.desk, "GET", "/site-watch")).json()
    next_door = (await bank.ask(bank.foreign_desk, "GET", "/site-watch")).json()
    foreign = await bank.ask(bank.foreign_desk, "POST", f"/drills/{drill_id}/answer")
    await bank.ask(bank.desk, "POST", f"/drills/{drill_id}/answer")
    seen = (await bank.ask(bank.teller, "GET", f"/drills/{drill_id}")).json()
    ended = (await bank.ask(bank.teller, "POST", f"/drills/{drill_id}/end")).json()
    counted = (await bank.ask(bank.manager, "GET", f"/own-sites/{bank.site}/drills")).json()
    after = (await bank.ask(bank.desk, "GET", "/site-watch")).json()

    assert [each["drill"]["id"] for each in watched["drills"]] == [str(drill_id)]
    assert (next_door["drills"], foreign.status_code) == ([], 404)
    assert seen["answered_at"] is not None
    assert ended["ended_at"] is not None
    assert (counted["last_30_days"], after["drills"]) == (1, [])
    async with bank.database.glance() as session:
        row = await session.sql.fetchrow(
            """SELECT (SELECT count(*) FROM alarm), (SELECT count(*) FROM offer),
               (SELECT count(*) FROM outbox), (SELECT count(alarm_id) FROM journal)"""
        )
    assert row is not None
    assert tuple(row) == (0, 0, 0, 0)
    assert (await bank.kinds())[1:] == ["drill.began", "drill.answered", "drill.ended"]


async def test_another_instansi_neither_sees_nor_ends_a_drill_and_they_are_bounded(
    bank: Bank,
) -> None:
    drill_id = await begin(bank)
    ways = (("GET", ""), ("POST", "/end"))
    refused = [
        (await bank.ask(bank.other, method, f"/drills/{drill_id}{way}")).status_code
        for method, way in ways
    ]
    elsewhere = await bank.ask(
        bank.other, "PUT", f"/drills/{new_id()}", {"site_id": str(bank.site)}
    )
    for _ in range(drills.MOST_AN_HOUR - 1):
        await begin(bank)
    more = await bank.ask(bank.teller, "PUT", f"/drills/{new_id()}", {"site_id": str(bank.site)})

    assert (refused, elsewhere.status_code) == ([404, 404], 404)
    assert (more.status_code, more.json()["code"]) == (429, "too_many_drills")
    async with bank.database.glance() as session:
        running = await session.sql.fetchval("SELECT count(*) FROM drill WHERE ended_at IS NULL")
    assert running == 1
