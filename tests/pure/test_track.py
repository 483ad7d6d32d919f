"""The judgement of fixes: what becomes the live position, and that nobody is locked out."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cas_server.kit.geo import Position, distance_m
from cas_server.presence import track
from cas_server.presence.track import NEW, Fix, Track, Verdict, judge

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ALUN_ALUN = (-7.1502, 111.8817)
SURABAYA = (-7.2575, 112.7521)


@dataclass(frozen=True)
class Report:
    """What a phone sends."""

    lat: float = ALUN_ALUN[0]
    lon: float = ALUN_ALUN[1]
    accuracy_m: float = 10.0
    speed_mps: float | None = None
    heading_deg: float | None = None
    battery_percent: int | None = None
    mock: bool = False
    fixed_at: datetime = NOON


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def at(place: tuple[float, float], seconds: float) -> Report:
    return Report(lat=place[0], lon=place[1], fixed_at=after(seconds))


def follow(*reports: Report) -> tuple[list[Verdict], Track]:
    """Judge reports, each at its own time."""
    verdicts, known = [], NEW
    for report in reports:
        verdict, _, known = judge(known, report, report.fixed_at)
        verdicts.append(verdict)
    return verdicts, known


def test_the_first_fix_is_accepted() -> None:
    verdict, fix, known = judge(NEW, Report(speed_mps=4.0, battery_percent=80), NOON)

    assert verdict is Verdict.ACCEPTED
    assert fix == Fix(Position(*ALUN_ALUN, 10.0), NOON, speed_mps=4.0, battery_percent=80)
    assert known.last == fix


@pytest.mark.parametrize(
    ("age_s", "verdict"),
    [
        (track.OLD_S, Verdict.ACCEPTED),
        (track.OLD_S + 0.1, Verdict.OLD),
        (-track.FUTURE_S, Verdict.ACCEPTED),
        (-track.FUTURE_S - 0.1, Verdict.FUTURE),
    ],
)
def test_a_fix_must_be_of_now(age_s: float, verdict: Verdict) -> None:
    assert judge(NEW, Report(), after(age_s))[0] is verdict


def test_a_time_without_a_zone_is_taken_as_utc() -> None:
    naive = Report(fixed_at=NOON.replace(tzinfo=None))

    verdict, fix, _ = judge(NEW, naive, NOON)

    assert verdict is Verdict.ACCEPTED
    assert fix.fixed_at == NOON


def test_an_infinite_speed_is_no_speed() -> None:
    assert judge(NEW, Report(speed_mps=float("inf")), NOON)[1].speed_mps is None


def test_an_overtaken_fix_and_a_repeated_one_change_nothing() -> None:
    verdicts, known = follow(at(ALUN_ALUN, 10), at(ALUN_ALUN, 5), at(ALUN_ALUN, 10))

    assert verdicts == [Verdict.ACCEPTED, Verdict.UNORDERED, Verdict.UNORDERED]
    assert known.last is not None
    assert known.last.fixed_at == after(10)


def test_nobody_is_in_surabaya_five_seconds_later() -> None:
    verdicts, known = follow(at(ALUN_ALUN, 0), at(SURABAYA, 5))

    assert verdicts == [Verdict.ACCEPTED, Verdict.IMPOSSIBLE]
    assert known.last is not None
    assert known.last.position.lat == ALUN_ALUN[0]


def test_a_rough_fix_may_jump_as_far_as_its_circle_is_wide() -> None:
    rough = replace(at(SURABAYA, 5), accuracy_m=100_000.0)

    assert follow(at(ALUN_ALUN, 0), rough)[0] == [Verdict.ACCEPTED, Verdict.ACCEPTED]


def test_one_wild_reading_between_good_ones_is_left_out() -> None:
    verdicts, _ = follow(
        at(ALUN_ALUN, 0), at(SURABAYA, 5), at(ALUN_ALUN, 10), at(SURABAYA, 15), at(ALUN_ALUN, 20)
    )

    assert verdicts == [Verdict.ACCEPTED, Verdict.IMPOSSIBLE] * 2 + [Verdict.ACCEPTED]


def test_after_a_jump_the_third_fix_that_agrees_is_believed() -> None:
    verdicts, known = follow(
        at(ALUN_ALUN, 0), at(SURABAYA, 5), at(SURABAYA, 10), at(SURABAYA, 15), at(SURABAYA, 20)
    )

    assert verdicts == [
        Verdict.ACCEPTED,
        Verdict.IMPOSSIBLE,
        Verdict.IMPOSSIBLE,
        Verdict.ACCEPTED,
        Verdict.ACCEPTED,
    ]
    assert known.last is not None
    assert known.last.position.lon == SURABAYA[1]


@pytest.mark.parametrize("off_s", [600.0, -600.0, 7 * 3600.0, 121.0])
def test_a_phone_whose_clock_is_wrong_is_back_on_the_map_within_half_a_minute(off_s: float) -> None:
    known, verdicts, fixes = NEW, [], []
    for seconds in range(0, 60, 5):
        report = at(ALUN_ALUN, seconds - off_s)
        verdict, fix, known = judge(known, report, after(seconds + seconds % 2))
        verdicts.append(verdict)
        fixes.append(fix)

    wrong = Verdict.OLD if off_s > 0 else Verdict.FUTURE
    assert verdicts[:4] == [wrong] * 4
    assert set(verdicts[5:]) == {Verdict.ACCEPTED}
    assert abs((fixes[-1].fixed_at - after(55)).total_seconds()) <= track.STEADY_S


def test_a_backlog_of_old_fixes_is_not_mistaken_for_a_wrong_clock() -> None:
    known, now = NEW, after(3_600)
    verdicts = []
    for minute in range(30):
        verdict, _, known = judge(known, at(ALUN_ALUN, minute * 60), now + timedelta(seconds=1))
        verdicts.append(verdict)

    assert set(verdicts) == {Verdict.OLD}


def test_a_corrected_clock_is_believed_again() -> None:
    known = NEW
    for seconds in range(0, 60, 5):
        _, _, known = judge(known, at(ALUN_ALUN, seconds - 600), after(seconds))

    verdict, fix, known = judge(known, at(ALUN_ALUN, 60), after(60))

    assert verdict is Verdict.ACCEPTED
    assert fix.fixed_at == after(60)
    assert known.clock is None


@pytest.mark.parametrize(("age_s", "stale"), [(0, False), (120, False), (120.1, True)])
def test_a_position_is_stale_after_two_minutes(age_s: float, stale: bool) -> None:  # noqa: FBT001 - a parameter table
    assert track.is_stale(NOON, after(age_s)) is stale


reports = st.builds(
    Report,
    lat=st.floats(-8, -6.5),
    lon=st.floats(111, 113),
    accuracy_m=st.floats(0, 500),
    fixed_at=st.floats(-400, 400).map(after),
)


@given(st.lists(st.tuples(reports, st.floats(0, 60)), max_size=40))
def test_the_live_position_only_moves_forward_in_time_and_never_faster_than_physics(
    story: list[tuple[Report, float]],
) -> None:
    known, now, jumps = NEW, NOON, 0
    for report, pause_s in story:
        now += timedelta(seconds=pause_s)
        before = known
        verdict, fix, known = judge(known, report, now)
        if verdict is not Verdict.ACCEPTED:
            assert known.last == before.last
            continue
        assert known.last == fix
        age_s = (now - fix.fixed_at).total_seconds()
        assert -track.FUTURE_S <= age_s <= track.OLD_S
        if before.last is not None:
            assert fix.fixed_at > before.last.fixed_at
            jumps += not track.is_possible(before.last, fix)
    assert jumps <= len(story) / track.AGREEING


@given(st.lists(reports, max_size=10), st.floats(111, 113))
def test_whatever_came_before_a_standing_phone_is_soon_shown_where_it_is(
    wild: list[Report], lon: float
) -> None:
    known, now = NEW, NOON
    for report in wild:
        _, _, known = judge(known, report, now)
    begin = now + timedelta(seconds=track.FUTURE_S)

    # From when every wild fix lies in the past it takes no more than AGREEING fixes.
    for second in range(1, track.AGREEING + 1):
        now = begin + timedelta(seconds=second)
        _, _, known = judge(known, Report(lon=lon, fixed_at=now), now)

    assert known.last is not None
    assert distance_m(known.last.position, Position(ALUN_ALUN[0], lon)) <= 180 + 500 + 10
