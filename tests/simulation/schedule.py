"""From a seed a schedule: who does what when, and how each message travels."""

import random
from dataclasses import dataclass

from tests.simulation.ground import CITIZENS, OFFICERS

Arrivals = tuple[float, ...]

PUSH_WEATHERS = ("clear", "busy", "broken", "hanging", "dead", "refusing", "lying")
AT_ONCE = frozenset({"phone", "push_weather", "worker_stalls", "worker_dies"})
"""What just happens, and travels nowhere."""
STALLS_S = (5, 20, 45)
PHONES = ("quick", "slow", "silent", "twice")

WORDS = {
    "on_duty": "officer {who} goes on duty at place {what}",
    "break": "officer {who} takes a break",
    "off_duty": "officer {who} goes off duty",
    "moves": "officer {who} is now at place {what}",
    "phone": "the phone of officer {who} becomes {phone}",
    "press": "citizen {who} presses at place {what}",
    "press_nowhere": "citizen {who} presses and nobody knows where",
    "press_unverified": "citizen {who} presses at place {what} and proves nothing",
    "press_again": "citizen {who} presses once more with the same id",
    "press_signed": "citizen {who} presses, signed, at place {what}, the clock wrong by days",
    "sos": "officer {who} is in danger and presses",
    "locate": "the phone of citizen {who} says that it is at place {what}",
    "cancel": "citizen {who} takes the alarm back",
    "duress": "citizen {who} is forced to take the alarm back",
    "accept": "officer {who}, or the next who is asked, accepts (offer {what} from the newest)",
    "decline": "officer {who}, or the next who is asked, declines (offer {what} from the newest)",
    "en_route": "officer {who}, or the next who is on one, says: on the way",
    "on_scene": "officer {who}, or the next who is on one, says: on the scene",
    "leave": "officer {who}, or the next who is on one, leaves the alarm",
    "report": "officer {who}, or the next who is on one, reports what it was",
    "backup": "officer {who}, or the next who is on one, asks for backup",
    "acknowledge": "the desk acknowledges alarm {what}",
    "assign": "the desk sends officer {who} to alarm {what}",
    "release": "the desk takes officer {who} off alarm {what}",
    "call": "the desk calls officers for the held alarm {what}",
    "close": "the desk closes alarm {what}",
    "caller": "somebody telephones the desk, which presses for place {what}",
    "merge": "the desk puts alarm {who} under alarm {what}",
    "separate": "the desk takes alarm {what} out again",
    "hand": "the desk hands alarm {what} to the Polres next door",
    "push_weather": "the push service is {weather}",
    "worker_stalls": "the worker stands still for {stall} s",
    "worker_dies": "the worker dies with the jobs it has just claimed",
}


@dataclass(frozen=True, slots=True)
class Step:
    """Something done at `at_s`; each of `arrives` is how long one copy of it is on its way."""

    at_s: float
    act: str
    who: int = 0
    what: int = 0
    arrives: Arrivals = (0.2,)

    def __str__(self) -> str:
        told = WORDS[self.act].format(
            who=self.who,
            what=self.what,
            phone=PHONES[self.what % len(PHONES)],
            stall=STALLS_S[self.what % len(STALLS_S)],
            weather=PUSH_WEATHERS[self.what % len(PUSH_WEATHERS)],
        )
        return f"{self.at_s:9.1f} s  {told}{_travels(self.arrives)}"


def _travels(arrives: Arrivals) -> str:
    if not arrives:
        return "; it is lost"
    if len(arrives) > 1:
        return (
            "; it arrives after " + " s and again after ".join(f"{s:.1f}" for s in arrives) + " s"
        )
    return f"; it arrives after {arrives[0]:.1f} s" if arrives[0] > 1 else ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`pushed`: offers are heard of by push, through the outbox; else by socket."""

    seed: int
    pushed: bool
    steps: tuple[Step, ...]

    @property
    def hours(self) -> float:
        return max((step.at_s for step in self.steps), default=0.0) / 3600

    def __str__(self) -> str:
        heard = "by push" if self.pushed else "by socket"
        return "\n".join([f"offers are heard of {heard}", *map(str, self.steps)])


def of_seed(seed: int) -> Schedule:
    """The schedule of a seed: one to three incidents within hours of duty."""
    chance = random.Random(seed)  # noqa: S311 - a test wants to repeat it
    pushed = chance.random() < 0.3
    writer = _Writer(chance)
    writer.duty()
    start = 0.0
    for _ in range(chance.choice((1, 1, 2, 2, 3))):
        start += chance.choice((chance.uniform(5, 60), chance.uniform(600, 7_200)))
        writer.incident(start)
    if pushed:
        for _ in range(chance.randrange(1, 4)):
            writer.add(start + chance.uniform(-30, 60), "push_weather", 0, chance.randrange(7))
            if chance.random() < 0.4:
                writer.add(start + chance.uniform(0, 30), "worker_dies", 0, 0)
    return Schedule(seed, pushed, tuple(sorted(writer.steps, key=lambda step: step.at_s)))


class _Writer:
    """Writes steps as people do: thickest in the minute after a press, then thinner."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.steps: list[Step] = []

    def add(self, at_s: float, act: str, who: int, what: int) -> None:
        travel = self._travel() if act not in AT_ONCE else (0.0,)
        self.steps.append(Step(round(max(0.0, at_s), 1), act, who, what, travel))

    def _travel(self) -> Arrivals:
        chance, roll = self._chance, self._chance.random()
        if roll < 0.7:
            return (round(chance.uniform(0.05, 0.9), 2),)
        if roll < 0.8:
            return (round(chance.uniform(2, 40), 1),)
        if roll < 0.95:
            return (round(chance.uniform(0.1, 3), 1), round(chance.uniform(0.1, 50), 1))
        return ()

    def duty(self) -> None:
        chance = self._chance
        for officer in range(OFFICERS):
            if chance.random() < 0.75:
                self.steps.append(Step(0.0, "on_duty", officer, chance.randrange(40)))
            if chance.random() < 0.3:
                self.add(0.0, "phone", officer, chance.randrange(len(PHONES)))

    def incident(self, start: float) -> None:
        chance = self._chance
        who, where = chance.randrange(CITIZENS), chance.randrange(40)
        how = chance.choices(
            ("press", "press_signed", "press_unverified", "press_nowhere", "sos", "caller"),
            (8, 3, 3, 1, 2, 1),
        )[0]
        self.add(start, how, chance.randrange(OFFICERS) if how == "sos" else who, where)
        for _ in range(chance.choice((0, 0, 1, 2))):
            again = chance.choice(("press_again", "press", "press_signed", "locate"))
            self.add(start + chance.uniform(0, 70), again, who, where + chance.choice((0, 0, 1)))
        for _ in range(chance.randrange(3, 9)):
            act = chance.choices(_SOON, _SOON_WEIGHTS)[0]
            self.add(start + chance.expovariate(1 / 25), act, self._who(act), chance.randrange(3))
        for _ in range(chance.randrange(2, 9)):
            act = chance.choices(_LATER, _LATER_WEIGHTS)[0]
            self.add(start + chance.uniform(20, 900), act, self._who(act), chance.randrange(3))

    def _who(self, act: str) -> int:
        if act in ("cancel", "duress", "locate", "press_again"):
            return self._chance.randrange(CITIZENS)
        if act == "merge":
            return self._chance.randrange(3)
        return self._chance.randrange(OFFICERS)


_SOON = ("accept", "decline", "acknowledge", "cancel", "duress", "off_duty", "on_duty", "break",
         "assign", "worker_stalls", "phone", "moves", "release", "call")  # fmt: skip
_SOON_WEIGHTS = (12, 5, 2, 1, 1, 2, 2, 1, 1, 2, 1, 1, 1, 1)
_LATER = ("en_route", "on_scene", "leave", "report", "backup", "close", "merge", "separate",
          "hand", "accept", "assign", "off_duty", "release", "acknowledge")  # fmt: skip
_LATER_WEIGHTS = (4, 5, 2, 4, 4, 3, 3, 1, 1, 4, 1, 1, 1, 1)
