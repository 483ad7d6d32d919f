"""Puts the demo regency into an empty registry, in one go."""

from dataclasses import dataclass
from datetime import datetime

from cas_server.db.session import Session
from cas_server.identity.passwords import hash_password
from cas_server.identity.service import make_accounts
from cas_server.kit.ids import new_id
from cas_server.registry import store
from cas_server.registry.demo_regency import people, places
from cas_server.registry.demo_regency.accounts import demo_accounts
from cas_server.settings import DEMO_PASSWORD
from cas_server.vault.service import ring_of


@dataclass(frozen=True, slots=True)
class SeedReport:
    """How much was put in; `seeded` is False when there was a registry already."""

    seeded: bool
    satuan: int = 0
    wilayah: int = 0
    personil: int = 0
    masyarakat: int = 0
    sites: int = 0
    accounts: int = 0


async def seed(session: Session, now: datetime) -> SeedReport:
    """Fill an empty registry; one that has any Satuan, made up or real, is left alone."""
    if await session.sql.fetchval("SELECT EXISTS (SELECT FROM satuan)"):
        # Never beside a real regency: everybody knows the demo's password.
        return SeedReport(seeded=False)
    return await _fill(session, now)


async def _fill(session: Session, now: datetime) -> SeedReport:
    # Only here: shapely costs half a second and 30 MB that every later start would pay too.
    from cas_server.registry.demo_regency import outlines

    satuan, wilayah, personil = places.satuan(), outlines.wilayah(), people.personil()
    instansi, sites = people.instansi()
    masyarakat = people.masyarakat()
    await store.put_satuan(session, satuan)
    await store.put_wilayah(session, wilayah)
    await store.put_personil(session, personil)
    await store.put_instansi(session, instansi, sites)
    ring = await ring_of(session)
    await session.sql.copy_records_to_table(
        "masyarakat",
        records=[
            store.masyarakat_record(ring, new_id(), each.name, each.phone, demo=True)
            for each in masyarakat
        ],
        columns=store.MASYARAKAT_COLUMNS,
    )
    accounts = await demo_accounts(session, await hash_password(DEMO_PASSWORD))
    await make_accounts(session, accounts, now)
    return SeedReport(
        seeded=True,
        satuan=len(satuan),
        wilayah=len(wilayah),
        personil=len(personil),
        masyarakat=len(masyarakat),
        sites=len(sites),
        accounts=len(accounts),
    )
