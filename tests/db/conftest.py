"""Stories happen in a transaction that is rolled back."""

import pytest_asyncio

from cas_server.db.session import Session
from tests.db.story import Story
from tests.factories import Regency, make_regency


@pytest_asyncio.fixture
async def regency(session: Session) -> Regency:
    return await make_regency(session)


@pytest_asyncio.fixture
async def story(session: Session, regency: Regency) -> Story:
    return Story(session, regency)
