"""Places on the earth, and ids in the order of time."""

import math
from uuid import RFC_4122

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cas_server.kit.clock import utc_now
from cas_server.kit.geo import EARTH_RADIUS_M, Position, bearing_deg, distance_m
from cas_server.kit.ids import new_id
from cas_server.kit.wire import Place

places = st.builds(Position, st.floats(-90, 90), st.floats(-180, 180))
HALF_AROUND_M = math.pi * EARTH_RADIUS_M


@given(places, places)
def test_a_distance_is_the_same_both_ways_and_never_further_than_half_around(
    one: Position, other: Position
) -> None:
    there = distance_m(one, other)

    assert there == pytest.approx(distance_m(other, one), abs=1e-3)
    assert 0 <= there <= HALF_AROUND_M + 1e-3
    assert distance_m(one, one) == 0


@given(places, places, places)
def test_no_detour_is_shorter(one: Position, other: Position, third: Position) -> None:
    assert distance_m(one, other) <= distance_m(one, third) + distance_m(third, other) + 1


def test_a_distance_everybody_can_check() -> None:
    bojonegoro, surabaya = Position(-7.1502, 111.8817), Position(-7.2575, 112.7521)

    assert distance_m(bojonegoro, surabaya) == pytest.approx(96_700, rel=0.005)


@pytest.mark.parametrize(
    ("lat", "lon", "degrees"), [(1, 0, 0), (0, 1, 90), (-1, 0, 180), (0, -1, 270)]
)
def test_bearings_turn_clockwise_from_north(lat: float, lon: float, degrees: float) -> None:
    assert bearing_deg(Position(0, 0), Position(lat, lon)) == pytest.approx(degrees)


@given(places, places)
def test_a_bearing_is_an_angle(one: Position, other: Position) -> None:
    assert 0 <= bearing_deg(one, other) <= 360


@pytest.mark.parametrize(("lat", "lon"), [(91, 0), (-90.1, 0), (0, 181), (math.nan, 0)])
def test_a_place_that_is_not_on_the_earth_is_none(lat: float, lon: float) -> None:
    with pytest.raises(ValueError, match="not on the earth"):
        Position(lat, lon)


@given(places)
def test_a_place_on_the_wire_is_the_place_it_was(place: Position) -> None:
    assert Place.of(place).position() == place


def test_ids_are_new_and_in_the_order_of_time() -> None:
    ids = [new_id() for _ in range(2_000)]

    assert len(set(ids)) == len(ids)
    milliseconds = [id_.int >> 80 for id_ in ids]
    assert milliseconds == sorted(milliseconds)
    assert {(id_.version, id_.variant) for id_ in ids} == {(7, RFC_4122)}
    assert abs(milliseconds[-1] - utc_now().timestamp() * 1000) < 60_000
