"""Pictures of desks that are asked for at the same time: read once, and no wall is lower for it."""

import asyncio
import json
from uuid import uuid4

import httpx2
import pytest

from cas_server.db.session import Database
from cas_server.db.wall import Wall
from cas_server.kit.clock import utc_now
from cas_server.live.reading import Reading
from tests.factories import Regency, make_masyarakat, make_staff

DESKS = 20


def _alarms(picture: str) -> list[str]:
    return [alarm["id"] for alarm in json.loads(picture)["alarms"]]


async def test_desks_of_one_satuan_are_shown_one_picture_and_each_its_own_satuan(
    client: httpx2.AsyncClient,
    regency: Regency,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alarms = []
    async with database.transaction() as session:
        citizens = [await make_masyarakat(session) for _ in range(2)]
        here = [await make_staff(session, regency.polres) for _ in range(DESKS)]
        next_door = await make_staff(session, regency.neighbour)
    for citizen, at in zip(citizens, (regency.centre, regency.at(0, 22_000)), strict=True):
        alarms.append(str(uuid4()))
        body = {"position": {"lat": at.lat, "lon": at.lon, "accuracy_m": 8}}
        answer = await client.put(f"/v1/alarms/{alarms[-1]}", headers=citizen.bearer, json=body)
        assert answer.status_code == 201, answer.text
    walls: list[str] = []
    raised = vars(Wall)["raised"].fget

    def noted(wall: Wall) -> str:
        walls.append(wall.satuan_path)
        text: str = raised(wall)
        return text

    monkeypatch.setattr(Wall, "raised", property(noted))
    reading = Reading(database, utc_now)
    asked = [*here, next_door]
    pictures = await asyncio.gather(
        *(reading.desk(one.subject, one.subject.satuan_path) for one in asked)
    )

    assert all(_alarms(picture) == [alarms[0]] for picture in pictures[:DESKS])
    assert _alarms(pictures[DESKS]) == [alarms[1]]
    assert len(set(pictures[1:DESKS])) == 1
    assert len(walls) < DESKS
    assert set(walls) == {one.subject.satuan_path for one in asked}
