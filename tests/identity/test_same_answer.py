"""Whose number it is shows neither in an answer nor in the work done for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from cas_server.db.pool import Connection
from cas_server.db.session import Database
from cas_server.identity import queries, service
from cas_server.identity.phones import normal_phone
from cas_server.identity.queries import NewAccount
from cas_server.identity.roles import Role
from cas_server.kit.clock import utc_now
from tests.factories import make_personil, make_regency
from tests.identity.conftest import Front
from tests.identity.test_codes import rows, verify

UNKNOWN, CITIZEN, STAFF, CLOSED, OFFICER = (f"0812-5550-000{n}" for n in range(5))
NUMBERS = (UNKNOWN, CITIZEN, STAFF, CLOSED, OFFICER)


class Listening(Database):
    """A database that notes what it is asked."""

    def __init__(self, inner: Database) -> None:
        super().__init__(inner._pool, inner._bell)
        self.vault = inner.vault
        self.asked: list[str] = []

    @asynccontextmanager
    async def _connection(self, *, from_within: bool = False) -> AsyncIterator[Connection]:
        async with super()._connection(from_within=from_within) as sql:
            with sql.query_logger(lambda record: self.asked.append(record.query)):
                yield sql

    def heard(self) -> list[str]:
        """What was asked since the last time."""
        asked, self.asked = self.asked, []
        return asked


async def people(front: Front) -> None:
    """An account of every kind that a number can belong to."""
    async with front.database.transaction() as session:
        for role, phone in (
            (Role.MASYARAKAT, CITIZEN),
            (Role.ADMIN, STAFF),
            (Role.MASYARAKAT, CLOSED),
        ):
            account = NewAccount(role, "Siapa", phone=normal_phone(phone))
            await service.make_account(session, account, utc_now())
        officer = await make_personil(session, (await make_regency(session)).kota)
        await session.sql.execute(
            "UPDATE personil SET phone = $1 WHERE id = $2", normal_phone(OFFICER), officer.holder_id
        )
        closed = await queries.by_phone(session, normal_phone(CLOSED))
        assert closed is not None
        await session.sql.execute(
            "UPDATE account SET disabled_at = now() WHERE id = $1", closed.account_id
        )


def plain(answer: httpx2.Response) -> tuple[int, list[str], dict[str, Any]]:
    """All of an answer but what is random."""
    told = {**answer.json(), "code_id": "", "expires_at": ""}
    return answer.status_code, sorted(answer.headers), told


async def request(front: Front, phone: str) -> httpx2.Response:
    async with front.caller() as caller:
        return await caller.post("/codes", json={"phone": phone, "device": f"HP {phone}"})


@pytest.fixture
def listening(front: Front) -> Listening:
    listening = Listening(front.database)
    front.app.state.database = listening
    return listening


async def test_asking_for_a_code_is_the_same_for_everybody(
    front: Front, listening: Listening
) -> None:
    await people(front)
    # The driver asks each new connection once about the types it meets: not ours, and not of whom.
    await request(front, "0812-7000-9999")
    listening.heard()
    answers, work = [], []
    for phone in NUMBERS:
        answers.append(plain(await request(front, phone)))
        work.append(listening.heard())

    assert answers == [answers[0]] * len(NUMBERS)
    assert work == [work[0]] * len(NUMBERS)
    assert len(work[0]) > 5


async def test_a_wrong_code_is_the_same_for_everybody_sent_or_not(
    front: Front, listening: Listening
) -> None:
    await people(front)
    answers, work = [], []
    for phone in NUMBERS:
        code_id = (await request(front, phone)).json()["code_id"]
        if phone != UNKNOWN:
            await front.deliver()
        wrong = "000000" if not front.sms.sent or front.code != "000000" else "000001"
        listening.heard()
        async with front.caller() as caller:
            answer = await verify(caller, code_id, wrong, device=f"HP {phone}")
        answers.append(plain(answer))
        work.append(listening.heard())

    assert answers[0][0] == 401
    assert answers == [answers[0]] * len(NUMBERS)
    assert work == [work[0]] * len(NUMBERS)


async def test_a_code_that_nobody_asked_for_is_over_like_any_other(
    front: Front, listening: Listening
) -> None:
    await people(front)
    code_id = (await request(front, CITIZEN)).json()["code_id"]
    await rows(front, "UPDATE one_time_code SET expires_at = now()")
    answers, work = [], []
    async with front.caller() as caller:
        for asked in (code_id, "0190aaaa-0000-7000-8000-000000000000"):
            listening.heard()
            answers.append(plain(await verify(caller, asked, "123456", device=f"HP {CITIZEN}")))
            work.append(listening.heard())

    assert answers[0][0] == 410
    assert answers[0] == answers[1]
    assert work[0] == work[1]
