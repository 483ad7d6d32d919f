"""A sign-in that ends takes its sockets with it, whichever server ended it; watching is using."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed

from cas_server.db.session import Database
from cas_server.identity import service as identity
from cas_server.kit.clock import utc_now
from tests.factories import Person, Regency, make_masyarakat, make_staff
from tests.live.house import House
from tests.live.watcher import PATIENCE_S, Watcher, watching

PASSWORD = "empat-gelas-es-degan"  # noqa: S105 - of people who are invented
BAD_CREDENTIAL = 4401


@pytest.fixture
def other_house(house: House, live_dsn: str, tmp_path: Path) -> Iterator[House]:  # noqa: ARG001 - both run
    """A second server on the same database."""
    other = House(live_dsn, tmp_path)
    try:
        other.start_server()
        yield other
    finally:
        other.close()


@asynccontextmanager
async def calling(house: House, who: Person) -> AsyncIterator[httpx2.AsyncClient]:
    base = f"{house.url}/v1"
    async with httpx2.AsyncClient(base_url=base, headers=who.bearer, timeout=PATIENCE_S) as caller:
        yield caller


async def signed_in_again(database: Database, who: Person) -> Person:
    """The same person at another desk."""
    async with database.transaction() as session:
        token = await identity.issue(session, who.account_id, "session", "desk 2", utc_now())
    return Person(who.subject, token)


async def end_of(watcher: Watcher) -> tuple[int | None, str]:
    """Read on until the server closes: its code, and what it said last."""
    last: dict[str, Any] = {}
    try:
        while True:
            last = await watcher.read()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None, str(last.get("code"))


async def test_a_sign_in_ended_on_another_server_loses_its_socket_and_no_other_does(
    house: House, other_house: House, live_database: Database, regency: Regency
) -> None:
    async with live_database.transaction() as session:
        here, colleague = [await make_staff(session, regency.kota) for _ in range(2)]
    there = await signed_in_again(live_database, here)
    async with (
        watching(house, here) as ended,
        watching(other_house, there) as going_on,
        watching(house, colleague) as untouched,
        calling(other_house, there) as caller,
    ):
        answer = await caller.delete("/sessions/others")

        assert answer.json() == {"ended": 1}
        assert await end_of(ended) == (BAD_CREDENTIAL, "sign_in_needed")
        await going_on.up_to_date()
        await untouched.up_to_date()


async def test_a_changed_password_ends_other_sockets_and_leaves_that_of_whoever_changed_it(
    house: House, other_house: House, live_database: Database, regency: Regency
) -> None:
    async with live_database.transaction() as session:
        here = await make_staff(
            session, regency.kota, username=regency.kota.code, password=PASSWORD
        )
    there = await signed_in_again(live_database, here)
    async with (
        watching(house, here) as ended,
        watching(other_house, there) as going_on,
        calling(other_house, there) as caller,
    ):
        body = {"old": PASSWORD, "new": "lima-piring-nasi-pecel"}
        answer = await caller.post("/account/password", json=body)

        assert answer.status_code == 200, answer.text
        assert await end_of(ended) == (BAD_CREDENTIAL, "sign_in_needed")
        await going_on.up_to_date()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE account SET disabled_at = now() WHERE id = $1",
        "UPDATE credential SET expires_at = now() WHERE account_id = $1",
        "DELETE FROM credential WHERE account_id = $1",
    ],
    ids=["closed account", "earlier end", "forgotten"],
)
async def test_a_socket_ends_whoever_ended_what_it_stands_on(
    house: House, live_database: Database, statement: str
) -> None:
    async with live_database.transaction() as session:
        warga = await make_masyarakat(session)
    async with watching(house, warga) as watcher:
        async with live_database.transaction() as session:
            await session.sql.execute(statement, warga.account_id)

        assert await end_of(watcher) == (BAD_CREDENTIAL, "sign_in_needed")


async def last_used(database: Database, who: Person) -> datetime:
    async with database.glance() as session:
        used: datetime = await session.sql.fetchval(
            "SELECT last_used_at FROM credential WHERE account_id = $1", who.account_id
        )
    return used


async def test_a_desk_that_only_watches_is_in_use_and_still_ends_when_its_day_is_over(
    house: House, live_database: Database, regency: Regency
) -> None:
    long_ago, began = utc_now() - timedelta(hours=11, minutes=59), utc_now()
    async with live_database.transaction() as session:
        desk = await make_staff(session, regency.kota)
        await session.sql.execute(
            """UPDATE credential SET idle_after = interval '12 hours', last_used_at = $2
               WHERE account_id = $1""",
            desk.account_id, long_ago,
        )  # fmt: skip
    async with watching(house, desk) as watcher:
        async with live_database.transaction() as session:
            await session.sql.execute(
                "UPDATE credential SET expires_at = $2 WHERE account_id = $1",
                desk.account_id, utc_now() + timedelta(seconds=5),
            )  # fmt: skip
        while await last_used(live_database, desk) < began:
            await watcher.read()

        assert await end_of(watcher) == (BAD_CREDENTIAL, "sign_in_needed")
