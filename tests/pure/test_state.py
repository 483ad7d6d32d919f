"""What may happen to an alarm, a responder and an offer: every pair of states, and any sequence."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cas_server.alarm import state
from cas_server.alarm.state import (
    ALARM_NEXT,
    OFFER_NEXT,
    RESPONDER_NEXT,
    AlreadyTaken,
    IllegalTransition,
    NotArrived,
    OfferOver,
    Responding,
)
from cas_server.alarm.views import AlarmStatus
from cas_server.dispatch.views import OfferState, ResponderState

ENDED = {AlarmStatus.RESOLVED, AlarmStatus.CANCELLED}
PEOPLE = [uuid4() for _ in range(5)]


@pytest.mark.parametrize(("current", "wanted"), list(product(AlarmStatus, repeat=2)))
def test_an_alarm_moves_only_as_the_table_says(current: AlarmStatus, wanted: AlarmStatus) -> None:
    if wanted is current or wanted in ALARM_NEXT[current]:
        assert state.move(current, wanted) is wanted
        return
    with pytest.raises(IllegalTransition) as refused:
        state.move(current, wanted)
    assert refused.value.facts() == {"current": current.value}
    assert wanted.value in str(refused.value)


def test_what_is_over_stays_over() -> None:
    assert ALARM_NEXT[AlarmStatus.RESOLVED] == frozenset()
    assert ALARM_NEXT[AlarmStatus.CANCELLED] == {AlarmStatus.RESOLVED}
    assert RESPONDER_NEXT[ResponderState.RELEASED] == frozenset()
    assert all(not OFFER_NEXT[ended] for ended in OfferState if ended is not OfferState.OPEN)


@pytest.mark.parametrize(("current", "wanted"), list(product(ResponderState, repeat=2)))
def test_a_responder_steps_only_as_the_table_says(
    current: ResponderState, wanted: ResponderState
) -> None:
    if wanted is current or wanted in RESPONDER_NEXT[current]:
        assert state.step(current, wanted) is wanted
        return
    with pytest.raises(IllegalTransition):
        state.step(current, wanted)


def test_a_responder_never_goes_back() -> None:
    order = list(ResponderState)
    for current, nexts in RESPONDER_NEXT.items():
        assert all(order.index(wanted) > order.index(current) for wanted in nexts)


def responding(personil_id: UUID, part: str, where: ResponderState) -> Responding:
    return Responding(personil_id, f"Bripka {personil_id}", part, where)  # type: ignore[arg-type]


anybody = st.builds(
    responding,
    st.sampled_from(PEOPLE),
    st.sampled_from(["primary", "backup"]),
    st.sampled_from(ResponderState),
)


@given(st.sampled_from(AlarmStatus), st.lists(anybody, max_size=5))
def test_the_alarm_is_as_far_as_its_furthest_responder(
    current: AlarmStatus, present: list[Responding]
) -> None:
    status = state.followed(current, present)

    active = [one.state for one in present if one.active]
    if current in ENDED:
        assert status is current
    elif not active:
        assert status is AlarmStatus.RAISED
    else:
        assert status.value == max(active, key=list(ResponderState).index).value


acts = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE), st.sampled_from(["accept", "leave", "en_route", "on_scene"])
    ),
    max_size=30,
)


@given(acts, st.integers(0, 3))
def test_whoever_accepts_and_leaves_in_whatever_order_there_is_one_primary_at_most(
    sequence: list[tuple[UUID, str]], backups: int
) -> None:
    present: dict[UUID, Responding] = {}
    for who, act in sequence:
        _act(present, who, act, backups)

        active = [one for one in present.values() if one.active]
        assert sum(one.part == "primary" for one in active) <= 1
        assert len(active) <= 1 + backups
        assert state.is_full(present.values(), backups) == (
            len(active) == 1 + backups and any(one.part == "primary" for one in active)
        )


def _act(present: dict[UUID, Responding], who: UUID, act: str, backups: int) -> None:
    mine = present.get(who)
    if act == "accept":
        if mine is None or not mine.active:
            _accept(present, who, backups)
        return
    if mine is None:
        return
    wanted = ResponderState.RELEASED if act == "leave" else ResponderState(act)
    try:
        present[who] = responding(who, mine.part, state.step(mine.state, wanted))
    except IllegalTransition:
        assert wanted not in RESPONDER_NEXT[mine.state]
    _promote(present)


def _accept(present: dict[UUID, Responding], who: UUID, backups: int) -> None:
    active = [one for one in present.values() if one.active]
    if len(active) < 1 + backups:
        part = state.part_for(present.values(), who, backups)
        present[who] = responding(who, part, ResponderState.ACCEPTED)
        return
    leader = next(one for one in active if one.part == "primary")
    with pytest.raises(AlreadyTaken) as refused:
        state.part_for(present.values(), who, backups)
    assert refused.value.facts() == {"winner": leader.name}


def _promote(present: dict[UUID, Responding]) -> None:
    """As the database does when the primary has left: the longest-serving backup leads."""
    active = [one for one in present.values() if one.active]
    if active and not any(one.part == "primary" for one in active):
        first = active[0]
        present[first.personil_id] = responding(first.personil_id, "primary", first.state)


def test_whoever_has_it_already_keeps_their_part() -> None:
    me, other = PEOPLE[:2]
    present = [responding(me, "primary", ResponderState.EN_ROUTE)]

    assert state.part_for(present, me, 0) == "primary"
    with pytest.raises(AlreadyTaken):
        state.part_for(present, other, 0)


def test_an_offer_that_is_over_says_how_it_ended() -> None:
    refused = OfferOver(OfferState.STOOD_DOWN)

    assert refused.facts() == {"state": "stood_down"}
    assert "stood down" in str(refused)


def test_what_cannot_be_is_refused_in_words_that_say_what_it_is() -> None:
    with pytest.raises(
        IllegalTransition, match=r"^an alarm that is resolved cannot become raised$"
    ):
        state.move(AlarmStatus.RESOLVED, AlarmStatus.RAISED)
    with pytest.raises(
        IllegalTransition, match=r"^a responder that is on_scene cannot become accepted$"
    ) as refused:
        state.step(ResponderState.ON_SCENE, ResponderState.ACCEPTED)
    assert refused.value.facts() == {"current": "on_scene"}


def test_places_are_given_to_the_first_to_lead_and_then_to_backups_until_none_is_left() -> None:
    lead, helper = (
        responding(one, part, ResponderState.ACCEPTED)
        for one, part in zip(PEOPLE, ("primary", "backup"), strict=False)
    )

    assert state.part_for([], PEOPLE[2], 1) == "primary"
    assert state.part_for([lead], PEOPLE[2], 1) == "backup"
    assert state.part_for([lead, helper], PEOPLE[2], 2) == "backup"
    with pytest.raises(AlreadyTaken, match=rf"^{lead.name} has taken this alarm already$"):
        state.part_for([lead, helper], PEOPLE[2], 1)
    with pytest.raises(AlreadyTaken):
        state.part_for([lead], PEOPLE[2], 0)


def test_more_places_are_counted_from_the_backups_who_are_on_it_now() -> None:
    on_it = [
        responding(PEOPLE[0], "primary", ResponderState.ON_SCENE),
        responding(PEOPLE[1], "backup", ResponderState.EN_ROUTE),
        responding(PEOPLE[2], "backup", ResponderState.RELEASED),
        responding(PEOPLE[4], "backup", ResponderState.ACCEPTED),
    ]

    assert state.places_wanted(on_it, 2) == 4
    assert state.responding(on_it, PEOPLE[1]) is on_it[1]
    assert state.responding(on_it, PEOPLE[2]) is None
    assert state.responding(on_it, PEOPLE[3]) is None


def test_all_have_reported_only_when_somebody_is_on_it_and_nobody_is_left_to_say() -> None:
    silent = responding(PEOPLE[0], "primary", ResponderState.ON_SCENE)
    said = replace(silent, personil_id=PEOPLE[1], reported_at=datetime(2026, 3, 1, tzinfo=UTC))
    gone = responding(PEOPLE[2], "backup", ResponderState.RELEASED)

    assert [state.all_reported(on_it) for on_it in ([], [gone], [silent, said])] == [False] * 3
    assert state.all_reported([said, gone])


def test_an_alarm_that_is_over_asks_and_hears_nothing_of_its_responders() -> None:
    for status, closed in ((AlarmStatus.RAISED, True), (AlarmStatus.RESOLVED, False)):
        with pytest.raises(OfferOver) as over:
            state.must_be_open(status, closed=closed)
        assert over.value.facts() == {"state": "stood_down"}
    state.must_be_open(AlarmStatus.CANCELLED, closed=False)


def test_only_whoever_has_arrived_can_say_what_it_was() -> None:
    state.must_have_arrived(ResponderState.ON_SCENE)
    with pytest.raises(
        NotArrived, match=r"^say that you are on the scene, then report what it was$"
    ) as refused:
        state.must_have_arrived(ResponderState.EN_ROUTE)
    assert refused.value.facts() == {"current": "en_route"}
