"""Pure: what happens to a simulated person who presses, and what they say."""

from dataclasses import dataclass
from enum import Enum, auto
from random import Random

from cas_server.demo.driving import shifted
from cas_server.kit.geo import Position

_KINDS = {"crime": 60, "accident": 18, "medical": 10, "fire": 7, "other": 5}

NOTES: dict[str, tuple[str, ...]] = {
    "crime": (
        "Motor saya dirampas dua orang di pinggir jalan",
        "Ada orang mencoba membuka pintu belakang rumah",
        "Perkelahian di depan warung, ada yang membawa senjata tajam",
        "Toko saya kemasukan pencuri, pelaku masih di dalam",
        "Saya diikuti orang tidak dikenal sejak dari pasar",
        "Pencurian sapi di kandang belakang, pelaku lari ke arah sawah",
        "Tas dijambret pengendara motor, lari ke utara",
        "Ada tawuran remaja di lapangan desa",
    ),
    "accident": (
        "Truk menabrak motor di tikungan, ada korban",
        "Tabrakan beruntun di dekat jembatan, jalan tertutup",
        "Mobil masuk selokan, pengemudi terjepit",
        "Motor terpeleset, korban tidak sadar",
    ),
    "medical": (
        "Bapak saya pingsan dan sulit bernapas",
        "Tetangga digigit ular di sawah",
        "Ibu hamil mau melahirkan, tidak ada kendaraan",
    ),
    "fire": (
        "Dapur tetangga terbakar, api mulai membesar",
        "Lahan tebu terbakar, dekat rumah warga",
        "Kabel listrik di pasar terbakar",
    ),
    "other": (
        "Pohon tumbang menutup jalan desa",
        "Anak hilang sejak sore, terakhir di alun-alun",
        "Air sungai naik cepat, warga butuh bantuan",
    ),
}
assert NOTES.keys() == _KINDS.keys(), "every kind needs something to say"

CANCEL_REASONS = ("Salah tekan", "Tertekan di saku", "Sudah selesai, pelaku pergi")


class Turn(Enum):
    """How it goes on after the press."""

    STAY = auto()
    FLEE = auto()
    """On foot, and the phone reports where to."""
    PRESS_AGAIN = auto()
    TAKE_BACK = auto()
    DURESS = auto()
    """Made to take it back by whoever threatens them."""
    LOCATE_LATE = auto()
    """Pressed without a position; the receiver finds one a little later."""


_TURNS = {
    Turn.STAY: 48,
    Turn.FLEE: 22,
    Turn.PRESS_AGAIN: 12,
    Turn.TAKE_BACK: 11,
    Turn.DURESS: 2,
    Turn.LOCATE_LATE: 5,
}
assert _TURNS.keys() == set(Turn), "every turn needs its weight"


@dataclass(frozen=True, slots=True)
class Story:
    """A press and what comes after it. `at` None: the phone does not know where it is."""

    at: Position | None
    kind: str
    note: str | None
    silent: bool
    battery_percent: int
    turn: Turn
    turn_after_s: float


def of_masyarakat(home: Position, chance: Random) -> Story:
    """Somebody near their home."""
    (turn,) = chance.choices(list(_TURNS), weights=list(_TURNS.values()))
    (kind,) = chance.choices(list(_KINDS), weights=list(_KINDS.values()))
    # A mistake needs no explanation, and a threat leaves no time for one.
    if turn in (Turn.FLEE, Turn.DURESS):
        kind = "crime"
    note = chance.choice(NOTES[kind]) if chance.random() < 0.8 else None
    return Story(
        at=None if turn is Turn.LOCATE_LATE else near(home, chance),
        kind=kind,
        note=None if turn in (Turn.DURESS, Turn.TAKE_BACK) else note,
        silent=chance.random() < 0.1,
        battery_percent=chance.randint(8, 100),
        turn=turn,
        turn_after_s=chance.uniform(10, 30),
    )


def of_instansi(chance: Random) -> Story:
    """The button under a counter: no words, no noise, and the site is known."""
    return Story(
        at=None,
        kind="crime",
        note=None,
        silent=chance.random() < 0.7,
        battery_percent=100,
        turn=Turn.TAKE_BACK if chance.random() < 0.15 else Turn.STAY,
        turn_after_s=chance.uniform(15, 40),
    )


def near(home: Position, chance: Random) -> Position:
    """Where a phone says it is when its owner is around home."""
    at = shifted(home, chance.gauss(0, 250), chance.gauss(0, 250))
    accuracy_m = round(min(80.0, 4 + chance.expovariate(0.08)), 1)
    return Position(round(at.lat, 6), round(at.lon, 6), accuracy_m)
