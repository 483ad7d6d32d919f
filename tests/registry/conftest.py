"""Fixtures of the registry's tests."""

from pathlib import Path

import pytest

from cas_server.db.session import Session
from tests.registry.stage import Files


@pytest.fixture
def files(session: Session, tmp_path: Path) -> Files:
    """Imports into a transaction that is rolled back."""
    return Files(session, tmp_path)
