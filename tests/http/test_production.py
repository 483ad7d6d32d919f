"""`cas doctor --production`: what is unfit is named with its remedy, what is fit is not accused."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr

from cas_server.db.session import Database
from cas_server.doctor import Finding
from cas_server.identity.passwords import hash_password
from cas_server.production import examine
from cas_server.settings import DEMO_PASSWORD, Settings
from tests.factories import Regency

DEMO_OPERATOR = """
INSERT INTO account (id, role, name, username, password_hash, demo)
VALUES (gen_random_uuid(), 'operator', 'Demo', 'operator', $1, true)
"""


async def unfit(settings: Settings) -> dict[str, Finding]:
    """In a thread: it runs an event loop of its own."""
    findings = await asyncio.to_thread(examine, settings)
    assert all(each.mend for each in findings if each.is_fault)
    return {each.subject: each for each in findings if each.is_fault}


async def test_the_demo_as_it_comes_is_unfit_in_every_way(
    dsn: str, database: Database, regency: Regency
) -> None:
    async with database.transaction() as session:
        await session.sql.execute(DEMO_OPERATOR, await hash_password(DEMO_PASSWORD))
    settings = Settings(
        demo=True, host="0.0.0.0", database_url=SecretStr(dsn), log_level="debug", session_days=400,  # noqa: S104 - what is to be found
    )  # fmt: skip

    found = await unfit(settings)

    assert {
        "demo mode", "proxy", "address", "settings", "push", "sms", "keys", "database login",
        "demo accounts", "passwords",
    } <= found.keys()  # fmt: skip
    assert regency.polres.code == "bjn"


async def test_what_is_set_up_with_care_is_not_accused(dsn: str, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("{}")
    key.chmod(0o600)
    settings = Settings(
        database_url=SecretStr(dsn),
        trusted_proxies="10.0.0.2",
        firebase_credentials=key,
        evidence_key_file=key,
        key=SecretStr("sealed elsewhere"),
        sms_gateway_url="https://sms.example/message",
    )

    found = await unfit(settings)
    key.chmod(0o644)
    loose = await unfit(settings)

    # The tests' own database is a superuser's; that is what is left to find.
    assert found.keys() == {"database login"}
    assert loose.keys() == {"database login", "keys"}
    assert "chmod 600" in loose["keys"].mend


@pytest.mark.parametrize(
    ("dsn", "plain"),
    [
        ("postgresql://cas@db.example/cas", True),
        ("postgresql://cas@db.example/cas?sslmode=disable", True),
        ("postgresql://cas@db.example/cas?sslmode=verify-full", False),
        ("postgresql://cas@127.0.0.1:1/cas", False),
    ],
)
async def test_a_database_over_the_network_is_reached_by_tls_or_named(
    dsn: str, *, plain: bool
) -> None:
    findings = await asyncio.to_thread(examine, Settings(database_url=SecretStr(dsn)))

    named = [each for each in findings if "without TLS" in each.says]
    assert bool(named) == plain


async def test_a_setting_that_names_no_file_says_so(tmp_path: Path) -> None:
    found = await unfit(Settings(firebase_credentials=tmp_path / "none.json"))

    assert "none.json" in found["keys"].says
    assert "backed up" in found["database"].mend
