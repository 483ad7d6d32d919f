"""A journal that is chained as the worker does it, with a key and a file of its own."""

from pathlib import Path

import pytest
import pytest_asyncio

from cas_server.db.session import Database
from cas_server.evidence.chain import Chain
from cas_server.kit.clock import utc_now
from cas_server.settings import Settings
from tests.factories import Regency, make_regency


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path)


@pytest.fixture
def heads_file(tmp_path: Path) -> Path:
    return tmp_path / "evidence" / "heads.jsonl"


@pytest.fixture
def chain(database: Database, settings: Settings) -> Chain:
    return Chain(database, settings, utc_now)


@pytest_asyncio.fixture
async def regency(database: Database) -> Regency:
    async with database.transaction() as session:
        return await make_regency(session)
