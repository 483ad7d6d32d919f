"""What makes a press doubtful, how late it is, and what becomes of many from one network."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cas_server.alarm.shaping import (
    CALLS_EVERYWHERE,
    CALLS_PER_NETWORK,
    ENTRIES_EVERYWHERE,
    ENTRIES_PER_NETWORK,
    Way,
    way_of_all,
    way_of_network,
)
from cas_server.alarm.suspicion import Facts, judge
from cas_server.alarm.timing import Timing, timing
from cas_server.identity.views import Verification
from cas_server.kit.network import network_of

NOW = datetime(2026, 3, 1, 13, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

facts = st.builds(
    Facts,
    verification=st.sampled_from(Verification),
    badly_signed=st.booleans(),
    malicious_before=st.integers(0, 5),
    mock_location=st.booleans(),
    accounts_on_device=st.integers(0, 9),
    unverified_from_network=st.integers(0, 50),
    clock_wrong=st.booleans(),
)


@given(facts)
def test_there_is_a_level_exactly_when_there_is_a_reason(known: Facts) -> None:
    suspicion = judge(known)

    assert (suspicion.level > 0) == bool(suspicion.reasons)


@given(facts)
def test_proof_never_makes_a_press_more_doubtful(known: Facts) -> None:
    def of(verification: Verification) -> int:
        changed = {name: getattr(known, name) for name in known.__slots__}
        return judge(Facts(**(changed | {"verification": verification}))).level

    assert of(Verification.VERIFIED) <= of(Verification.UNVERIFIED)


def test_an_unsigned_press_of_a_known_account_is_not_doubted_for_that() -> None:
    assert judge(Facts(Verification.BEARER)).reasons == []


@pytest.mark.parametrize(
    ("pressed", "sent", "expected"),
    [
        (-MINUTE, timedelta(), Timing()),
        (-30 * MINUTE, timedelta(), Timing(late_s=1_800)),
        (-30 * MINUTE, -10 * MINUTE, Timing(late_s=1_800)),
        (timedelta(days=3), timedelta(days=3), Timing(clock_off_s=-259_200)),
        (timedelta(days=-3), timedelta(days=-3), Timing(clock_off_s=259_200)),
        (timedelta(days=3) - 5 * MINUTE, timedelta(days=3), Timing(300, -259_200)),
        (5 * MINUTE, 4 * MINUTE, Timing()),
        (-30 * MINUTE, None, Timing(late_s=1_800)),
        (None, -30 * MINUTE, Timing(late_s=1_800)),
        (None, None, Timing()),
    ],
)
def test_how_late_a_press_is(
    pressed: timedelta | None, sent: timedelta | None, expected: Timing
) -> None:
    found = timing(
        NOW,
        None if pressed is None else NOW + pressed,
        None if sent is None else NOW + sent,
    )

    assert found == expected


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_no_clock_makes_a_lateness_that_cannot_be_stored(one: datetime, other: datetime) -> None:
    found = timing(NOW, one, other)

    assert all(s is None or -(2**31) <= s < 2**31 for s in (found.late_s, found.clock_off_s))
    assert found.late_s is None or found.late_s > 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("::ffff:203.0.113.5", "203.0.113.0/24"),
        ("", "unknown"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_counts_for_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_the_first_of_a_network_call_then_they_wait_for_the_desk_then_they_are_folded() -> None:
    ways = [way_of_network(n) for n in range(1, ENTRIES_PER_NETWORK + 3)]

    assert ways == (
        [Way.CALL] * CALLS_PER_NETWORK
        + [Way.HOLD] * (ENTRIES_PER_NETWORK - CALLS_PER_NETWORK)
        + [Way.FOLD] * 2
    )


def test_a_flood_that_is_spread_over_networks_is_shaped_all_the_same() -> None:
    assert way_of_all(Way.CALL, 31, CALLS_EVERYWHERE) is Way.CALL
    assert way_of_all(Way.CALL, 31, CALLS_EVERYWHERE + 1) is Way.HOLD
    assert way_of_all(Way.CALL, ENTRIES_EVERYWHERE + 1, 1) is Way.FOLD


@given(st.sampled_from(Way), st.integers(1, 500), st.integers(1, 500))
def test_a_flood_elsewhere_never_lets_through_what_its_own_network_holds(
    own: Way, nth_entry: int, nth_call: int
) -> None:
    order = [Way.CALL, Way.HOLD, Way.FOLD]

    assert order.index(way_of_all(own, nth_entry, nth_call)) >= order.index(own)
