"""What a socket takes without waking anybody is what it would have taken in the ordinary way."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from cas_server.identity.roles import Role
from cas_server.live.protocol import Connection, Effect, TakeFix

NOW = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)
ACCOUNT_ID = UUID(int=7)
DAY = timedelta(days=1)
HELLO = '{"type": "hello", "token": "cas_0123456789"}'
WATCH = '{"type": "watch"}'


@dataclass(frozen=True)
class Somebody:
    role: Role
    expires_at: datetime | None
    account_id: UUID = ACCOUNT_ID
    name: str = "Budi"


FIX = {
    "type": "fix", "lat": -7.15, "lon": 111.88, "accuracy_m": 8, "fixed_at": "2026-03-01T20:00:00Z",
}  # fmt: skip
GOOD = json.dumps(FIX)
ODD = {
    "type": "receipt", "lat": 91, "lon": "1.5", "accuracy_m": -1, "fixed_at": "2026-03-01T20:00:00",
    "battery_percent": 101, "shoe_size": 43,
}  # fmt: skip
odd_fixes = st.sampled_from(sorted(ODD)).map(lambda field: {**FIX, field: ODD[field]})
frames = st.one_of(
    st.just(GOOD),
    odd_fixes.map(json.dumps),
    st.sampled_from([HELLO, WATCH, "{", "[]"]),
)
somebody = st.builds(Somebody, st.sampled_from(Role), st.sampled_from([None, NOW, NOW + DAY]))


def connected(who: Somebody, steps: int) -> Connection:
    """One that has said hello, is known, watches, is over: as far as `steps` lead."""
    connection = Connection(NOW - timedelta(seconds=5))
    if steps > 0:
        connection.receive(HELLO, NOW - timedelta(seconds=4))
    if steps > 1:
        connection.authenticated(who, NOW - timedelta(seconds=3))
    if steps > 2:
        connection.receive(WATCH, NOW - timedelta(seconds=2))
    if steps > 3:
        connection.ended()
    return connection


@example(who=Somebody(Role.PERSONIL, None), steps=2, frame=GOOD)
@example(who=Somebody(Role.PERSONIL, NOW + DAY), steps=3, frame=GOOD)
@example(who=Somebody(Role.PERSONIL, NOW), steps=3, frame=GOOD)
@example(who=Somebody(Role.PERSONIL, None), steps=4, frame=GOOD)
@example(who=Somebody(Role.OPERATOR, None), steps=3, frame=GOOD)
@example(who=Somebody(Role.PERSONIL, None), steps=1, frame=GOOD)
@example(who=Somebody(Role.PERSONIL, None), steps=3, frame=WATCH)
@given(who=somebody, steps=st.integers(0, 4), frame=frames)
def test_a_fix_is_taken_at_once_or_in_the_ordinary_way_and_it_is_the_same(
    who: Somebody, steps: int, frame: str
) -> None:
    connection = connected(who, steps)

    at_once = connection.fix_in(frame.encode(), NOW)
    ordinary = connection.receive(frame, NOW)

    assert [TakeFix(at_once)] == ordinary if at_once else not _is_taken(ordinary)


def _is_taken(effects: Sequence[Effect]) -> bool:
    return any(isinstance(effect, TakeFix) for effect in effects)
