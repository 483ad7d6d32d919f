"""Invented people of the demo regency: officers, citizens and institutions, the same every time."""

from dataclasses import dataclass
from itertools import product
from random import Random

from cas_server.kit.geo import Position
from cas_server.registry.demo_regency.places import KECAMATAN, POLRES_CODE, Kecamatan
from cas_server.registry.entries import InstansiEntry, InstansiKind, PersonilEntry, SiteEntry

_SEED = 3522
PERSONIL_OF_POLSEK = 3
PERSONIL_OF_POLRES = 36
TIM_PANTHER = 8
"""Officers at the Polres with the skill tim_panther: a skill, not a Satuan of its own, here."""
MASYARAKAT = 3_000
SITES_OF_KIND = 8

# Invented pairs of common names; any likeness to a living person is chance.
_FIRST = (
    "Adi Agus Andi Anwar Arif Bagus Bambang Bayu Beni Budi Cahyo Candra Dani Darto Dedi Deni Dian "
    "Didik Dimas Dwi Eka Eko Endah Endang Erna Fajar Farida Fitri Galih Gatot Gilang Hadi Hari "
    "Hasan Hendra Heru Ika Imam Indah Indra Irfan Iwan Joko Jumadi Kartika Kasno Khoirul Lastri "
    "Lestari Lilik Mulyono Nanang Ningsih Nur Nurul Puji Purwanto Putri Rahmat Ratna Retno Rini "
    "Rizky Rudi Samsul Santi Sigit Siti Slamet Sri Sugeng Suharti Sulastri Sumiati Surya Suyono "
    "Teguh Titik Tri Tutik Umi Utami Wahyu Wardi Wati Widodo Wiji Wulan Yanto Yuli Yusuf Zainal"
)
_LAST = (
    "Adiputra Anggraini Arifin Basuki Budiman Cahyono Darmawan Effendi Firmansyah Gunawan Hakim "
    "Handayani Haryanto Hidayat Irawan Iskandar Kurniawan Kusuma Laksono Mahendra Maryono "
    "Maulana Mulyadi Nugroho Nurhayati Pamungkas Permana Pramono Prasetyo Pratama "
    "Priyono Purnomo Rahayu Rahmawati Ramadhan Riyadi Saputra Saputro Setiawan Setyaningsih "
    "Setyawan Sulistyo Sunarto Supriyadi Suryadi Susanti Susanto Sutrisno "
    "Suwarno Syahputra Utomo Wahyudi Wibowo Wicaksono Widiastuti Wijaya Winarno Yulianto"
)

_RANKS_OF_POLSEK = ("Aiptu", "Bripka", "Briptu")
_RANKS_OF_POLRES = ("Iptu", "Ipda", "Aiptu", "Aipda", "Bripka", "Brigpol", "Briptu", "Bripda")
_TIM_PANTHER = ["motor", "tim_panther"]
_SKILLS_OF_POLRES = (["mobil", "p3k"], ["lantas", "motor"], ["mobil"], ["motor"])

_KINDS = (
    (InstansiKind.BANK, "bank", "Bank Contoh Makmur"),
    (InstansiKind.GOLD_SHOP, "toko-emas", "Toko Emas Contoh Kencana"),
    (InstansiKind.SCHOOL, "sekolah", "Sekolah Contoh Harapan"),
    (InstansiKind.FUEL_STATION, "spbu", "SPBU Contoh Lancar"),
    (InstansiKind.HOSPITAL, "rumah-sakit", "Rumah Sakit Contoh Sehat"),
)
_NOTES = {
    InstansiKind.BANK: "Satpam di pintu depan; pintu belakang menghadap gang.",
    InstansiKind.GOLD_SHOP: "Etalase di depan; jangan menyalakan sirene di dekat toko.",
    InstansiKind.SCHOOL: "Gerbang utara dibuka pada jam pelajaran; kumpulkan siswa di lapangan.",
    InstansiKind.FUEL_STATION: "Katup darurat di kantor; jangan parkir di dekat dispenser.",
    InstansiKind.HOSPITAL: "Masuk lewat IGD; pos keamanan 24 jam di sebelahnya.",
}


@dataclass(frozen=True, slots=True)
class Citizen:
    """One of the Masyarakat, and about where they live."""

    name: str
    phone: str
    home: Position


def personil() -> list[PersonilEntry]:
    """Three at each Polsek, the rest at the Polres. Everybody rides, some drive."""
    posts = [
        (kecamatan.polsek_code, _RANKS_OF_POLSEK[turn], ["motor"] if turn else ["mobil"])
        for kecamatan in KECAMATAN
        for turn in range(PERSONIL_OF_POLSEK)
    ]
    for turn in range(PERSONIL_OF_POLRES):
        skills = _TIM_PANTHER if turn < TIM_PANTHER else _SKILLS_OF_POLRES[turn % 4]
        posts.append((POLRES_CODE, _RANKS_OF_POLRES[turn % len(_RANKS_OF_POLRES)], skills))
    names = _names(_SEED)
    return [
        PersonilEntry(
            # An NRP begins with year and month of birth; a month 00 belongs to nobody.
            nrp=f"9000{number:04}",
            name=names[number],
            rank=rank,
            satuan_code=satuan_code,
            skills=skills,
            phone=_phone(9_000 + number),
            demo=True,
        )
        for number, (satuan_code, rank, skills) in enumerate(posts, start=1)
    ]


def masyarakat() -> list[Citizen]:
    """Citizens of every kecamatan in turn, more or less near its label."""
    names = _names(_SEED + 1)
    chance = _chance(_SEED + 2)
    return [
        Citizen(
            name=names[number],
            phone=_phone(number),
            home=_near(KECAMATAN[number % len(KECAMATAN)], 0.02, chance),
        )
        for number in range(1, MASYARAKAT + 1)
    ]


def instansi() -> tuple[list[InstansiEntry], list[SiteEntry]]:
    """Forty institutions with a site each, in every kecamatan at least one."""
    entries: list[InstansiEntry] = []
    sites: list[SiteEntry] = []
    chance = _chance(_SEED + 3)
    names = _names(_SEED + 4)
    for number, (turn, (kind, word, title)) in enumerate(product(range(SITES_OF_KIND), _KINDS)):
        kecamatan = KECAMATAN[number % len(KECAMATAN)]
        code = f"{word}-contoh-{turn + 1}"
        name = f"{title} {kecamatan.name}"
        contact = {"name": names[number], "phone": _phone(9_500 + number), "duty": "Keamanan"}
        entries.append(InstansiEntry(code, name, kind, demo=True))
        sites.append(
            SiteEntry(
                code=f"{code}-1",
                instansi_code=code,
                name=name,
                address=f"Jl. Contoh No. {number + 1}, {kecamatan.name}, Bojonegoro",
                position=_near(kecamatan, 0.012, chance),
                contacts=[contact],
                responder_notes=_NOTES[kind],
                demo=True,
            )
        )
    return entries, sites


def petugas_names() -> list[str]:
    """What the people at the counters are called."""
    return _names(_SEED + 5)


def petugas_phone(number: int) -> str:
    """Theirs end in 8000 and what follows; even ones manage their Instansi."""
    return _phone(8_000 + number)


def _names(seed: int) -> list[str]:
    pairs = [f"{first} {last}" for first, last in product(_FIRST.split(), _LAST.split())]
    _chance(seed).shuffle(pairs)
    return pairs


def _phone(number: int) -> str:
    # 0810 has the form of a mobile number, but no operator was given it.
    return f"+628100000{number:04}"


def _near(kecamatan: Kecamatan, within_deg: float, chance: Random) -> Position:
    return Position(
        lat=round(kecamatan.label.lat + chance.uniform(-within_deg, within_deg), 6),
        lon=round(kecamatan.label.lon + chance.uniform(-within_deg, within_deg), 6),
    )


def _chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - invented people, and the same ones every time
