"""`cas import`: the regency from files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from cas_server.one_act import on_database

if TYPE_CHECKING:
    from cas_server.db.session import Database

app = typer.Typer(no_args_is_help=True, help="Bring the regency in from files.")
out = Console(highlight=False, markup=False, soft_wrap=True)

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]
Swap = Annotated[bool, typer.Option(help="The file has lat and lng the wrong way round.")]
CheckOnly = Annotated[bool, typer.Option("--check-only", help="Say what is wrong; store nothing.")]


@app.command("satuan")
def satuan(file: File, *, swap: Swap = False, check_only: CheckOnly = False) -> None:
    """Police units from CSV: nama, jenis (polda, polres, polsek, unit).

    If wanted: kode (else made from nama), induk (code of the parent), wilayah (Kemendagri codes it
    answers for, spaces between), lat, lon, telepon, pengaturan (settings as a JSON object).
    """
    _import("satuan", file, swap=swap, check_only=check_only)


@app.command("wilayah")
def wilayah(file: File, *, swap: Swap = False, check_only: CheckOnly = False) -> None:
    """Areas from GeoJSON: Polygon or MultiPolygon with kode (Kemendagri: 35.22.15.2001) and nama.

    If wanted: satuan (code of who answers for it), label_lon and label_lat, perkiraan (true for an
    outline that is only approximate).
    """
    _import("wilayah", file, swap=swap, check_only=check_only)


@app.command("personil")
def personil(file: File, *, check_only: CheckOnly = False) -> None:
    """Police officers from CSV: nrp, nama, pangkat, satuan (code or name).

    If wanted: keahlian (tim_panther motor mobil ...), telepon, bhabinkamtibmas_desa (codes of the
    desa they are Bhabinkamtibmas of).
    """
    _import("personil", file, swap=False, check_only=check_only)


@app.command("instansi")
def instansi(file: File, *, swap: Swap = False, check_only: CheckOnly = False) -> None:
    """Institutions and their sites from CSV: kode, nama, jenis, alamat, lat, lon.

    jenis: bank, toko-emas, sekolah, spbu, rumah-sakit, kantor, lainnya. If wanted: kode_lokasi,
    nama_lokasi, kontak1_nama, kontak1_telepon, kontak1_tugas ... kontak3, catatan.
    """
    _import("instansi", file, swap=swap, check_only=check_only)


def _import(kind: str, path: Path, *, swap: bool, check_only: bool) -> None:
    from cas_server.registry.importing import ImportKind, import_file

    async def store(database: "Database") -> str:
        async with database.transaction() as session:
            report = await import_file(
                session, ImportKind(kind), path, swap=swap, check_only=check_only
            )
            return str(report)

    out.print(on_database(store, out.print))
