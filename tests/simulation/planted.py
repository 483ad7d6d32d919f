"""Faults put into the server on purpose, each with the rule that has to find it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from cas_server.alarm import calling, deadlines, press, reporter, response, state
from cas_server.alarm import queries as alarm_queries
from cas_server.dispatch import escalation, offers, policy, queries
from cas_server.outbox import loop, retry
from cas_server.outbox.retry import Again, GiveUp
from cas_server.presence import service as presence

Plant = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is planted, a word of the rule that breaks, and a seed not long before it does."""

    plant: Plant
    found_by: str
    first_seed: int = 0


async def _nothing(*_: object, **__: object) -> None:
    """Forgets what it should do."""


def _expires_too_early(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(offers, "_EXPIRE", offers._EXPIRE.replace("AND expires_at <= $2", ""))


def _answers_too_late(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(offers, "_ANSWER", offers._ANSWER.replace("AND expires_at > $3", ""))


def _answers_twice(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(offers, "_EXPIRE", offers._EXPIRE.replace("state = 'open' AND ", ""))


def _widens_without_deadline(patch: pytest.MonkeyPatch) -> None:
    never = queries._STORE_RING.replace(
        "'open', $3, $4,", "'open', $3, $4::timestamptz + interval '1 year',"
    )
    patch.setattr(queries, "_STORE_RING", never)


def _never_widens(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(deadlines, "widen_if_over", _nothing)


def _forgets_the_desk(patch: pytest.MonkeyPatch) -> None:
    async def settle(session: Any, alarm: Any, called: Any, *_: object) -> None:
        await alarm_queries.change(session, alarm, ring=called.ring)

    patch.setattr(calling, "settle", settle)


def _gives_up_early(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(retry, "MOST_ATTEMPTS", 2)


def _ignores_the_wish(patch: pytest.MonkeyPatch) -> None:
    def decide(outcome: Again, attempts: int) -> timedelta | GiveUp:
        return retry.decide(replace(outcome, after=None), attempts)

    patch.setattr(loop, "decide", decide)


def _two_lead(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(state, "part_for", lambda *_: "primary")


def _stays_bound(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(presence, "free", _nothing)


def _says_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(response, "record", _nothing)


def _asks_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reporter, "stand_down_rest", _nothing)


def _calls_whoever_left(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(queries, "_ASKED", "")
    again = queries._ALL_ON_DUTY.replace("> $3 - make_interval", "> $3 + make_interval")
    patch.setattr(queries, "_ALL_ON_DUTY", again)


def _takes_from_other_alarms(patch: pytest.MonkeyPatch) -> None:
    plan = policy.plan

    def blind(candidates: Any, *rest: Any) -> Any:
        free = [msgspec.structs.replace(one, on_alarm=False, available=True)
                for one in candidates]  # fmt: skip
        return plan(free, *rest)

    patch.setattr(policy, "plan", blind)


def _answers_before_commit(patch: pytest.MonkeyPatch) -> None:
    real = press.press

    async def lost(session: Any, *rest: Any) -> Any:
        said = await real(session, *rest)
        session.discard()
        return said

    patch.setattr(press, "press", lost)


def _never_climbs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        escalation, "climb",
        lambda *_: escalation.Climb(escalation.Summons("polsek", "pimpinan", "x"), None),
    )  # fmt: skip


FAULTS: Mapping[str, Fault] = {
    "an expiry without its fence": Fault(_expires_too_early, "expired before its deadline"),
    "an answer without its fence": Fault(_answers_too_late, "answered at or after the deadline", 7),
    "an expiry that ends what is answered": Fault(_answers_twice, "the journal tells of an offer"),
    "a wider ring that forgets its deadline": Fault(_widens_without_deadline, "longer than"),
    "an expiry that calls nobody further": Fault(_never_widens, "forgotten"),
    "a last ring that does not tell the desk": Fault(_forgets_the_desk, "forgotten"),
    "a retry that gives up early": Fault(_gives_up_early, "was given up after"),
    "a retry that ignores Retry-After": Fault(_ignores_the_wish, "is followed by", 13),
    "two who lead": Fault(_two_lead, "UniqueViolation", 7),
    "a release that leaves the officer bound": Fault(_stays_bound, "still bound"),
    "an acceptance that is not written down": Fault(_says_nothing, "the journal tells of"),
    "a cancellation that goes on asking": Fault(_asks_on, "still asks", 7),
    "a policy that calls whoever has left": Fault(_calls_whoever_left, "has just left it"),
    "a policy blind to other alarms": Fault(_takes_from_other_alarms, "on another alarm", 3),
    "a press answered and not committed": Fault(
        _answers_before_commit, "acknowledged is not there"
    ),
    "a ladder that ends on its first rung": Fault(_never_climbs, "climbs to nobody"),
}
