"""What `cas doctor` says about an installation, found by looking at a real one."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cas_server.db.migrate import upgrade
from cas_server.doctor import Finding, examine
from cas_server.embedded import Cluster, Programs
from cas_server.settings import Settings
from tests.embedded.conftest import FAST, quiet


@pytest.fixture
def settings(home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation that has not been started yet; its packages are those of this machine."""
    for name in [
        each for each in os.environ if each.startswith("CAS_") and each != "CAS_STATE_DIR"
    ]:
        monkeypatch.delenv(name)
    return Settings(state_dir=home, port=free_port())


@pytest.fixture
def made(home: Path, programs: Programs) -> Iterator[Cluster]:
    cluster = Cluster(home / "cluster", programs)
    cluster.start(quiet, settings=FAST)
    yield cluster
    cluster.destroy()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def about(subject: str, findings: list[Finding]) -> Finding:
    return next(each for each in findings if each.subject == subject)


async def examined(settings: Settings) -> list[Finding]:
    """In a thread: it runs an event loop of its own."""
    return await asyncio.to_thread(examine, settings)


async def test_a_new_installation_has_no_fault_in_its_database(settings: Settings) -> None:
    findings = await examined(settings)

    assert about("database", findings).says == "not made yet"
    assert not any(each.is_fault for each in findings if each.subject != "pages")


async def test_a_database_without_the_newest_schema_is_told_to_migrate(
    settings: Settings, made: Cluster
) -> None:
    made.create_database("cas")
    before = about("schema", await examined(settings))

    await upgrade(made.url("cas"))

    assert before.is_fault
    assert before.mend == "run 'cas migrate'"
    assert about("schema", await examined(settings)).says == "the newest"


async def test_a_stopped_database_is_no_fault(settings: Settings, made: Cluster) -> None:
    made.stop()

    finding = about("database", await examined(settings))

    assert finding.says.startswith("stopped")
    assert not finding.is_fault


async def test_looking_does_not_keep_the_database_running(
    settings: Settings, made: Cluster
) -> None:
    await examined(settings)

    made.stop()

    assert not made.is_running()


async def test_wrong_permissions_are_named_with_the_command_that_mends_them(
    settings: Settings, made: Cluster
) -> None:
    made.stop()
    made.data.chmod(0o755)

    finding = about("database", await examined(settings))

    assert finding.is_fault
    assert f"chmod 700 {made.data}" in finding.says


async def test_a_database_that_does_not_answer_is_a_fault(settings: Settings) -> None:
    there = f"postgresql://cas:geheim@127.0.0.1:{free_port()}/cas"
    far = Settings(database_url=there, state_dir=settings.state_dir, port=settings.port)

    findings = await examined(far)

    assert about("database", findings).is_fault
    assert "geheim" not in "\n".join(map(str, findings))


async def test_a_port_in_use_is_a_fault(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", settings.port))
        taken.listen()
        taken.settimeout(0)

        finding = about("port", await examined(settings))

    assert finding.is_fault
    assert f"CAS_PORT={settings.port + 1}" in finding.mend


async def test_missing_firebase_credentials_are_noted_and_broken_ones_are_a_fault(
    settings: Settings, tmp_path: Path
) -> None:
    broken = tmp_path / "firebase.json"
    broken.write_text("{}")
    with_broken = Settings(
        firebase_credentials=broken, state_dir=settings.state_dir, port=settings.port
    )

    assert not about("push", await examined(settings)).is_fault
    assert about("push", await examined(with_broken)).is_fault
