"""Pure: what a Masyarakat agrees to, word for word; a new wording gets a new version."""

from typing import ClassVar

from cas_server.errors import InvalidInput
from cas_server.identity.roles import Role

VERSION = "2026-11"
ASKED = frozenset({Role.MASYARAKAT, Role.INSTANSI})
"""Who is asked; officers and staff are known by law and service, not by consent."""

TEXT = """\
Persetujuan penggunaan data pribadi

Crime Alarm System (CAS) dijalankan oleh kepolisian untuk menolong Anda. Sesuai Undang-Undang Nomor
27 Tahun 2022 tentang Pelindungan Data Pribadi, inilah data yang kami simpan dan gunanya.

1. Nama dan nomor telepon Anda, agar petugas dapat menelepon kembali. Disimpan selama akun Anda ada.
2. Saat Anda menekan tombol: waktu, tempat, sisa baterai, catatan Anda, lalu posisi Anda selama
   alarm berlangsung. Gunanya agar petugas menemukan Anda, dan sebagai bukti. Nama, telepon, catatan
   dan jejak posisi dihapus 5 tahun setelah alarm ditutup.
3. Di luar alarm, posisi Anda tidak dikirim dan tidak disimpan.

Yang melihat data Anda: Komando dan petugas yang dipanggil untuk alarm Anda. Setiap pengambilan
rekaman alarm Anda dicatat. Data tidak dijual dan tidak dipakai untuk iklan.

Hak Anda, kapan saja dan tanpa biaya: melihat dan mengunduh semua data Anda; menghapus akun Anda;
menarik persetujuan ini dengan menghapus akun. Setelah akun dihapus, catatan kejadian tetap ada
sebagai bukti, tetapi tanpa nama, nomor telepon dan catatan Anda. Bila ada kebocoran data, Anda
diberi tahu secara tertulis dalam 3 x 24 jam.

Menekan tombol darurat tidak pernah ditolak, juga bila Anda belum menyetujui naskah ini.
"""


class OtherVersion(InvalidInput):
    code: ClassVar[str] = "other_consent_version"

    def __init__(self, given: str) -> None:
        super().__init__(
            "version", f"{given} is not the present text; show version {VERSION} and ask again"
        )


def must_be_present(version: str) -> None:
    """OtherVersion when somebody agreed to a text that is not, or no longer, ours."""
    if version != VERSION:
        raise OtherVersion(version)


def wanted(role: Role, given: str | None) -> str | None:
    """The version to ask this account for, or None when there is nothing to ask."""
    return VERSION if role in ASKED and given != VERSION else None
