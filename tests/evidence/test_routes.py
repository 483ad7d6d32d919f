"""An auditor with nothing but HTTP can follow the journal and check every step."""

from collections.abc import AsyncIterator
from datetime import datetime

import httpx2
import pytest_asyncio

from cas_server.app import create_app
from cas_server.db.session import Database
from cas_server.evidence import queries
from cas_server.evidence.chain import Chain
from cas_server.evidence.head import TreeHead
from cas_server.evidence.tree import extends, includes
from cas_server.settings import Settings
from tests.evidence.stage import seal


@pytest_asyncio.fixture
async def auditor(database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    app = create_app(Settings(), "")
    app.state.database = database
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://cas") as client:
        yield client


async def proof(auditor: httpx2.AsyncClient, path: str) -> list[bytes]:
    answer = await auditor.get(f"/v1/evidence/{path}")
    assert answer.status_code == 200, answer.text
    return [bytes.fromhex(text) for text in answer.json()["proof"]]


def head_of(told: dict[str, str]) -> TreeHead:
    raw = {name: bytes.fromhex(told[name]) for name in ("root", "public_key", "signature")}
    return TreeHead(size=int(told["size"]), at=datetime.fromisoformat(told["at"]), **raw)


async def test_heads_are_signed_and_one_leads_to_the_next(
    auditor: httpx2.AsyncClient, database: Database, chain: Chain
) -> None:
    await seal(chain, database, 5, 8)

    told = (await auditor.get("/v1/evidence/heads")).json()["heads"]
    first, second = (head_of(one) for one in told)
    latest = (await auditor.get("/v1/evidence/heads/latest")).json()

    assert first.is_genuine()
    assert second.is_genuine()
    assert latest == told[1]
    steps = await proof(auditor, "consistency?first=5&second=13")
    assert extends((5, first.root), (13, second.root), steps)


async def test_an_entry_is_proven_to_stand_under_a_head(
    auditor: httpx2.AsyncClient, database: Database, chain: Chain
) -> None:
    await seal(chain, database, 13)
    head = head_of((await auditor.get("/v1/evidence/heads/latest")).json())

    steps = await proof(auditor, "inclusion?position=4&size=13")

    async with database.reading() as session:
        leaf = (await queries.leaves(session, 4, 1))[0].hash
    assert includes(head.root, 13, 4, leaf, steps)


async def test_what_cannot_be_proven_is_refused_in_plain_words(
    auditor: httpx2.AsyncClient, database: Database, chain: Chain
) -> None:
    none_yet = await auditor.get("/v1/evidence/heads/latest")
    await seal(chain, database, 3)
    answers = {
        path: (await auditor.get(f"/v1/evidence/{path}")).json()
        for path in (
            "inclusion?position=3&size=3",
            "inclusion?position=0&size=4",
            "consistency?first=3&second=2",
            "consistency?first=1&second=9",
        )
    }

    assert (none_yet.status_code, none_yet.json()["code"]) == (404, "no_head_yet")
    assert [answer["field"] for answer in answers.values()] == [
        "position",
        "size",
        "first",
        "second",
    ]
