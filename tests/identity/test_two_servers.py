"""The limits of one-time codes hold over several servers on one database."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest

from cas_server.db.session import Database
from cas_server.identity.codes import CODES_PER_HOUR, code_hash
from cas_server.identity.verification import MOST_TRIES
from tests.live.house import House

CODE = "271828"


@pytest.fixture
def servers(database: Database, dsn: str, tmp_path: Path) -> Iterator[list[House]]:  # noqa: ARG001 - it is emptied afterwards
    """Two processes, as behind a proxy. Messages are sent by nobody: there is no worker."""
    houses = [House(dsn, tmp_path / name) for name in ("one", "other")]
    try:
        for house in houses:
            house.folder.mkdir()
            house.start_server(wait=False)
        for house in houses:
            house.await_server()
        yield houses
    finally:
        for house in houses:
            house.close()


async def post(house: House, path: str, body: dict[str, Any]) -> httpx2.Response:
    async with httpx2.AsyncClient(base_url=f"{house.url}/v1", timeout=30) as caller:
        return await caller.post(path, json=body)


async def test_codes_and_tries_are_counted_together_and_one_of_two_at_once_wins(
    servers: list[House], database: Database
) -> None:
    turns = [servers[turn % 2] for turn in range(CODES_PER_HOUR + 2)]
    body = {"phone": "0812 3456 7890", "device": "HP Wati"}
    asked = [await post(house, "/codes", body) for house in turns]
    assert [answer.status_code for answer in asked] == [202] * CODES_PER_HOUR + [429] * 2

    first, *_, last = (UUID(answer.json()["code_id"]) for answer in asked[:CODES_PER_HOUR])
    for code_id in (first, last):
        await arrive(database, code_id)
    path = f"/codes/{first}/verification"
    wrong = {"code": "000000", "device": "HP Wati", "name": "Wati"}
    tries = [await post(house, path, wrong) for house in turns[:MOST_TRIES]]
    assert [answer.status_code for answer in tries] == [401] * MOST_TRIES
    assert (await post(servers[0], path, {**wrong, "code": CODE})).status_code == 410

    right = {**wrong, "code": CODE}
    path = f"/codes/{last}/verification"
    both = await asyncio.gather(*(post(house, path, right) for house in servers))
    assert sorted(answer.status_code for answer in both) == [201, 410]


async def arrive(database: Database, code_id: UUID) -> None:
    """The message arrived, and a newer one of the same device did not end it."""
    async with database.statement() as sql:
        await sql.execute(
            "UPDATE one_time_code SET code_hash = $2, expires_at = now() + interval '5 minutes' "
            "WHERE id = $1",
            code_id,
            code_hash(code_id, CODE),
        )
