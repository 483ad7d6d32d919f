"""The simulation runs against a house like that of every other test, in demo mode."""

from collections.abc import Iterator

import pytest

from tests.live.conftest import house, live_database, live_dsn, make_live_regency, regency
from tests.live.house import House, house_on

__all__ = ["house", "live_database", "live_dsn", "make_live_regency", "regency"]


@pytest.fixture(scope="session")
def running_house(live_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house_on(live_dsn, tmp_path_factory.mktemp("demo-house"), {"CAS_DEMO": "1"}) as house:
        yield house
