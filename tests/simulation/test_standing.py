"""A moment in which all is well, spoilt in one place after another: each rule notices."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from tests.simulation.picture import Alarm, Book, Duty, Line, Offer, Picture, Promised, Responder
from tests.simulation.standing import _RULES, findings

ALARM, OFFER, OTHER, BUDI, SITI = (UUID(int=number) for number in range(1, 6))
change = msgspec.structs.replace

CALLED = Alarm(
    id=ALARM, status="accepted", version=3, print=1, reporter_role="masyarakat", placed=True,
    call_held=False, climbed=0, climb_s=30.0, closed=False, merged=False, cancelled=False,
    duress=False, acknowledged=False, unanswered=False,
)  # fmt: skip
TAKEN = Offer(
    id=OFFER, alarm_id=ALARM, personil_id=BUDI, ring=1, state="accepted", print=1, at_s=0.0,
    expires_s=20.0, receive_by_s=5.0, answered_s=3.0, received=True, unreached=False,
)  # fmt: skip
ASKED = change(TAKEN, id=OTHER, personil_id=SITI, state="open", answered_s=None)
LEADS = Responder(ALARM, BUDI, "primary", "accepted", 1, 3.0, None, reported=False)
BOUND = Duty(BUDI, "busy", ALARM)
PUSH = Promised(1, "push.device", 1, {}, 0.0)
TOLD = (
    ("alarm.raised", None, None), ("offer.made", OFFER, BUDI), ("offer.made", OTHER, SITI),
    ("offer.received", OFFER, BUDI), ("offer.received", OTHER, SITI),
    ("offer.accepted", OFFER, BUDI),
)  # fmt: skip
WELL = Picture(
    alarms=(CALLED,), offers=(TAKEN, ASKED), responders=(LEADS,),
    duty=(BOUND, Duty(SITI, "available", None)), places=((BUDI, False), (SITI, True)),
    jobs=(PUSH,),
)  # fmt: skip


def book(*more: str) -> Book:
    """The journal of that moment; `more` are lines of the alarm itself."""
    lines = [*TOLD, *((kind, None, None) for kind in more)]
    read = Book()
    read.read(tuple(Line(n, kind, ALARM, offer, who)
                    for n, (kind, offer, who) in enumerate(lines, start=1)))  # fmt: skip
    return read


def alarm(**facts: Any) -> Picture:
    return change(WELL, alarms=(change(CALLED, **facts),))


def taken(**facts: Any) -> Picture:
    return change(WELL, offers=(change(TAKEN, **facts), ASKED))


def leads(**facts: Any) -> Picture:
    return change(WELL, responders=(change(LEADS, **facts),))


RELEASED = Responder(ALARM, BUDI, "primary", "released", 1, 3.0, 9.0, reported=False)
SPOILT: dict[str, tuple[Picture, Book]] = {
    "two primaries": (change(WELL, responders=(LEADS, change(LEADS, personil_id=SITI))), book()),
    "nobody leads": (leads(part="backup"), book()),
    "offered twice": (change(WELL, offers=(TAKEN, ASKED, change(ASKED, id=BUDI))), book()),
    "still asks": (alarm(status="resolved", closed=True), book("alarm.closed")),
    "keeps officers": (alarm(merged=True), book("alarm.merged")),
    "is still asked": (change(WELL, offers=(TAKEN, change(ASKED, personil_id=BUDI))), book()),
    "has no end": (taken(answered_s=None), book()),
    "after the deadline": (taken(answered_s=20.0), book()),
    "before its deadline": (taken(state="expired", answered_s=19.0), book()),
    "waits longer": (taken(receive_by_s=5.1), book()),
    "as far as its furthest": (leads(state="on_scene"), book()),
    "forgotten": (change(alarm(status="raised"), offers=(), responders=()), book()),
    "climbs to nobody": (alarm(climb_s=None), book()),
    "bound to an alarm": (change(WELL, responders=(RELEASED,)), book()),
    "has reported": (leads(reported=True), book()),
    "busy without": (change(WELL, duty=(change(BOUND, alarm_id=None),)), book()),
    "the map": (change(WELL, places=((BUDI, True),)), book()),
    "tells of an offer": (taken(received=False), book()),
    "tells of a responder": (leads(state="en_route"), book()),
    "tells of an alarm": (alarm(duress=True), book()),
    "tried more often": (change(WELL, jobs=(change(PUSH, attempts=9),)), book()),
}


def test_nothing_is_found_where_all_is_well() -> None:
    assert list(findings(WELL, book())) == []


@pytest.mark.parametrize("rule", _RULES)
def test_each_rule_is_broken_by_what_it_forbids(rule: str) -> None:
    [(picture, told)] = [case for words, case in SPOILT.items() if words in rule]

    assert rule in findings(picture, told)
