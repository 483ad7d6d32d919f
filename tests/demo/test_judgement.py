"""A simulated operator is slow, touches only simulated alarms, and keeps them few."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cas_server.demo import judgement
from cas_server.demo.judgement import MOST_OPEN, Deed, Mandate
from cas_server.demo.shapes import Alarm, By, Cancelling, Reporter, Responder

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
MANDATE = Mandate(simulated=frozenset({"warga"}), own=frozenset({"clerk"}))


def alarm(age_s: float, number: int = 1, **facts: Any) -> Alarm:
    """A simulated alarm that was raised so long ago."""
    known: dict[str, Any] = {
        "id": f"alarm-{number}",
        "raised_at": _ago(age_s),
        "demo": True,
        "reporter": Reporter("warga"),
        "satuan_path": "polres/polsek-dander/",
        "acknowledged": None,
        "unanswered_at": None,
        "cancelled": None,
        "responders": [],
    }
    return Alarm(**(known | facts))


def _ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def _deeds(*alarms: Alarm) -> list[tuple[Deed, str]]:
    return [(deed, each.id) for deed, each in judgement.deeds(alarms, MANDATE, NOW)]


ACKNOWLEDGED = By("clerk", _ago(100))
BY_A_HUMAN = By("visitor", _ago(100))
ARRIVED = [Responder("on_scene", _ago(200))]


@pytest.mark.parametrize(
    "someone_elses",
    [
        alarm(5_000, demo=False),
        alarm(5_000, reporter=Reporter("visitor")),
        alarm(5_000, reporter=Reporter(None)),
    ],
)
def test_an_alarm_of_anybody_else_is_left_alone(someone_elses: Alarm) -> None:
    assert _deeds(someone_elses) == []


def test_a_human_has_the_first_chance_to_acknowledge() -> None:
    assert _deeds(alarm(44)) == []
    assert _deeds(alarm(91)) == [(Deed.ACKNOWLEDGE, "alarm-1")]


def test_an_alarm_that_rings_again_is_seen_again() -> None:
    rings = alarm(300, acknowledged=ACKNOWLEDGED, unanswered_at=_ago(95))

    assert _deeds(rings) == [(Deed.ACKNOWLEDGE, "alarm-1")]


def test_an_alarm_ends_some_time_after_somebody_came() -> None:
    just_there = [Responder("on_scene", _ago(30))]

    assert _deeds(alarm(400, acknowledged=ACKNOWLEDGED, responders=just_there)) == []
    attended = alarm(400, acknowledged=ACKNOWLEDGED, responders=ARRIVED)
    assert _deeds(attended) == [(Deed.CLOSE, "alarm-1")]
    assert judgement.verdict(attended) == judgement.verdict(attended)


def test_an_alarm_taken_back_is_closed_as_a_mistake() -> None:
    taken_back = alarm(80, cancelled=Cancelling(_ago(61), duress=False))

    assert _deeds(taken_back) == [(Deed.CLOSE, "alarm-1")]
    assert judgement.verdict(taken_back).disposition == "false_accidental"


def test_an_alarm_taken_back_under_threat_is_no_mistake() -> None:
    threatened = alarm(130, cancelled=Cancelling(_ago(95), duress=True))

    assert _deeds(threatened) == [(Deed.ACKNOWLEDGE, "alarm-1")]


def test_an_alarm_to_which_nobody_comes_is_handed_over_in_the_end() -> None:
    deserted = alarm(901, acknowledged=ACKNOWLEDGED)

    assert _deeds(deserted) == [(Deed.CLOSE, "alarm-1")]
    assert judgement.verdict(deserted).disposition == "handed_over"


def test_what_a_human_has_taken_on_stays_open_much_longer() -> None:
    assert _deeds(alarm(400, acknowledged=BY_A_HUMAN, responders=ARRIVED)) == []
    forgotten = alarm(1_800, acknowledged=BY_A_HUMAN, responders=ARRIVED)
    assert _deeds(forgotten) == [(Deed.CLOSE, "alarm-1")]


def test_too_many_open_alarms_end_the_oldest() -> None:
    crowd = [
        alarm(200 - number, number, acknowledged=ACKNOWLEDGED) for number in range(MOST_OPEN + 2)
    ]

    assert _deeds(*crowd) == [(Deed.CLOSE, "alarm-0"), (Deed.CLOSE, "alarm-1")]
