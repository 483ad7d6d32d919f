"""Everything is killed at once, the database too: what was answered is there afterwards."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from cas_server.db.bell import Bell
from cas_server.db.migrate import upgrade
from cas_server.db.pool import create_pool
from cas_server.db.session import Database
from cas_server.embedded import Cluster, temporary_cluster
from cas_server.settings import Settings
from cas_server.vault.service import attach
from tests.factories import make_masyarakat, make_personil, make_regency, make_staff
from tests.live.house import House, house_on
from tests.live.watcher import phones, watching

DATABASE = "cas"


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    """A cluster that nobody else minds losing."""
    with temporary_cluster(print) as cluster:
        cluster.create_database(DATABASE)
        asyncio.run(upgrade(cluster.url(DATABASE)))
        yield cluster


@pytest.fixture
def own_house(own_cluster: Cluster, tmp_path: Path) -> Iterator[House]:
    with house_on(own_cluster.url(DATABASE), tmp_path) as house:
        yield house


def pull_the_plug(house: House, cluster: Cluster) -> None:
    house.kill("serve")
    house.kill("work")
    postmaster = int((cluster.data / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)


async def test_an_alarm_and_its_responder_survive_a_power_cut(
    own_house: House, own_cluster: Cluster
) -> None:
    dsn = own_cluster.url(DATABASE)
    database = attach(Database(create_pool(dsn, 2), Bell(dsn)), Settings())
    async with database.transaction() as session:
        place = await make_regency(session)
        officer = await make_personil(session, place.kota, place.at(300))
        warga, other = [await make_masyarakat(session) for _ in range(2)]
        operator = await make_staff(session, place.polres)
    await database.close()
    async with phones(own_house) as phone:
        taken = await phone.raised(other, place.centre)
        accepted = await phone.accept(officer, taken)
        alarm_id = await phone.raised(warga, place.centre)

    await asyncio.to_thread(pull_the_plug, own_house, own_cluster)
    await asyncio.to_thread(own_cluster.start, print)
    await asyncio.to_thread(own_house.mend)

    async with phones(own_house) as phone, watching(own_house, operator) as desk:
        seen = {one["id"]: one for one in (await phone.get(operator, "/alarms"))["alarms"]}
        await desk.until(lambda p: p.alarms.keys() >= {taken, alarm_id})
        duty = await phone.get(officer, "/duty")
    assert accepted.status_code == 200
    assert seen[taken]["responders"][0]["personil_id"] == str(officer.holder_id)
    assert seen[alarm_id]["offers"]
    assert duty["on_duty"]
    connection = await asyncpg.connect(dsn)
    # Live positions are not worth a place in the database's log: the next fixes bring them back.
    assert await connection.fetchval("SELECT count(*) FROM last_position") == 0
    await connection.close()
