"""The demo regency, once, and the tokens of its simulated phones in a file that only we read."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

from cas_server.embedded import Say
from cas_server.kit.clock import utc_now
from cas_server.registry import demo_regency
from cas_server.registry.demo_regency import DemoPhone
from cas_server.settings import Settings
from cas_server.vault.service import opened


def seed(settings: Settings, dsn: str, phones: Path, say: Say) -> None:
    """Fill an empty registry; one that holds anything is left alone, and only gets new tokens."""
    made = asyncio.run(_seed(settings, dsn, say))
    phones.touch(mode=0o600)
    phones.write_text(json.dumps([asdict(phone) for phone in made], default=str, indent=1))


async def _seed(settings: Settings, dsn: str, say: Say) -> list[DemoPhone]:
    async with opened(dsn, settings) as database, database.transaction() as session:
        report = await demo_regency.seed(session, utc_now())
        if report.seeded:
            say(f"{report.personil} Personil, {report.masyarakat} Masyarakat")
        return await demo_regency.provision_phones(session, utc_now())
