"""Writes a breach pack: tables for the people who must be told, and a draft of the notice."""

import asyncio
import csv
import os
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

from cas_server.db.session import Database
from cas_server.errors import InvalidInput
from cas_server.journal import queries as journal
from cas_server.journal.queries import Event
from cas_server.privacy import breach_queries
from cas_server.vault.sealing import Ring
from cas_server.vault.service import ring_of

WIB = timezone(timedelta(hours=7), "WIB")
NOTICE = "pemberitahuan.txt"
WITHIN = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class SealedIn:
    """Where the sealed names and numbers of a table of the pack come from."""

    row: str
    name: str
    phone: str


SEALED_IN = {
    "people": SealedIn("account_id", "account.name", "account.phone"),
    "callers": SealedIn("alarm_id", "alarm.reporter_name", "alarm.reporter_phone"),
}


@dataclass(frozen=True, slots=True)
class Pack:
    """What was written: rows of each table, and the folder."""

    folder: Path
    rows: dict[str, int]


def _open_folder(folder: Path) -> None:
    """The pack is itself personal data: only its owner may read it."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in (*breach_queries.QUERIES, NOTICE):
            file = folder / (name if name == NOTICE else f"{name}.csv")
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    except OSError as failure:
        raise InvalidInput("output", f"{folder}: {failure.strerror}") from failure


async def write_pack(
    database: Database, since: datetime, until: datetime, folder: Path, now: datetime
) -> Pack:
    """All for the notice of 3 x 24 hours, from one snapshot; that it was made is written down."""
    if since >= until:
        raise InvalidInput("FROM", "must lie before TO")
    await asyncio.to_thread(_open_folder, folder)
    rows = {}
    async with database.reading() as session:
        await session.sql.execute("SET LOCAL statement_timeout = 0")
        for name in breach_queries.QUERIES:
            file = folder / f"{name}.csv"
            rows[name] = await breach_queries.write_csv(session, name, since, until, file)
        # Whoever must be told has to be reached: here, and only here, many are named at once.
        ring = await ring_of(session)
        for name, sealed in SEALED_IN.items():
            await asyncio.to_thread(_name_in_full, folder / f"{name}.csv", sealed, ring)
    text = notice(rows, since, until, now)
    await asyncio.to_thread((folder / NOTICE).write_text, text, "utf-8")
    facts = {"since": since.isoformat(), "until": until.isoformat(), "people": rows["people"]}
    async with database.transaction() as session:
        await journal.append(session, now, Event("breach_pack.exported", payload=facts))
    return Pack(folder, rows)


def _name_in_full(file: Path, sealed: SealedIn, ring: Ring) -> None:
    """Put names and numbers in the place of their masks; the file stays its owner's alone."""
    new = file.with_suffix(".part")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with file.open(newline="") as masked, os.fdopen(descriptor, "w", newline="") as full:
        rows = csv.DictReader(masked)
        kept = [name for name in rows.fieldnames or () if not name.endswith("_sealed")]
        written = csv.DictWriter(full, kept)
        written.writeheader()
        for row in rows:
            for name, place in (("name", sealed.name), ("phone", sealed.phone)):
                value = bytes.fromhex(row.pop(f"{name}_sealed").removeprefix("\\x"))
                if value:
                    row[name] = ring.open(value, place, UUID(row[sealed.row]))
            written.writerow(row)
    new.replace(file)


def _told(at: datetime) -> str:
    return f"{at.astimezone(WIB):%d-%m-%Y %H.%M} WIB"


def notice(rows: dict[str, int], since: datetime, until: datetime, now: datetime) -> str:
    """A draft in the words of the law (Pasal 46 UU 27/2022); what only people know stays open."""
    return f"""\
PEMBERITAHUAN KEGAGALAN PELINDUNGAN DATA PRIBADI (rancangan)
Pasal 46 Undang-Undang Nomor 27 Tahun 2022: kepada subjek data dan lembaga, paling lambat
3 x 24 jam.

Disusun {_told(now)}. Bila kegagalan diketahui sekarang, batasnya {_told(now + WITHIN)}.

1. Data pribadi yang terungkap
   Data yang dapat terlihat antara {_told(since)} dan {_told(until)}:
   - {rows["people"]} orang dengan akun (people.csv: siapa, data apa, kapan pertama dan terakhir);
   - {rows["callers"]} penelepon tanpa akun (callers.csv: nama dan nomor telepon);
   - menyangkut {rows["alarms"]} alarm (alarms.csv).
   Jenis data: nama, nomor telepon, tempat dan waktu kejadian, catatan pelapor, posisi pelapor
   selama alarm, jejak Personil selama bertugas ke alarm. Kata sandi dan kode masuk tidak disimpan
   terbuka.

2. Kapan dan bagaimana data terungkap
   - {rows["sign_ins"]} catatan masuk dan keluar akun (sign_ins.csv);
   - {rows["could_look"]} sesi petugas yang dapat melihat data pada waktu itu (could_look.csv);
   - {rows["looks"]} pembukaan jejak, identitas atau rekaman yang tercatat (looks.csv).
   Uraian kejadian: [DIISI]

3. Upaya penanganan dan pemulihan
   [DIISI: misalnya semua sesi diakhiri, kunci diganti, celah ditutup]
   Keutuhan jurnal: jalankan 'cas audit verify --heads SALINAN' dan lampirkan hasilnya.

Narahubung: [DIISI]
Berkas dalam folder ini adalah data pribadi. Hapus setelah pemberitahuan selesai.
"""
