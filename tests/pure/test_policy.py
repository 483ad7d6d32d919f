"""Whom a ring calls, and why: for any crowd of candidates."""

from dataclasses import replace as rules_with
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cas_server.dispatch import policy
from cas_server.dispatch.policy import LAST_RING, Candidate, Need, Plan, Rules

HERE = Need("bjn/kota/", frozenset({"tim_panther"}))
RULES = Rules()


def somebody(number: int = 1, distance_m: float = 500.0) -> Candidate:
    """Fresh, available, at the right Satuan; tests replace what matters to them."""
    return Candidate(
        personil_id=UUID(int=number),
        name=f"Budi {number}",
        distance_m=distance_m,
        accuracy_m=8.0,
        age_s=5.0,
        satuan_path="bjn/kota/",
        skills=frozenset(),
        available=True,
    )


candidates = st.builds(
    Candidate,
    personil_id=st.integers(1, 10_000).map(lambda number: UUID(int=number)),
    name=st.just("Budi"),
    distance_m=st.floats(0, 40_000),
    accuracy_m=st.floats(0, 500),
    age_s=st.floats(0, 4_000),
    satuan_path=st.sampled_from(["bjn/kota/", "bjn/dander/", "tbn/rengel/"]),
    skills=st.sets(st.sampled_from(["tim_panther", "motor", "p3k"])).map(frozenset),
    available=st.booleans(),
    on_break=st.booleans(),
    on_alarm=st.booleans(),
    mock=st.booleans(),
    asked=st.booleans(),
    asked_last=st.booleans(),
    declined=st.booleans(),
    on_it=st.booleans(),
    left_lately=st.booleans(),
    pending_offers=st.integers(0, 3),
)
crowds = st.lists(candidates, max_size=25, unique_by=lambda candidate: candidate.personil_id)
rings = st.integers(1, LAST_RING)
rules = st.builds(
    Rules, ring_1_count=st.integers(0, 6), ring_2_count=st.integers(0, 9), backups=st.integers(0, 3)
)


def of(plan: Plan) -> dict[UUID, str]:
    return {weighed.candidate.personil_id: weighed.reason for weighed in plan.weighed}


@given(crowds, rules, rings)
def test_a_ring_keeps_to_its_count_and_radius_and_to_who_may_be_asked(
    crowd: list[Candidate], own: Rules, ring: int
) -> None:
    plan = policy.plan(crowd, HERE, own, ring)

    radius_m, count = own.radius_m(ring), own.count(ring)
    assert {weighed.candidate for weighed in plan.weighed} == set(crowd)
    assert count is None or len(plan.chosen) <= count
    for one in plan.chosen:
        assert {one.on_it, one.left_lately, one.asked_last} == {False}
        assert radius_m is None or one.distance_m <= radius_m
        if ring < LAST_RING:
            assert {one.declined, one.asked, one.on_break} == {False}
            assert one.available or one.on_alarm


@given(crowds, rules, rings)
def test_nobody_on_an_alarm_is_called_while_somebody_free_may_be(
    crowd: list[Candidate], own: Rules, ring: int
) -> None:
    chosen = policy.plan(crowd, HERE, own, ring).chosen

    if any(one.on_alarm for one in chosen):
        free = [one for one in crowd if not one.on_alarm]
        assert policy.plan(free, HERE, own, ring).chosen == ()
        assert all(one.on_alarm for one in chosen)


@given(crowds, rules, rings, st.randoms(use_true_random=False))
def test_a_plan_depends_on_who_is_there_and_not_on_the_order(
    crowd: list[Candidate], own: Rules, ring: int, chance: object
) -> None:
    shuffled = list(crowd)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert policy.plan(shuffled, HERE, own, ring) == policy.plan(crowd, HERE, own, ring)


@given(crowds, rules, rings)
def test_nobody_passed_over_for_another_had_a_better_score(
    crowd: list[Candidate], own: Rules, ring: int
) -> None:
    plan = policy.plan(crowd, HERE, own, ring)

    scores = {w.candidate.personil_id: w.score for w in plan.weighed}
    worst = max((scores[one.personil_id] or 0.0 for one in plan.chosen), default=0.0)
    for weighed in plan.weighed:
        if weighed.reason == "others_closer":
            assert weighed.score is not None
            assert weighed.score >= worst


@given(candidates, st.sampled_from([HERE, Need("tbn/")]))
def test_the_parts_of_a_score_add_up(candidate: Candidate, need: Need) -> None:
    own = replace(candidate, available=True, on_break=False, on_alarm=False, asked=False,
                  asked_last=False, declined=False, on_it=False, left_lately=False,
                  distance_m=100.0)  # fmt: skip

    [weighed] = policy.plan([own], need, RULES, 1).weighed

    assert weighed.score == pytest.approx(sum(weighed.parts.values()), abs=0.1)


@given(crowds, rings)
def test_whoever_is_in_danger_is_never_called(crowd: list[Candidate], ring: int) -> None:
    for one in crowd:
        need = Need(HERE.satuan_path, in_danger=one.personil_id)
        plan = policy.plan(crowd, need, RULES, ring)
        assert one not in plan.chosen
        assert of(plan)[one.personil_id] == "in_danger"


@pytest.mark.parametrize(
    ("worse", "because"),
    [
        (somebody(2, distance_m=900), "distance"),
        (replace(somebody(2), accuracy_m=300), "accuracy"),
        (replace(somebody(2), age_s=60), "age"),
        (replace(somebody(2), age_s=121), "stale"),
        (replace(somebody(2), satuan_path="bjn/dander/"), "other_satuan"),
        (replace(somebody(2), pending_offers=1), "pending_offer"),
        (replace(somebody(2), mock=True), "mock"),
    ],
)
def test_each_thing_that_counts_against_somebody_counts(worse: Candidate, because: str) -> None:
    one_place = rules_with(RULES, ring_1_count=1)

    plan = policy.plan([worse, somebody()], HERE, one_place, 1)

    assert plan.chosen == (somebody(),)
    assert of(plan)[worse.personil_id] == "others_closer"
    [parts] = [w.parts for w in plan.weighed if w.candidate == worse]
    assert parts[because] > policy.score(somebody(), HERE, RULES).get(because, 0)


def test_a_useful_skill_is_worth_a_small_detour() -> None:
    skilled = replace(somebody(2, distance_m=800), skills=frozenset({"tim_panther", "motor"}))
    one_place = rules_with(RULES, ring_1_count=1)

    assert policy.plan([somebody(), skilled], HERE, one_place, 1).chosen == (skilled,)
    assert policy.score(skilled, HERE, RULES)["skills"] == -RULES.skill_bonus_m


def test_a_stale_officer_near_by_comes_after_a_fresh_one_further_off() -> None:
    stale, fresh = replace(somebody(1, 100), age_s=500), somebody(2, 4_900)

    plan = policy.plan([stale, fresh], HERE, rules_with(RULES, ring_1_count=1), 1)

    assert plan.chosen == (fresh,)


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (somebody(distance_m=5_001), "outside_radius"),
        (replace(somebody(), asked=True), "asked_before"),
        (replace(somebody(), declined=True), "declined_before"),
        (replace(somebody(), on_break=True), "on_break"),
        (replace(somebody(), available=False), "busy"),
    ],
)
def test_why_somebody_is_not_called_in_the_first_ring_but_in_the_last(
    candidate: Candidate, reason: str
) -> None:
    first, last = (policy.plan([candidate], HERE, RULES, ring) for ring in (1, LAST_RING))

    assert (first.chosen, of(first)) == ((), {candidate.personil_id: reason})
    assert of(last) == {candidate.personil_id: "best_score"}


def test_on_another_alarm_is_a_reason_of_its_own_and_a_last_resort() -> None:
    taken = replace(somebody(2, 10), on_alarm=True, available=False)

    both = of(policy.plan([somebody(), taken], HERE, RULES, 1))
    alone = of(policy.plan([taken], HERE, RULES, 1))

    assert both == {somebody().personil_id: "best_score", taken.personil_id: "on_other_alarm"}
    assert alone == {taken.personil_id: "last_resort"}


@pytest.mark.parametrize("ring", [1, LAST_RING])
@pytest.mark.parametrize(
    ("fact", "reason"),
    [("on_it", "on_it"), ("left_lately", "left_lately"), ("asked_last", "asked_before")],
)
def test_who_is_on_it_has_just_left_or_was_asked_in_the_last_ring_is_called_in_none(
    ring: int, fact: str, reason: str
) -> None:
    plan = policy.plan([replace(somebody(), **{fact: True})], HERE, RULES, ring)

    assert (plan.chosen, of(plan)) == ((), {somebody().personil_id: reason})


def test_an_officer_in_danger_calls_more_and_those_who_are_asked_or_busy_elsewhere() -> None:
    need = Need(HERE.satuan_path, in_danger=UUID(int=99))
    near = [
        replace(somebody(1, 100), on_alarm=True, available=False),
        replace(somebody(2, 200), pending_offers=1),
        replace(somebody(3, 300), on_break=True, available=False),
        *(somebody(number, 1_000 * number) for number in (4, 5)),
    ]

    officer, other = policy.plan(near, need, RULES, 1), policy.plan(near, HERE, RULES, 1)

    assert [one.personil_id.int for one in officer.chosen] == [2, 3, 1, 4, 5]
    assert set(of(officer).values()) == {"best_score"}
    assert [one.personil_id.int for one in other.chosen] == [2, 4, 5]
    assert RULES.places(need.in_danger) > RULES.places(None)


def test_settings_of_other_slices_are_left_alone() -> None:
    own = Rules.of('{"accept_s": 7, "track_days": 90}')

    assert (own.accept_s, own.ring_1_count) == (7, 3)
    assert own.accept_within.total_seconds() == 7
    assert own.receipt_within.total_seconds() == 5


def test_the_score_of_the_order_of_work_is_exact_to_a_tenth_of_a_metre() -> None:
    worst = replace(
        somebody(2, 1_234.56), accuracy_m=7.89, age_s=121.0, satuan_path="tbn/rengel/",
        skills=frozenset({"tim_panther", "p3k"}), pending_offers=3, mock=True, on_alarm=True,
    )  # fmt: skip
    fresh = replace(somebody(1, 250.04), accuracy_m=0.0, age_s=10.0)

    assert policy.score(worst, HERE, RULES) == {
        "distance": 1_234.6,
        "accuracy": 7.9,
        "age": 120 * 14,
        "stale": 5_000,
        "other_satuan": 500,
        "skills": -400,
        "pending_offer": 2_000,
        "mock": 3_000,
    }
    assert policy.score(fresh, HERE, RULES) == {"distance": 250.0, "age": 140.0}
    on_the_edge = replace(fresh, age_s=120.0)
    assert "stale" not in policy.score(on_the_edge, HERE, RULES)


def test_for_an_officer_in_danger_only_another_alarm_counts_beside_distance_and_age() -> None:
    need = Need(HERE.satuan_path, in_danger=UUID(int=99))
    one = replace(somebody(), accuracy_m=0.0, age_s=0.0, pending_offers=2)

    assert policy.score(one, need, RULES) == {"distance": 500.0}
    assert policy.score(replace(one, on_alarm=True), need, RULES) == {
        "distance": 500.0,
        "other_alarm": 1_000.0,
    }


def test_a_ring_says_which_it_is_and_how_far_it_reaches() -> None:
    said = [
        (policy.plan([], HERE, RULES, ring).ring, policy.plan([], HERE, RULES, ring).radius_m)
        for ring in (1, 2, LAST_RING)
    ]

    assert said == [(1, 5_000), (2, 15_000), (LAST_RING, None)]
    assert [RULES.count(ring) for ring in (1, 2, LAST_RING)] == [3, 5, None]


def test_the_second_ring_for_an_officer_in_danger_calls_everybody_within_it() -> None:
    need = Need(HERE.satuan_path, in_danger=UUID(int=99))
    crowd = [somebody(number, 100.0 * number) for number in range(1, 10)]

    assert len(policy.plan(crowd, need, RULES, 1).chosen) == 5
    assert len(policy.plan(crowd, need, RULES, 2).chosen) == 9


def test_places_are_those_of_the_satuan_and_two_more_for_an_officer() -> None:
    assert (RULES.places(None), RULES.places(UUID(int=9))) == (1, 3)


def test_whoever_cannot_be_called_is_shown_with_what_counts_for_and_against_them() -> None:
    far = replace(somebody(distance_m=5_001.06), accuracy_m=0.04, age_s=0.0)

    [refused] = policy.plan([far], HERE, RULES, 1).weighed
    [called] = policy.plan([far], HERE, RULES, LAST_RING).weighed

    assert (refused.score, refused.chosen, refused.parts) == (
        None, False, {"distance": 5_001.1, "accuracy": 0.0}
    )  # fmt: skip
    assert called.score == 5_001.1


def test_an_officer_in_danger_calls_nobody_who_is_busy_with_something_else() -> None:
    need = Need(HERE.satuan_path, in_danger=UUID(int=99))
    busy = replace(somebody(), available=False)

    assert of(policy.plan([busy], need, RULES, 1)) == {busy.personil_id: "busy"}


def test_a_ring_without_any_reach_calls_only_whoever_stands_there() -> None:
    none = rules_with(RULES, ring_1_radius_m=0.0)
    there, beside = somebody(1, 0.0), somebody(2, 0.5)

    assert policy.plan([there, beside], HERE, none, 1).chosen == (there,)
