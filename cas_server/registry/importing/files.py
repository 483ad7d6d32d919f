"""One file, one transaction: check it against the registry, store it, say what changed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from pathlib import Path

from cas_server.db.session import Session
from cas_server.errors import CasError
from cas_server.identity.queries import NewAccount
from cas_server.identity.roles import Role
from cas_server.identity.service import make_accounts
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.registry import known, store
from cas_server.registry.entries import SatuanEntry, WilayahKind
from cas_server.registry.importing import (
    csv_rows,
    geojson,
    instansi,
    kemendagri,
    personil,
    satuan,
    wilayah,
)
from cas_server.registry.importing.changes import SHOWN, ImportReport, combined, compare, report_of
from cas_server.registry.importing.faults import Faults
from cas_server.registry.known import Holder


class ImportKind(StrEnum):
    WILAYAH = "wilayah"
    SATUAN = "satuan"
    PERSONIL = "personil"
    INSTANSI = "instansi"


class FileUnreadable(CasError):
    code = "file_unreadable"

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} cannot be read: {why}")


@dataclass(frozen=True, slots=True)
class _Task:
    """An import while it runs."""

    session: Session
    raw: bytes
    faults: Faults
    swap: bool
    check_only: bool
    now: datetime


async def import_file(
    session: Session,
    kind: ImportKind,
    path: Path,
    *,
    swap: bool = False,
    check_only: bool = False,
) -> ImportReport:
    """Store a file whole, or raise ImportFaulty with every fault and store nothing.

    `swap` changes longitude and latitude over while reading. `check_only` stores nothing and
    reports what would be.
    """
    raw = await asyncio.to_thread(_read, path)
    return await import_raw(session, kind, raw, swap=swap, check_only=check_only)


async def import_raw(
    session: Session,
    kind: ImportKind,
    raw: bytes,
    *,
    swap: bool = False,
    check_only: bool = False,
) -> ImportReport:
    """The same for what a file would hold."""
    now = await known.lock(session)
    task = _Task(session, raw, Faults(), swap, check_only, now)
    report = await _IMPORTS[kind](task)
    if not check_only:
        counts = {
            "added": len(report.added),
            "changed": len(report.changed),
            "unchanged": report.unchanged,
        }
        await journal.append(session, now, Event(f"{kind}.imported", payload=counts))
    return report


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileUnreadable(path, error.strerror or "unknown error") from error


async def _import_satuan(task: _Task) -> ImportReport:
    table = csv_rows.read_table(task.raw, satuan.COLUMNS, task.faults)
    old = await known.satuan(task.session)
    entries = satuan.check(table, old, task.faults, swap=task.swap)
    task.faults.stop_if_any()
    difference = compare(entries, old, attrgetter("code"))
    if not task.check_only:
        await store.put_satuan(task.session, difference.to_store)
        await _hand_over(task.session, old, difference.to_store)
    return report_of(difference, "satuan", table.ignored, stored=not task.check_only)


async def _hand_over(
    session: Session, old: dict[str, SatuanEntry], changed: list[SatuanEntry]
) -> None:
    """Wilayah below codes that came to a Satuan or left it get a new one that answers."""
    moved: set[str] = set()
    for entry in changed:
        before = old[entry.code].wilayah_codes if entry.code in old else []
        moved |= set(before) ^ set(entry.wilayah_codes)
    if not moved:
        return
    answering = wilayah.answering(await known.satuan(session))
    handed = {
        code: answering[above]
        for code in await known.wilayah_codes(session, *WilayahKind)
        if any(kemendagri.lies_in(code, area) for area in moved)
        for above in kemendagri.self_and_above(code)[::-1]
        if above in answering
    }
    await store.hand_over(session, handed)


async def _import_wilayah(task: _Task) -> ImportReport:
    features = geojson.read_features(task.raw, task.faults, swap=task.swap)
    facts = wilayah.Known(
        satuan=await known.satuan(task.session),
        kecamatan_codes=await known.wilayah_codes(task.session, WilayahKind.KECAMATAN),
    )
    entries = wilayah.check(features, facts, task.faults)
    task.faults.stop_if_any()
    old = await known.wilayah(task.session, [entry.code for entry in entries])
    difference = compare(entries, old, attrgetter("code"))
    if not task.check_only:
        await store.put_wilayah(task.session, difference.to_store)
    return report_of(difference, "wilayah", [], stored=not task.check_only)


async def _import_personil(task: _Task) -> ImportReport:
    table = csv_rows.read_table(task.raw, personil.COLUMNS, task.faults)
    satuan_known = await known.satuan(task.session)
    facts = personil.Known(
        personil=await known.personil(task.session),
        satuan_codes=frozenset(satuan_known),
        closed_codes=frozenset(code for code, one in satuan_known.items() if one.closed),
        desa_codes=await known.wilayah_codes(task.session, WilayahKind.DESA),
        usernames=await known.usernames_besides(task.session, Role.PERSONIL),
    )
    entries = personil.check(table, facts, task.faults)
    task.faults.stop_if_any()
    difference = compare(entries, facts.personil, attrgetter("nrp"))
    if not task.check_only:
        await store.put_personil(task.session, difference.to_store)
        holders = await known.personil_holders(task.session, difference.added)
        await _open_accounts(task, holders, Role.PERSONIL)
    report = report_of(difference, "personil", table.ignored, stored=not task.check_only)
    out = await known.out_of_service(task.session, [entry.nrp for entry in entries])
    notes = [f"out of service, and stays so: {', '.join(out)}"] if out else []
    return replace(report, notes=[*report.notes, *notes])


async def _import_instansi(task: _Task) -> ImportReport:
    table = csv_rows.read_table(task.raw, instansi.COLUMNS, task.faults)
    facts = instansi.Known(
        instansi=await known.instansi(task.session),
        sites=await known.sites(task.session),
        usernames=await known.usernames_besides(task.session, Role.INSTANSI),
    )
    checked = instansi.check(table, facts, task.faults, swap=task.swap)
    task.faults.stop_if_any()
    owners = compare(checked.instansi, facts.instansi, attrgetter("code"))
    sites = compare(checked.sites, facts.sites, attrgetter("code"))
    if not task.check_only:
        await store.put_instansi(task.session, owners.to_store, sites.to_store)
        holders = await known.instansi_holders(task.session, owners.added)
        await _open_accounts(task, holders, Role.INSTANSI)
    stored = not task.check_only
    closed = await known.closed_instansi(task.session, [each.code for each in checked.instansi])
    notes = [f"closed, and stays so: {', '.join(closed)}"] if closed else []
    notes += _kept(checked.kept)
    report = report_of(owners, "instansi", table.ignored, stored=stored)
    return combined(
        replace(report, notes=[*report.notes, *notes]),
        report_of(sites, "site", [], stored=stored),
    )


def _kept(codes: list[str]) -> list[str]:
    """How the report says that a file does not overwrite what managers wrote."""
    if not codes:
        return []
    more = f" and {len(codes) - SHOWN} more" if len(codes) > SHOWN else ""
    named = ", ".join(codes[:SHOWN])
    return [f"sites that keep their manager's words: {len(codes)} ({named}{more})"]


async def _open_accounts(task: _Task, holders: list[Holder], role: Role) -> None:
    """Accounts without a password: nobody can sign in to them before one has been set."""
    accounts = [
        NewAccount(
            role=role,
            name=holder.name,
            username=holder.key,
            holder_id=holder.id,
            satuan_id=holder.satuan_id,
            satuan_path=holder.satuan_path,
        )
        for holder in holders
    ]
    await make_accounts(task.session, accounts, task.now)


_IMPORTS: dict[ImportKind, Callable[[_Task], Awaitable[ImportReport]]] = {
    ImportKind.WILAYAH: _import_wilayah,
    ImportKind.SATUAN: _import_satuan,
    ImportKind.PERSONIL: _import_personil,
    ImportKind.INSTANSI: _import_instansi,
}
assert _IMPORTS.keys() == set(ImportKind), "every kind needs its row"
