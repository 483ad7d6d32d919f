"""Pure: how a simulated Personil answers a call. Most come, some cannot, some do not hear it."""

from dataclasses import dataclass
from enum import Enum, auto
from random import Random


class Answer(Enum):
    ACCEPT = auto()
    ACCEPT_LATE = auto()
    """Near the deadline: sometimes somebody else has it by then, or the offer is over."""
    DECLINE = auto()
    IGNORE = auto()
    """The phone rings and is seen by nobody."""
    SLEEP = auto()
    """The phone is out of reach: not even a receipt."""


WEIGHTS: dict[Answer, int] = {
    Answer.ACCEPT: 66,
    Answer.ACCEPT_LATE: 9,
    Answer.DECLINE: 10,
    Answer.IGNORE: 7,
    Answer.SLEEP: 8,
}
assert WEIGHTS.keys() == set(Answer), "every answer needs its weight"

_AFTER_S: dict[Answer, tuple[float, float]] = {
    Answer.ACCEPT: (3.0, 12.0),
    Answer.ACCEPT_LATE: (14.0, 24.0),
    Answer.DECLINE: (4.0, 14.0),
    Answer.IGNORE: (0.0, 0.0),
    Answer.SLEEP: (0.0, 0.0),
}
assert _AFTER_S.keys() == set(Answer), "every answer needs its time"

_REASONS = (
    "Sedang mengawal tahanan",
    "Sedang menangani laporan warga di Polsek",
    "Ban motor bocor",
    "Jalan terputus banjir, terlalu jauh memutar",
    "Sedang pengamanan kegiatan desa",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody will do about an offer; both times count from when it came."""

    answer: Answer
    seen_after_s: float
    answered_after_s: float
    reason: str

    @property
    def is_seen(self) -> bool:
        return self.answer is not Answer.SLEEP

    @property
    def accepts(self) -> bool:
        return self.answer in (Answer.ACCEPT, Answer.ACCEPT_LATE)


def reply(chance: Random) -> Reply:
    """What it will be this time."""
    answers = list(WEIGHTS)
    (answer,) = chance.choices(answers, weights=[WEIGHTS[each] for each in answers])
    seen_after_s = chance.uniform(0.3, 1.5)
    shortest_s, longest_s = _AFTER_S[answer]
    # Most answer soon, few take their time.
    answered_after_s = chance.triangular(shortest_s, longest_s, shortest_s)
    return Reply(answer, seen_after_s, answered_after_s, chance.choice(_REASONS))
