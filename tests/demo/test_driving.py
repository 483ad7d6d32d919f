"""A simulated car obeys physics, keeps to its beat, and gets where it is called."""

from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from cas_server.demo import beat, driving, receiver
from cas_server.demo.driving import Motion
from cas_server.kit.clock import utc_now
from cas_server.kit.geo import Position, distance_m
from cas_server.presence import track
from cas_server.presence.track import Verdict
from cas_server.presence.views import FixView

HOME = Position(-7.224739, 111.833550)
ROAD_ASIDE_M = 900.0

seeds = st.integers(0, 10_000)
pauses_s = st.lists(st.floats(0.2, 90.0), min_size=1, max_size=40)
metres = st.floats(-6_000, 6_000)


@given(seed=seeds, elapsed_s=pauses_s, north_m=metres, east_m=metres)
@settings(max_examples=60, deadline=None)
def test_the_server_drops_no_fix_of_a_car_that_drives(
    seed: int, elapsed_s: list[float], north_m: float, east_m: float
) -> None:
    chance = Random(seed)  # noqa: S311 - repeatable
    goal = driving.shifted(HOME, east_m, north_m)
    motion, phone, now = Motion(HOME), receiver.Receiver(), utc_now()
    memory = track.NEW

    verdicts = []
    for seconds in elapsed_s:
        now += timedelta(seconds=seconds)
        motion = driving.drive(motion, goal, driving.FASTEST_MPS, seconds, chance)
        reading, phone = receiver.read(phone, motion, seconds, chance)
        verdict, _, memory = track.judge(memory, _as_fix(reading, now), now)
        verdicts.append(verdict)

    assert set(verdicts) == {Verdict.ACCEPTED}


@given(seed=seeds, elapsed_s=pauses_s, top_mps=st.floats(1, 60))
@settings(max_examples=60, deadline=None)
def test_no_car_is_faster_than_physics_or_brakes_harder(
    seed: int, elapsed_s: list[float], top_mps: float
) -> None:
    chance = Random(seed)  # noqa: S311 - repeatable
    motion, goal = Motion(HOME), driving.shifted(HOME, 4_000, -3_000)

    for seconds in elapsed_s:
        before, motion = motion, driving.drive(motion, goal, top_mps, seconds, chance)

        driven_s = min(seconds, driving.LONGEST_S)
        assert 0 <= motion.speed_mps <= min(top_mps, driving.FASTEST_MPS) + driving.CRAWL_MPS
        assert motion.speed_mps - before.speed_mps <= driving.ACCELERATE_MPS2 * driven_s + 1e-6
        assert before.speed_mps - motion.speed_mps <= driving.BRAKE_MPS2 * driven_s + 1e-6
        assert distance_m(before.at, motion.at) <= driving.FASTEST_MPS * driven_s + 1


@given(seed=seeds, north_m=metres, east_m=metres, heading_deg=st.floats(0, 360))
@settings(max_examples=60, deadline=None)
def test_a_called_car_arrives_and_stands_there(
    seed: int, north_m: float, east_m: float, heading_deg: float
) -> None:
    chance = Random(seed)  # noqa: S311 - repeatable
    goal = driving.shifted(HOME, east_m, north_m)
    motion = Motion(HOME, heading_deg, speed_mps=12.0)
    # Half of town speed all the way, and a minute for the corners.
    enough_s = distance_m(HOME, goal) / 7 + 60

    driven_s = 0.0
    while not driving.has_arrived(motion, goal) and driven_s < enough_s:
        motion = driving.drive(motion, goal, 14.0, 4.0, chance)
        driven_s += 4.0

    assert driving.has_arrived(motion, goal)
    stood = driving.drive(motion, goal, 14.0, 30.0, chance)
    assert distance_m(stood.at, motion.at) < 1


@given(seed=seeds, sharing=st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_a_patrol_stays_near_home(seed: int, sharing: int) -> None:
    chance = Random(seed)  # noqa: S311 - repeatable
    ground = beat.beat_of(HOME, sharing, chance)
    motion = beat.start(ground, chance)
    goal = beat.next_goal(ground, motion, chance)

    for _ in range(400):
        motion = driving.drive(motion, goal, 12.0, 4.0, chance)
        if driving.has_arrived(motion, goal):
            goal = beat.next_goal(ground, motion, chance)

        assert distance_m(HOME, motion.at) <= beat.radius_m(sharing) + ROAD_ASIDE_M


@given(seed=seeds)
@settings(max_examples=20, deadline=None)
def test_a_patrol_drives_at_town_speed_and_also_stands(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - repeatable
    ground = beat.beat_of(HOME, 3, chance)
    motion = beat.start(ground, chance)
    driven_m = 0.0

    for _ in range(10):
        goal = beat.next_goal(ground, motion, chance)
        while not driving.has_arrived(motion, goal):
            before, motion = motion, driving.drive(motion, goal, 10.0, 4.0, chance)
            driven_m += distance_m(before.at, motion.at)
    stays = [beat.stay(chance).seconds for _ in range(500)]

    assert driven_m > 1_000
    assert 10 < sum(stays) / len(stays) < 90


@given(seed=seeds, elapsed_s=pauses_s)
@settings(max_examples=40, deadline=None)
def test_a_receiver_is_off_by_no_more_than_it_admits(seed: int, elapsed_s: list[float]) -> None:
    chance = Random(seed)  # noqa: S311 - repeatable
    phone = receiver.Receiver(battery=16.0)

    for seconds in elapsed_s:
        reading, phone = receiver.read(phone, Motion(HOME), seconds, chance)

        assert distance_m(HOME, reading.at) <= reading.at.accuracy_m + 1
        assert 0 <= reading.battery_percent <= 100
        assert reading.heading_deg is None


def _as_fix(reading: receiver.Reading, now: datetime) -> FixView:
    return FixView(
        lat=reading.at.lat,
        lon=reading.at.lon,
        accuracy_m=reading.at.accuracy_m,
        speed_mps=reading.speed_mps,
        heading_deg=reading.heading_deg,
        battery_percent=reading.battery_percent,
        fixed_at=now,
    )
