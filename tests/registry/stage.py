"""An invented regency of two kecamatan side by side, as the files somebody would import."""

import json
from pathlib import Path
from typing import Any

from cas_server.db.session import Session
from cas_server.registry.importing import ImportKind, ImportReport, import_file

SATUAN = """\
kode,nama,jenis,induk,wilayah,lat,lon,telepon,pengaturan
polda-contoh,Polda Contoh,polda,,,,,,"{""accept_s"": 25, ""backups"": 1}"
polres-contoh,Polres Contoh,polres,polda-contoh,99.01,-7.05,112.05,110,"{""accept_s"": 20}"
polsek-barat,Polsek Barat,polsek,polres-contoh,99.01.01,-7.05,112.02,0353 881110,
polsek-timur,Polsek Timur,polsek,polres-contoh,99.01.02,-7.05,112.18,,
"""

PERSONIL = """\
nrp,nama,pangkat,satuan,keahlian,telepon,bhabinkamtibmas_desa
85010001,Budi Contoh,Bripka,polsek-barat,motor tim_panther,081234567890,99.01.01.2001
86020002,Siti Contoh,Aipda,Polsek Timur,mobil,,
"""

INSTANSI = """\
kode,nama,jenis,alamat,lat,lon,kode_lokasi,kontak1_nama,kontak1_telepon,kontak1_tugas,catatan
bank-contoh,Bank Contoh,bank,Jl. Satu,-7.05,112.05,bank-1,Ani,081234567891,Satpam,Pintu belakang
bank-contoh,Bank Contoh,bank,Jl. Dua,-7.05,112.15,bank-2,,,,
"""

Ring = list[list[float]]


def square(west: float, south: float, size: float = 0.1) -> Ring:
    """A closed ring, longitude first."""
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(code: str, name: str, ring: Ring, **more: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"kode": code, "nama": name, **more},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def collection(*features: dict[str, Any]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def kecamatan() -> list[dict[str, Any]]:
    """Barat from 112.0 to 112.1 east, Timur from 112.1 to 112.2."""
    return [
        feature("99.01.01", "Barat", square(112.0, -7.1)),
        feature("99.01.02", "Timur", square(112.1, -7.1)),
    ]


def desa() -> list[dict[str, Any]]:
    """Two desa in the south of Barat, the west one and the one beside it."""
    return [
        feature("99.01.01.2001", "Sukamaju", square(112.0, -7.1, 0.05)),
        feature("99.01.01.2002", "Sukamakmur", square(112.05, -7.1, 0.05)),
    ]


class Files:
    """Writes files as people would save them, and imports them."""

    def __init__(self, session: Session, folder: Path) -> None:
        self._session = session
        self._folder = folder

    async def bring(
        self, kind: str, content: str | bytes, *, swap: bool = False, check_only: bool = False
    ) -> ImportReport:
        path = self._folder / f"{kind}.file"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return await import_file(
            self._session, ImportKind(kind), path, swap=swap, check_only=check_only
        )

    async def bring_regency(self) -> None:
        """Satuan, kecamatan, desa and Personil, in the order they need each other."""
        await self.bring("satuan", SATUAN)
        await self.bring("wilayah", collection(*kecamatan()))
        await self.bring("wilayah", collection(*desa()))
        await self.bring("personil", PERSONIL)
