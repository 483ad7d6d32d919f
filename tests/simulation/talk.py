"""A socket's protocol alone: frames, time and answers of the house in any order."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from cas_server.identity.roles import Role
from cas_server.live.protocol import (
    Authenticate,
    Close,
    CloseCode,
    Connection,
    Effect,
    Join,
    State,
    TakeFix,
    TakeReceipt,
)
from tests.simulation.ground import DAWN

ACCOUNT_ID = UUID(int=7)
TURNS = 12
FRAMES = (
    '{"type": "hello", "token": "cas_0123456789"}',
    '{"type": "hello", "token": "cas_0123456789"}',
    '{"type": "watch"}',
    '{"type": "watch", "satuan_id": "00000000-0000-0000-0000-000000000001"}',
    '{"type": "receipt", "offer_id": "00000000-0000-0000-0000-000000000002"}',
    '{"type": "fix", "lat": -7, "lon": 111, "accuracy_m": 8, "fixed_at": "2026-03-01T00:00:00Z"}',
    '{"type": "fix", "lat": -700}',
    '{"type": "nonsense"}',
    "no json",
)
WEIGHTS = (4, 1, 4, 1, 3, 3, 1, 1, 0.3)


@dataclass(frozen=True)
class Member:
    role: Role
    expires_at: object = DAWN + timedelta(minutes=30)
    account_id: UUID = ACCOUNT_ID
    name: str = "Budi"


def turns_of(seed: int) -> tuple[str, ...]:
    """Each turn of a talk by the seed of its own, so that it is the same whatever came before."""
    return tuple(f"talk {seed}.{turn}" for turn in range(TURNS))


def talk(seed: int, turns: Sequence[str]) -> None:
    """One connection from its first frame; AssertionError when a rule is broken."""
    chance = random.Random(f"talk {seed}")  # noqa: S311 - a test wants to repeat it
    now = DAWN
    connection, role = Connection(now), chance.choice(list(Role))
    known = False
    for turn in turns:
        chance.seed(turn)
        now += timedelta(seconds=chance.choice((0.1, 1, 4, 11, 600)))
        was_closed = connection.state is State.CLOSED
        roll = chance.random()
        if connection.state is State.CHECKING and roll < 0.7:
            effects = connection.authenticated(Member(role), now)  # type: ignore[arg-type]  # a fixed end
            known = not any(isinstance(one, Close) for one in effects)
        elif roll < 0.05:
            effects = connection.ended()
        elif roll < 0.1:
            effects = connection.refused("x", "y", CloseCode.TRY_AGAIN)
        elif roll < 0.25:
            effects = connection.tick(now)
        else:
            effects = connection.receive(chance.choices(FRAMES, WEIGHTS)[0], now)
        assert not (was_closed and effects), "a closed connection still speaks"
        _check(connection, effects, role=role, known=known)
        if connection.deadline is not None and connection.deadline <= now:
            assert connection.tick(now), "its time is over and it stays"


def _check(connection: Connection, effects: list[Effect], *, role: Role, known: bool) -> None:
    closes = [one for one in effects if isinstance(one, Close)]
    assert bool(closes) == (bool(effects) and connection.state is State.CLOSED)
    for one in effects:
        if isinstance(one, Join | TakeFix | TakeReceipt):
            assert known, "served before it was known who asks"
        if isinstance(one, TakeFix | TakeReceipt):
            assert role is Role.PERSONIL, "took a fix or a receipt of somebody else"
        if isinstance(one, Authenticate):
            assert not known, "asked twice who it is"
