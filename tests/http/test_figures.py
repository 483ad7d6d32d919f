"""A day at the desk: what its figures count, and whose they are."""

from datetime import timedelta

import httpx2
import pytest_asyncio

from cas_server.db.session import Database
from cas_server.kit.clock import utc_now
from cas_server.kit.ids import new_id
from tests.factories import Person, Regency, make_masyarakat, make_personil, make_staff

_STORY = """
UPDATE alarm SET raised_at = $2::timestamptz,
    acknowledged_at = $2::timestamptz + make_interval(secs => $3) WHERE id = $1
"""
_CREW = """
INSERT INTO responder (alarm_id, personil_id, part, state, accepted_at, on_scene_at)
VALUES ($1, $2, 'primary', 'on_scene', $3::timestamptz + make_interval(secs => $4),
    $3::timestamptz + make_interval(secs => $5))
"""


async def press(client: httpx2.AsyncClient, who: Person, regency: Regency, north_m: float) -> str:
    at = regency.at(north_m)
    alarm_id = str(new_id())
    body = {"position": {"lat": at.lat, "lon": at.lon, "accuracy_m": 9}}
    answer = await client.put(f"/v1/alarms/{alarm_id}", headers=who.bearer, json=body)
    assert answer.status_code == 201
    return alarm_id


@pytest_asyncio.fixture
async def ten_alarms(client: httpx2.AsyncClient, regency: Regency, database: Database) -> list[str]:
    """Pressed two hours ago; the n-th was acknowledged after n, accepted after 10 n seconds."""
    then = utc_now() - timedelta(hours=2, minutes=1)
    alarms = []
    for number in range(1, 11):
        async with database.transaction() as session:
            citizen = await make_masyarakat(session)
            officer = await make_personil(session, regency.kota, on_duty=False)
        alarm_id = await press(client, citizen, regency, 0)
        alarms.append(alarm_id)
        async with database.transaction() as session:
            await session.sql.execute(_STORY, alarm_id, then, number)
            await session.sql.execute(
                _CREW, alarm_id, officer.holder_id, then, 10 * number, 60 * number
            )
    return alarms


async def test_figures_are_median_and_p90_from_the_press_on(
    client: httpx2.AsyncClient, regency: Regency, database: Database, ten_alarms: list[str]
) -> None:
    async with database.transaction() as session:
        operator = await make_staff(session, regency.polres)
        await session.sql.execute(
            "UPDATE alarm SET disposition = 'test', closed_at = now() WHERE id = $1", ten_alarms[9]
        )

    day = (await client.get("/v1/figures", headers=operator.bearer)).json()

    assert (day["open"], day["raised"], day["closed"]) == (9, 9, 0)
    assert day["raised_per_hour"] == [0] * 21 + [9, 0, 0]
    stages = {one["stage"]: (one["count"], one["median_s"], one["p90_s"]) for one in day["stages"]}
    assert stages == {
        "acknowledged": (9, 5, 8.2),
        "accepted": (9, 50, 82),
        "on_scene": (9, 300, 492),
    }


async def test_a_neighbour_gets_none_of_it_and_a_quiet_day_has_no_median(
    client: httpx2.AsyncClient, regency: Regency, database: Database, ten_alarms: list[str]
) -> None:
    assert ten_alarms
    async with database.transaction() as session:
        stranger = await make_staff(session, regency.neighbour)

    day = (await client.get("/v1/figures", headers=stranger.bearer)).json()
    heat = (await client.get("/v1/heat", headers=stranger.bearer)).json()

    assert (day["open"], day["raised"], heat["points"]) == (0, 0, [])
    assert {one["median_s"] for one in day["stages"]} == {None}


async def test_heat_adds_up_alarms_of_one_place_and_leaves_old_ones_out(
    client: httpx2.AsyncClient, regency: Regency, database: Database, ten_alarms: list[str]
) -> None:
    async with database.transaction() as session:
        operator = await make_staff(session, regency.polres)
        citizen = await make_masyarakat(session)
        await session.sql.execute(
            "UPDATE alarm SET raised_at = now() - interval '25 hours' WHERE id = $1", ten_alarms[0]
        )
    await press(client, citizen, regency, 3_000)

    heat = (await client.get("/v1/heat", headers=operator.bearer)).json()

    assert [point["alarms"] for point in heat["points"]] == [9, 1]
    assert heat["points"][0]["lat"] == round(regency.centre.lat, 3)
    assert not heat["cut"]


async def test_more_than_a_week_is_refused(
    client: httpx2.AsyncClient, regency: Regency, database: Database
) -> None:
    async with database.transaction() as session:
        operator = await make_staff(session, regency.polres)

    answer = await client.get("/v1/figures", headers=operator.bearer, params={"hours": 169})

    assert answer.status_code == 422
    assert "hours" in answer.text
